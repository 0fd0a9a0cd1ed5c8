"""The files of a package that people read: report, figures, notebook, R script, and their guide."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

from analysis.matrix import to_matrix
from analysis.package.counted import counted_lines
from analysis.package.inputs import Inputs
from analysis.package.numbers import compute
from analysis.summary import summarise
from analysis.tables import long_csv, summary_json
from analysis.values import Interval
from study.domain.packing import scripts
from study.models import Study
from tests.analysis.studies import simulated
from tests.study.packed import content, names, pack, text

pytestmark = pytest.mark.django_db


def test_what_people_read_is_whole(answered: Study, tmp_path: Path, repository: Path) -> None:
    package = pack(answered, tmp_path)  # once: its figures take seconds
    every_file_is_described(package, repository)
    the_report_needs_no_other_file(package)
    figures_come_with_their_words(package)
    the_notebook_computes_the_numbers(package, tmp_path)
    if shutil.which("Rscript"):
        the_r_script_computes_them_too(package, tmp_path)


def every_file_is_described(package: Path, repository: Path) -> None:
    guide = (repository / "docs" / "package.md").read_text()
    patterns = re.findall(r"^\| `([^`]+)` \|", guide, re.MULTILINE)
    undescribed = [name for name in names(package) if not any(fnmatch(name, each) for each in patterns)]
    assert undescribed == []
    always = [each for each in patterns if not each.startswith(("models", "machine", "comparison"))]
    assert [each for each in always if not any(fnmatch(name, each) for name in names(package))] == []


def the_report_needs_no_other_file(package: Path) -> None:
    report = text(package, "report.html")
    outside = [
        found for found in re.findall(r"""(?:src|href)=["']([^"']+)""", report) if found[:5] != "data:"
    ]
    assert outside == []
    assert "<script" not in report
    assert "url(" not in report
    assert all(re.findall(r'<img src="data:image/svg[^"]+" alt="([^"]*)"', report))
    assert f"{json.loads(text(package, 'summary.json'))['accuracy']:.4f}" in report
    assert content(package, "manifest.json")["study"]["content_hash"] in report


def figures_come_with_their_words(package: Path) -> None:
    figures = content(package, "figures/figures.json")
    assert {figure["file"] for figure in figures} >= {"figures/figure2", "figures/volunteers"}
    for figure in figures:
        assert figure["alt_text"]
        assert {f"{figure['file']}.{kind}" for kind in ("svg", "pdf", "png")} <= names(package)


def unpacked(package: Path, folder: Path) -> Path:
    zipfile.ZipFile(package).extractall(folder)
    return folder


def the_notebook_computes_the_numbers(package: Path, tmp_path: Path) -> None:
    book = content(package, "analysis.ipynb")
    assert (book["nbformat"], {cell["cell_type"] for cell in book["cells"]}) == (4, {"markdown", "code"})
    code = "\n".join("".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=unpacked(package, tmp_path / "here"),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.returncode) == ("All numbers are those of summary.json.\n", 0), done.stderr


def told_by_r(printed: str) -> dict[str, str]:
    """What the script printed, by name; of an interval both ends."""
    rows = (line.split(maxsplit=1) for line in printed.replace("sigma n-1", "ddof1").splitlines())
    return dict(rows)


@pytest.mark.skipif(not shutil.which("Rscript"), reason="needs R")
def test_a_class_named_na_and_the_interval_are_known_to_r_and_pandas(tmp_path: Path) -> None:
    answers = simulated(sessions=12, trials=12, classes=("NA", "b", "c"))
    read = Inputs(to_matrix(answers))
    data = tmp_path / "data"
    data.mkdir()
    (data / "study-x_task-3afc_data.csv").write_text(long_csv(answers))
    (data / "study-x_description-counted_data.csv").write_text("".join(counted_lines(read, compute(read))))
    (tmp_path / "summary.json").write_text(summary_json(summary := summarise(answers)))
    (tmp_path / "analysis.R").write_text(scripts.r_script())
    cells = json.loads(scripts.notebook())["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    ran = {"cwd": tmp_path, "capture_output": True, "text": True, "check": True}
    told = told_by_r(subprocess.run(["Rscript", "analysis.R"], **ran).stdout)  # type: ignore[call-overload]
    shown = f"{code}\nprint(*numbers['']['interval'])"
    pandas = subprocess.run([sys.executable, "-c", shown], **ran).stdout.splitlines()[-1]  # type: ignore[call-overload]
    assert float(told["kappa"]) == pytest.approx(summary.kappa, abs=1e-12)
    assert isinstance(summary.accuracy_interval, Interval)
    ends = (summary.accuracy_interval.low, summary.accuracy_interval.high)
    for interval in (told["interval"], pandas):
        assert [float(end) for end in interval.split()] == pytest.approx(ends, abs=0.03)


def the_r_script_computes_them_too(package: Path, tmp_path: Path) -> None:
    here = unpacked(package, tmp_path / "there")
    done = subprocess.run(["Rscript", "analysis.R"], cwd=here, capture_output=True, text=True, check=True)
    told = told_by_r(done.stdout)
    summary = content(package, "summary.json")
    assert float(told["accuracy"]) == pytest.approx(summary["accuracy"], abs=1e-12)
    assert float(told["ddof1"]) == pytest.approx(summary["sigma_ddof1"], abs=1e-12)
    assert float(told["kappa"]) == pytest.approx(summary["kappa"], abs=1e-12)
