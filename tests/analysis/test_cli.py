"""The command line as an analyst uses it, in a process of its own and in ours."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analysis import Answer, summarise
from analysis.cli import main
from analysis.tables import long_csv, summary_object
from tests.analysis.studies import DIGITS, simulated

ANSWERS = simulated(5, 4)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "answers.csv"
    path.write_text(long_csv(ANSWERS), encoding="utf-8")
    return path


def test_summarise_prints_the_summary_as_one_json_object(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["summarise", str(table), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == summary_object(summarise(ANSWERS))


@pytest.mark.parametrize(
    "arguments", [["tables"], ["figure2"], ["figure", "volunteers"], ["figure", "learning"]], ids=" ".join
)
def test_every_command_that_counts_takes_the_rules(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hasty = [replace(answer, session="hasty", response_ms=100) for answer in ANSWERS[:4]]
    table, rules = tmp_path / "answers.csv", tmp_path / "rules.json"
    table.write_text(long_csv([*ANSWERS, *hasty]))
    rules.write_text('{"median_ms_at_least": 1000}')
    out = tmp_path / ("folder" if arguments == ["tables"] else "figure.svg")
    told = [*arguments, str(table), "--rules", str(rules), "-o", str(out)]
    assert main(told) == 0
    if arguments == ["tables"]:
        assert json.loads((out / "summary.json").read_text())["volunteers"] == 5
    else:
        drawn = capsys.readouterr().out
        assert main([*arguments, str(write(tmp_path / "alone.csv")), "-o", str(out)]) == 0
        assert capsys.readouterr().out == drawn


def write(path: Path) -> Path:
    path.write_text(long_csv(ANSWERS))
    return path


def test_the_module_runs_as_a_program(table: Path, repository: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "analysis", "summarise", str(table), "--json"],
        cwd=repository,
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["accuracy"] == summarise(ANSWERS).accuracy


def test_importing_the_package_loads_neither_scipy_nor_matplotlib(repository: Path) -> None:
    code = "import sys, analysis; print(sorted({'numpy', 'scipy', 'matplotlib', 'PIL'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=repository, capture_output=True, check=True)
    assert done.stdout.decode().strip() == "[]"


def test_summarise_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(long_csv([Answer("s", 1, DIGITS, "0", "0")]), encoding="utf-8")
    assert main(["summarise", str(path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "1 volunteer, 1 trial, 1 answer. All sessions with answers were finished.",
        "",
        "accuracy       1.000   (chance 0.333)",
        "95 % interval  This interval resamples volunteers and trials and needs two of each; "
        "there are 1 and 1.",
        "95 %, t        An interval over volunteers needs at least two volunteers.",
        "sigma          0.000   (dividing by n)",
        "sigma, n - 1   A standard deviation dividing by n - 1 needs at least two volunteers.",
        "Fleiss' kappa  Kappa compares volunteers with each other; there is only one answer per trial.",
        "unanimous      no trial",
        "",
        "class  recall  precision",
        "0       1.000      1.000",
        "1           -          -",
        "4           -          -",
        "No answered trial had '1' as its truth, so it has no recall.",
        "Nobody chose '1', so it has no precision.",
        "No answered trial had '4' as its truth, so it has no recall.",
        "Nobody chose '4', so it has no precision.",
    ]


def test_tables_writes_three_files(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "tables"
    assert main(["tables", str(table), "-o", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["summary.json", "trials.csv", "wide.csv"]
    assert json.loads((out / "summary.json").read_text("utf-8"))["answers"] == 20


def test_figure2_writes_the_chart_and_says_what_it_shows(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "figure2.svg"
    assert main(["figure2", str(table), "-o", str(out)]) == 0
    assert capsys.readouterr().out.startswith("Bar chart of what 5 volunteers chose in 4 trials:")
    assert out.read_text("utf-8").startswith("<?xml")


def test_figure2_takes_thumbnails_named_by_option_id(tmp_path: Path) -> None:
    answer = Answer("s", 1, ("a", "b"), "a", "a", option_ids=("mnist-test-00017", "b/18.png"))
    (tmp_path / "b").mkdir()
    for name in ("mnist-test-00017.png", "b/18.png"):
        Image.fromarray(np.zeros((8, 8), dtype=np.uint8)).save(tmp_path / name)
    table, out = tmp_path / "answers.csv", tmp_path / "figure2.png"
    table.write_text(long_csv([answer]), encoding="utf-8")
    assert main(["figure2", str(table), "--thumbnails", str(tmp_path), "-o", str(out)]) == 0
    assert out.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["summarise", "none.csv"], "The table none.csv can't be opened: No such file or directory."),
        (["figure2", "TABLE", "-o", "figure2.gif"], "Figures are saved as .svg, .pdf or .png, not .gif."),
        (
            ["figure2", "TABLE", "-o", "no/such/f.svg"],
            "no/such/f.svg: No such file or directory; check folder and disk.",
        ),
        (
            ["figure2", "TABLE", "-o", "f.svg", "--thumbnails", "nowhere"],
            "There is no folder nowhere to take thumbnails from.",
        ),
        (
            ["figure2", "TABLE", "-o", "f.svg", "--thumbnails", "."],
            "The answers to trial 1 have no option ids to find thumbnails by.",
        ),
        (
            ["figure2", "IDS", "-o", "f.svg", "--thumbnails", "."],
            "The folder . has no image named ../17 (trial 1).",
        ),
        (
            ["tables", "TABLE", "-o", "answers.csv"],
            "answers.csv/wide.csv could not be written: File exists; check folder and disk.",
        ),
    ],
)
def test_bad_input_ends_with_status_2_and_one_sentence(
    table: Path, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(table.parent)
    with_ids = [Answer("s", 1, ("a", "b"), "a", "a", option_ids=("../17", "18"))]
    Path("ids.csv").write_text(long_csv(with_ids), encoding="utf-8")
    assert (
        main([argument.replace("TABLE", "answers.csv").replace("IDS", "ids.csv") for argument in arguments])
        == 2
    )
    error = capsys.readouterr().err
    assert error.startswith("analysis: ")
    assert error.endswith(f"{sentence}\n")
    assert error.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["summarise"], ["summarise", "a.csv", "--draws", "0"], ["dance"]])
def test_wrong_usage_ends_with_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["figure2", "--help"]):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 0
        assert "python -m analysis figure2 answers.csv -o figure2.svg" in capsys.readouterr().out


def test_a_reader_that_stops_early_is_no_error(table: Path, repository: Path) -> None:
    program = [sys.executable, "-m", "analysis", "summarise", str(table), "--json"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(program, cwd=repository, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_ctrl_c_ends_with_130_and_no_traceback(
    table: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(path: Path) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "read_bytes", interrupted)
    assert main(["summarise", str(table)]) == 130
    assert capsys.readouterr().err == "analysis: stopped.\n"
