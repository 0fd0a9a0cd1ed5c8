"""Packages that were tampered with, cut off or made to do harm are refused with a sentence."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analysis.cli import main
from analysis.exclusions import rules_from_object
from analysis.package.errors import PackageRefused
from analysis.package.numbers import differences
from analysis.package.reading import open_package
from analysis.package.recompute import NAMED, recompute, recomputed_object
from tests.analysis.small_package import (
    ANSWERS,
    Files,
    files,
    manifest_of,
    refusal,
    summary_of,
    zipped,
)
from tests.analysis.studies import simulated


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "package.zip"


def test_a_whole_package_agrees_with_its_numbers(path: Path) -> None:
    found = recompute(zipped(path, files()))
    assert (found.agrees, found.numbers) == (True, summary_of(simulated(sessions=5, trials=4)))


def test_a_number_that_was_changed_in_package_and_manifest_is_told(path: Path) -> None:
    changed = files()
    summary = json.loads(changed["summary.json"])
    summary["accuracy"], summary["per_trial"][2]["n"] = 0.99, 7
    changed["summary.json"] = json.dumps(summary).encode()
    found = recompute(zipped(path, changed))
    assert {file: keys for file, keys in found.differs.items() if keys} == {
        "summary.json": ("accuracy", "per_trial.2.n")
    }
    assert not found.agrees


def test_the_command_line_ends_with_2_where_numbers_differ(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = files() | {"summary.json": b"{}"}
    assert main(["recompute", str(zipped(path, changed)), "--json"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["package"]["agrees"] is False
    assert re.search(
        r"holds other numbers than its answers give: summary.json in (\w+, ){5}\w+ and \d+ more", err
    )
    assert len(err) < 300
    assert main(["recompute", str(zipped(path, files()))]) == 0
    told = capsys.readouterr().out
    assert "summary.json agrees to the last digit." in told
    assert hashlib.sha256(path.read_bytes()).hexdigest() in told


def with_row_less(content: bytes) -> bytes:
    return b"".join(content.splitlines(keepends=True)[:-1])


def with_other_digit(content: bytes) -> bytes:
    return content.replace(b",1,", b",0,", 1)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (with_row_less, "bytes, not"),
        (with_other_digit, "its SHA-256 is not the manifest's"),
        (lambda content: b"", "has 0 bytes, not"),
    ],
)
def test_a_changed_table_is_refused_by_name(
    path: Path, change: Callable[[bytes], bytes], sentence: str
) -> None:
    whole = files()
    manifest = manifest_of(whole)
    said = refusal(zipped(path, whole | {ANSWERS: change(whole[ANSWERS])}, manifest))
    assert ANSWERS in said
    assert sentence in said


def test_row_counts_are_checked_and_line_ends_in_cells_are_no_rows(path: Path) -> None:
    whole = files()
    manifest = manifest_of(whole)
    manifest["files"][0]["rows"] = 21
    assert "it has 20 rows, not 21" in refusal(zipped(path, whole, manifest))


def test_a_missing_file_is_named(path: Path) -> None:
    whole = files()
    manifest = manifest_of(whole)
    del whole["notes.csv"]
    assert "is not whole: notes.csv is missing" in refusal(zipped(path, whole, manifest))


def test_a_file_too_many_is_named(path: Path) -> None:
    whole = files()
    assert "extra.csv is not in its manifest" in refusal(
        zipped(path, whole | {"extra.csv": b"x"}, manifest_of(whole))
    )


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_a_truncated_package_is_refused(path: Path, share: float) -> None:
    content = zipped(path, files()).read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert "no ZIP file, or only a part of one" in refusal(path)


def test_flipped_bits_are_refused(path: Path) -> None:
    content = bytearray(zipped(path, files()).read_bytes())
    for place in range(60, 160):
        content[place] ^= 0xFF
    path.write_bytes(bytes(content))
    assert "package" in refusal(path)


@pytest.mark.parametrize("name", ["../outside.csv", "/etc/passwd", "a/../../b", "C:evil.csv", "a\\..\\b"])
def test_names_that_lead_out_are_refused(path: Path, name: str) -> None:
    assert "leads out of the folder" in refusal(zipped(path, files() | {name: b"x"}))


def test_a_name_that_is_there_twice_is_refused(path: Path) -> None:
    whole = files()
    zipped(path, whole)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("NOTES.csv", b"other")
    assert "'NOTES.csv' is there twice" in refusal(path)


def test_a_link_is_refused(path: Path) -> None:
    zipped(path, files())
    with zipfile.ZipFile(path, "a") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert "'link' is a link" in refusal(path)


def test_a_bomb_is_not_unpacked(path: Path) -> None:
    zipped(path, files() | {"bomb.csv": b"0" * 50_000_000})
    assert path.stat().st_size < 200_000
    assert "'bomb.csv' would become 50000000 bytes" in refusal(path)


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        ([], "does not say 'earsight.package/1'"),
        ({"format": "earsight.package/1"}, "'study' is missing"),
        ({"format": "other"}, "does not say"),
    ],
)
def test_a_manifest_that_is_none_is_refused(path: Path, manifest: object, sentence: str) -> None:
    assert sentence in refusal(zipped(path, files(), manifest))


@pytest.mark.parametrize(
    ("key", "value"),
    [("path", 7), ("bytes", -1), ("bytes", True), ("sha256", "abc"), ("rows", "20"), ("rows", -3)],
)
def test_entries_that_make_no_sense_are_refused(path: Path, key: str, value: object) -> None:
    whole = files()
    manifest = manifest_of(whole)
    manifest["files"][0][key] = value
    assert "manifest.json can't be used" in refusal(zipped(path, whole, manifest))


def test_other_files_are_refused(path: Path, tmp_path: Path) -> None:
    path.write_text("hello")
    assert "is no ZIP file" in refusal(path)
    assert "can't be opened" in refusal(tmp_path / "nowhere.zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.txt", "x")
    assert "has no manifest.json" in refusal(path)


def test_a_file_is_read_by_its_name_alone(path: Path) -> None:
    with open_package(zipped(path, files())) as package:
        assert package.read("summary.json") == files()["summary.json"]
        with pytest.raises(PackageRefused, match=r"has no file ../x"):
            package.read("../x")


def test_differences_name_the_place() -> None:
    assert differences({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}], "c": 4}) == ["a.1.b", "c"]
    assert differences({"a": 0.1 + 0.2}, {"a": 0.3}) == ["a"]
    assert differences([1], [1, 2]) == ["everything"]
    assert differences({"a": 1}, {"a": 1}) == []


def test_rules_that_were_declared_are_applied(path: Path) -> None:
    found = recompute(zipped(path, declaring({"answers_at_least": 5})))
    assert (found.agrees, found.numbers["conditions"]) == (True, {})


def declaring(rules: dict[str, Any]) -> Files:
    """A package whose study, a draft without a hash, declared these rules."""
    whole = files(rules_from_object(rules))
    study = json.loads(whole["configuration/study.json"])
    study["configuration"]["exclusion_rules"], study["hashed"] = rules, None
    return whole | {"configuration/study.json": json.dumps(study).encode()}


def test_without_volunteers_the_named_numbers_are_null_with_the_reason(path: Path) -> None:
    told = recomputed_object(recompute(zipped(path, declaring({"answers_at_least": 5}))), path.name)
    for key in NAMED:
        assert told[key] is None
        assert told["undefined"][key].startswith("The rules leave nobody to count.")


def test_the_review_is_in_the_json_beside_the_summary(path: Path) -> None:
    told = recomputed_object(recompute(zipped(path, files())), path.name)
    assert told["accuracy"] == summary_of(simulated(sessions=5, trials=4))["accuracy"]
    assert set(told["review"]) >= {"chance", "agreement", "sensitivity", "volunteers", "exclusions"}
    assert told["package"]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
