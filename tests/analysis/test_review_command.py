"""`review` and `paragraphs` on the command line."""

import json
from pathlib import Path

import pytest

from analysis.cli import main
from analysis.exclusions import Rules
from analysis.paragraphs import paragraphs
from analysis.review import review
from analysis.tables import long_csv, review_json
from tests.analysis.studies import study
from tests.analysis.test_review import PAPER


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "answers.csv"
    path.write_text(long_csv(PAPER), encoding="utf-8")
    return path


def test_review_prints_every_section(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", str(table), "--draws", "100"]) == 0
    told = capsys.readouterr().out
    for words in (
        "21 volunteers, 20 trials, 420 answers.", "21 sessions answered at least one trial.", "t(20) = ",
        "permutation    p <= 1e-12", "as if all answers were independent", "choice among 3, no bias",
        "Kripp. alpha", "chi-square(2) = ", "odds x ", "per play", "right/wrong ",
        "The mixed model was not asked for",
    ):  # fmt: skip
        assert words in told


def test_review_as_json_is_that_of_the_library_with_the_rules(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text('{"median_ms_at_least": 2100}')
    assert main(["review", str(table), "--json", "--draws", "60", "--seed", "4", "--rules", str(rules)]) == 0
    expected = review_json(review(PAPER, draws=60, seed=4, exclusions=Rules(median_ms_at_least=2100)))
    assert json.loads(capsys.readouterr().out) == expected


def test_review_of_little_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(long_csv(study(["0140"], "0140")), encoding="utf-8")
    assert main(["review", str(path)]) == 0
    told = capsys.readouterr().out
    assert "A t test over volunteers needs at least two volunteers." in told
    assert "The table does not tell which place on the screen was chosen." in told
    assert " nan" not in told


def test_paragraphs_as_text_and_as_json(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expected = paragraphs(review(PAPER, draws=60))
    assert main(["paragraphs", str(table), "--draws", "60"]) == 0
    assert capsys.readouterr().out == f"Methods\n\n{expected.methods}\n\nResults\n\n{expected.results}\n"
    assert main(["paragraphs", str(table), "--draws", "60", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "methods": expected.methods,
        "results": expected.results,
    }


def test_an_unknown_rule_ends_with_status_2(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text('{"median": 2}')
    assert main(["review", str(table), "--rules", str(rules)]) == 2
    assert "There is no rule 'median'" in capsys.readouterr().err
