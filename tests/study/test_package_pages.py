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

from study.models import Study
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


def the_r_script_computes_them_too(package: Path, tmp_path: Path) -> None:
    here = unpacked(package, tmp_path / "there")
    done = subprocess.run(["Rscript", "analysis.R"], cwd=here, capture_output=True, text=True, check=True)
    told = dict(line.split() for line in done.stdout.replace("sigma n-1", "ddof1").splitlines())
    summary = content(package, "summary.json")
    assert float(told["accuracy"]) == pytest.approx(summary["accuracy"], abs=1e-12)
    assert float(told["ddof1"]) == pytest.approx(summary["sigma_ddof1"], abs=1e-12)
    assert float(told["kappa"]) == pytest.approx(summary["kappa"], abs=1e-12)
