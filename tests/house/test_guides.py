"""The recipes that the guides show give the numbers of the product."""

import re
from pathlib import Path

import pytest

from analysis import Answer, summarise
from analysis.tables.long import long_csv

CHOICES = {"anna": "rrwr", "ben": "rwwr", "chen": "rr"}  # right and wrong; chen left after two trials
CLASSES = ("0", "1", "4")


def answers() -> list[Answer]:
    return [
        Answer(
            session=session,
            trial=trial,
            options=CLASSES,
            truth=CLASSES[trial % 3],
            choice=CLASSES[(trial + (mark == "w")) % 3],
            order=trial,
            position=0,
            response_ms=900,
            plays=1,
            session_complete=len(marks) == 4,
        )
        for session, marks in CHOICES.items()
        for trial, mark in enumerate(marks, start=1)
    ]


def test_the_pandas_recipe_gives_accuracy_and_sigma(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    guide = (repository / "docs" / "analyst.md").read_text()
    (recipe,) = re.findall(r"^```python\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)
    (tmp_path / "answers.csv").write_text(long_csv(answers()))
    monkeypatch.chdir(tmp_path)
    exec(compile(recipe, "docs/analyst.md", "exec"), {})
    printed = [float(number) for number in capsys.readouterr().out.split()]
    summary = summarise(answers())
    assert printed == pytest.approx([summary.accuracy, summary.sigma])
    assert printed == pytest.approx([0.625, 0.125])
