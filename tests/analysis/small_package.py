"""The smallest package that is whole, to be changed by tests."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from analysis.answers import Answer
from analysis.arrivals import Arrivals
from analysis.exclusions import Rules
from analysis.matrix import to_matrix
from analysis.package.counted import counted_lines
from analysis.package.errors import PackageRefused
from analysis.package.inputs import Inputs
from analysis.package.numbers import as_text, compute
from analysis.package.recompute import recompute
from analysis.tables import long_csv_lines, wide_csv
from tests.analysis.studies import simulated

CUT_AT = "2026-11-22T20:00:00Z"
ANSWERS = "data/study-x_task-3afc_data.csv"
WIDE = "data/study-x_task-3afc_description-wide_data.csv"
COUNTED = "data/study-x_description-counted_data.csv"
SESSIONS = "data/study-x_description-sessions_data.csv"
HASHED = {"configuration": {"title": "Digits"}, "stimuli": "", "version": 1}
HASH = hashlib.sha256(json.dumps(HASHED, sort_keys=True).encode()).hexdigest()
Files = dict[str, bytes]


def files(rules: Rules | None = None, answers: list[Answer] | None = None) -> Files:
    """The smallest whole package, of these answers under these rules."""
    given = simulated(sessions=5, trials=4) if answers is None else answers
    names = dict.fromkeys(answer.session for answer in given)
    rules, came = rules or Rules(), {"": Arrivals(len(names), 0, len(names))}
    read = Inputs(to_matrix(given), rules, arrivals=came)
    computed = compute(read)
    study = {
        "title": "Digits", "version": 1, "content_hash": HASH, "hashed": HASHED, "parts": {},
        "configuration": {"title": "Digits", "exclusion_rules": {}, "looks": 3},
    }  # fmt: skip
    described = {"title": "Digits", "created": CUT_AT, "mode": "live", "left_out": {}}
    rows = [f"{name},1,,0,4,{HASH},,2026-11-22T19:00:00Z,2026-11-22T19:30:00Z\n" for name in names]
    header = (
        "session_id,in_answers,condition,described,n_answered,study_hash,endings,"
        "examples_seen_at,finished_at\n"
    )
    tables = {
        ANSWERS: "".join(long_csv_lines(given, 3)),
        WIDE: wide_csv(read.answers),
        COUNTED: "".join(counted_lines(read, computed)),
        SESSIONS: header + "".join(rows),
    }
    contents = {
        "configuration/study.json": study,
        "configuration/exclusions.json": json.loads(rules.to_json()),
        "datapackage.json": described,
        **computed.files(),
    }
    return {
        **{path: text.encode() for path, text in tables.items()},
        **{path: as_text(content).encode() for path, content in contents.items()},
        "notes.csv": b'who,what\n"a","two\nlines, ""quoted"""\n',
    }


def summary_of(answers: list[Answer]) -> dict[str, Any]:
    return compute(Inputs(to_matrix(answers))).files()["summary.json"]


def manifest_of(files: Files) -> dict[str, Any]:
    rows = {ANSWERS: 20, "notes.csv": 1}
    return {
        "format": "earsight.package/1",
        "study": {"title": "Digits", "version": 1, "content_hash": HASH},
        "mode": "live",
        "cut_at": CUT_AT,
        "answers": ANSWERS,
        "left_out": {},
        "files": [
            {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            | ({"rows": rows[path]} if path in rows and content else {})
            for path, content in files.items()
        ],
    }


def zipped(path: Path, files: Files, manifest: object = None) -> Path:
    content = json.dumps(manifest_of(files) if manifest is None else manifest).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {**files, "manifest.json": content}.items():
            archive.writestr(name, text)
    return path


def refusal(path: Path) -> str:
    """Why the package in this file is not read."""
    with pytest.raises(PackageRefused) as caught:
        recompute(path)
    return str(caught.value)
