"""Edits for which somebody wrote a manifest that fits are told by name, as far as files say a thing twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analysis.cli import main
from analysis.package.recompute import recompute
from tests.analysis.small_package import (
    COUNTED,
    HASH,
    SESSIONS,
    WIDE,
    Files,
    files,
    manifest_of,
    refusal,
    zipped,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "package.zip"


@pytest.mark.parametrize("name", ["summary.json", "review.json", "configuration/study.json"])
def test_a_file_that_every_package_has_cannot_be_taken_out_of_zip_and_manifest(path: Path, name: str) -> None:
    whole = files()
    del whole[name]
    assert f"it does not list {name}" in refusal(zipped(path, whole))


@pytest.mark.parametrize(("table", "old", "new"), [(WIDE, b",1,", b",0,"), (COUNTED, b",1,", b",0,")])
def test_a_table_that_follows_from_the_answers_is_made_again(
    path: Path, table: str, old: bytes, new: bytes
) -> None:
    whole = files()
    changed = whole | {table: whole[table].replace(old, new, 1)}
    assert changed[table] != whole[table]
    found = recompute(zipped(path, changed))
    assert {file: keys for file, keys in found.differs.items() if keys} == {table: ("line 2",)}


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("mode", "pilot", "manifest.json and datapackage.json tell another mode"),
        ("left_out", {"answers_pilot": 3}, "manifest.json and datapackage.json tell another left_out"),
        ("cut_at", "2027-01-01T00:00:00Z", "manifest.json and datapackage.json tell another created"),
        (
            "study", {"title": "Other", "version": 1, "content_hash": HASH},
            "manifest.json and configuration/study.json tell another title",
        ),
        (
            "study", {"title": "Digits", "version": 1, "content_hash": "0" * 64},
            "manifest.json and configuration/study.json tell another content_hash",
        ),
    ],
)  # fmt: skip
def test_a_manifest_that_contradicts_other_files_is_refused(
    path: Path, key: str, value: object, sentence: str
) -> None:
    whole = files()
    assert sentence in refusal(zipped(path, whole, manifest_of(whole) | {key: value}))


def with_study(change: Callable[[dict[str, Any]], object]) -> Files:
    whole = files()
    study = json.loads(whole["configuration/study.json"])
    change(study)
    return whole | {"configuration/study.json": json.dumps(study).encode()}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda study: study["hashed"].update(version=2), "its 'hashed' does not give the content hash"),
        (lambda study: study["configuration"].update(looks=5), "'looks' is not what was hashed"),
        (lambda study: study["configuration"].update(title="X"), "'title' is not what was hashed"),
        (
            lambda study: study["configuration"].update(exclusion_rules={"plays_at_least": 1}),
            "tell another rules of exclusion",
        ),
    ],
)
def test_a_changed_configuration_of_the_study_is_refused(
    path: Path, change: Callable[[dict[str, Any]], object], sentence: str
) -> None:
    assert sentence in refusal(zipped(path, with_study(change)))


def test_sessions_of_another_study_are_refused(path: Path) -> None:
    whole = files()
    whole[SESSIONS] = whole[SESSIONS].replace(HASH.encode(), b"f" * 64, 1)
    assert "the table of sessions (s0) tell another content_hash" in refusal(zipped(path, whole))


@pytest.mark.parametrize(
    "name", ["configuration/exclusions.json", "configuration/study.json", "summary.json", "datapackage.json"]
)
def test_json_that_is_nested_too_deeply_is_one_sentence(
    path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    deep = files() | {name: b"[" * 200_000 + b"]" * 200_000}
    assert main(["recompute", str(zipped(path, deep))]) == 2
    err = capsys.readouterr().err
    assert name in err
    assert "is nested too deeply" in err
    assert len(err.splitlines()) == 1
