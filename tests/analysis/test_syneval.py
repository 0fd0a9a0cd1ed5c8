"""Evaluations made with SynEval: their script's numbers where those are right, and a note where not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.cli import main
from analysis.summary import summarise
from analysis.syneval.notes import notes
from analysis.syneval.reading import SynEvalRefused, read
from analysis.tables import read_long_csv

CLASSES = ["0", "1", "4"]
Choices = dict[str, list[Any]]


def config(tasks: int = 20, classes: list[str] | None = None, seed: int = 2) -> dict[str, Any]:
    names = classes or CLASSES
    rng = np.random.default_rng(seed)
    return {
        "name": "Digits",
        "classes": names,
        "examples": [0, 1, 2],
        "tasks": [
            {"truth": int(rng.integers(len(names))), "options": [100 * n + k for k in range(len(names))]}
            for n in range(1, tasks + 1)
        ],
    }


def chosen(setup: dict[str, Any], evaluators: int = 11, right: float = 0.73, seed: int = 5) -> Choices:
    rng = np.random.default_rng(seed)

    def choice(task: dict[str, Any]) -> int:
        place = task["truth"] if rng.random() < right else rng.integers(len(task["options"]))
        return int(task["options"][int(place)])

    return {f"evaluator{n:02}": [choice(task) for task in setup["tasks"]] for n in range(evaluators)}


def written(folder: Path, setup: object, choices: Choices) -> tuple[Path, Path]:
    (folder / "config.json").write_text(json.dumps(setup))
    (folder / "results").mkdir()
    for name, content in choices.items():
        (folder / "results" / f"{name}.json").write_text(json.dumps(content))
    return folder / "config.json", folder / "results"


def counts_of(setup: dict[str, Any], choices: Choices) -> NDArray[np.float64]:
    """How often each stored option was chosen in each task, over complete evaluations."""
    whole = [row for row in choices.values() if None not in row]
    return np.array(
        [
            [sum(row[n] == option for row in whole) for option in task["options"]]
            for n, task in enumerate(setup["tasks"])
        ],
        dtype=float,
    )


def kappa_by_definition(counts: NDArray[np.float64]) -> float:
    """Fleiss (1971), equations 1 to 7, in floats and in the order of the text."""
    n = counts[0].sum()
    shares = counts.sum(axis=0) / counts.sum()
    agreement = ((counts**2).sum(axis=1) - n) / (n * (n - 1))
    return float((agreement.mean() - (shares**2).sum()) / (1 - (shares**2).sum()))


def test_accuracy_deviation_and_kappa_are_the_scripts(tmp_path: Path) -> None:
    setup = config()
    choices = chosen(setup)
    summary = summarise(read(*written(tmp_path, setup, choices)).answers())
    truths = [task["options"][task["truth"]] for task in setup["tasks"]]
    accuracies = np.array([np.mean([a == b for a, b in zip(row, truths)]) for row in choices.values()])  # noqa: B905
    assert summary.accuracy == pytest.approx(accuracies.mean(), abs=1e-12)
    assert summary.sigma == pytest.approx(accuracies.std(), abs=1e-12)
    assert summary.kappa == pytest.approx(kappa_by_definition(counts_of(setup, choices)), abs=1e-12)


def test_what_they_print_per_class_is_our_precision(tmp_path: Path) -> None:
    setup = config()
    choices = chosen(setup)
    evaluation = read(*written(tmp_path, setup, choices))
    summary = summarise(evaluation.answers())
    counts = counts_of(setup, choices)
    for index, score in enumerate(summary.classes):
        ours = [n for n, task in enumerate(setup["tasks"]) if task["truth"] == index]
        assert score.precision == pytest.approx(counts[ours, index].sum() / counts[:, index].sum())
    (said,) = [note for note in notes(evaluation, summary) if "accuracy per class" in note]
    assert "that is precision" in said


def test_unfinished_evaluations_are_left_out_and_named(tmp_path: Path) -> None:
    setup = config()
    choices = chosen(setup)
    choices["late"] = [*choices["evaluator00"][:5], *[None] * 15]
    evaluation = read(*written(tmp_path, setup, choices))
    assert evaluation.unfinished == ("late",)
    summary = summarise(evaluation.answers())
    assert (len(summary.volunteers), summary.unfinished_sessions) == (11, 1)
    assert summary.kappa == pytest.approx(kappa_by_definition(counts_of(setup, choices)), abs=1e-12)
    assert "1 unfinished evaluation (late)" in " ".join(notes(evaluation, summary))


def test_evaluations_that_are_all_unfinished_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    setup = config()
    paths = written(tmp_path, setup, {f"e{n}": [None] * 20 for n in range(3)})
    assert main(["syneval", *map(str, paths)]) == 2
    assert "All 3 evaluations are unfinished" in capsys.readouterr().err


def test_one_evaluator_and_four_classes_are_told(tmp_path: Path) -> None:
    setup = config(tasks=12, classes=["a", "b", "c", "d"])
    evaluation = read(*written(tmp_path, setup, chosen(setup)))
    said = " ".join(notes(evaluation, summarise(evaluation.answers())))
    assert "the script counts three options and stops at these 4" in said
    assert "plot can only draw 20 tasks" in said


def test_where_the_script_prints_nan_we_say_why(tmp_path: Path) -> None:
    setup = config()
    evaluation = read(*written(tmp_path, setup, chosen(setup, evaluators=1)))
    said = " ".join(notes(evaluation, summarise(evaluation.answers())))
    assert "the script prints nan. Kappa compares volunteers with each other" in said


def test_agreement_on_wrong_options_is_told_apart(tmp_path: Path) -> None:
    setup = config(tasks=2)
    rows = [[task["options"][(task["truth"] + 1) % 3] for task in setup["tasks"]]] * 3
    evaluation = read(*written(tmp_path, setup, {f"e{n}": row for n, row in enumerate(rows)}))
    assert "wrong options too: task 1, 2" in " ".join(notes(evaluation, summarise(evaluation.answers())))


def test_the_command_prints_json_and_writes_the_long_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    setup, table = config(), tmp_path / "answers.csv"
    paths = written(tmp_path, setup, chosen(setup))
    assert main(["syneval", *map(str, paths), "--json", "-o", str(table)]) == 0
    content = json.loads(capsys.readouterr().out)
    assert (content["answers"], content["syneval"]["name"]) == (220, "Digits")
    assert summarise(read_long_csv(table)).accuracy == content["accuracy"]
    assert main(["syneval", *map(str, paths)]) == 0
    assert "Beside SynEval's own script" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"classes": ["a"]}, "'classes' needs at least two names"),
        ({"classes": "abc"}, "'classes' is not a list of names"),
        ({"tasks": []}, "'tasks' is not a list of tasks"),
        ({"tasks": [{"truth": 0, "other": [1, 2]}]}, "SynEval's first version"),
        ({"tasks": [{"truth": 3, "options": [1, 2, 3]}]}, "the 'truth' of task 1 is 3"),
        ({"tasks": [{"truth": True, "options": [1, 2, 3]}]}, "the 'truth' of task 1 is True"),
        ({"tasks": [{"truth": 0, "options": [1, 2]}]}, "task 1 has 2 options for 3 classes"),
        ({"tasks": [{"truth": 0, "options": [1, 1, 2]}]}, "task 1 offers an id twice"),
        ({"tasks": [7]}, "task 1 is not an object"),
    ],
)
def test_a_configuration_that_is_none_is_refused(
    tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    paths = written(tmp_path, config() | change, {})
    with pytest.raises(SynEvalRefused, match=r"config\.json can't be used") as caught:
        read(*paths)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"a": 1}, "it is not a list of chosen ids"),
        ([100, 200], "it has 2 choices for 20 tasks"),
        ([999, *[None] * 19], "in task 1 it chose 999, but 100, 101, 102 were offered"),
        (["100", *[None] * 19], "in task 1 it chose '100'"),
    ],
)
def test_bad_results_are_named(tmp_path: Path, content: Any, sentence: str) -> None:
    setup = config()
    paths = written(tmp_path, setup, chosen(setup) | {"bad": content})
    with pytest.raises(SynEvalRefused, match=r"bad\.json can't be used") as caught:
        read(*paths)
    assert sentence in str(caught.value)
    assert "nothing was counted" in str(caught.value)


def test_files_that_are_not_json_and_empty_folders_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, results = written(tmp_path, config(), {})
    assert main(["syneval", str(path), str(results)]) == 2
    assert "has no results (*.json)" in capsys.readouterr().err
    (results / "x.json").write_text("[1,")
    assert main(["syneval", str(path), str(results)]) == 2
    assert "x.json is not JSON" in capsys.readouterr().err
    assert main(["syneval", str(path), str(tmp_path / "nowhere")]) == 2
    assert main(["syneval", str(tmp_path / "no.json"), str(results)]) == 2
