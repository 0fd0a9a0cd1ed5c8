"""The manifest of a package: what it was made from, and every file with its length, rows and SHA-256."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from analysis.package.errors import PackageRefused

FORMAT = "earsight.package/1"
NAME = "manifest.json"
SUMMARY = "summary.json"
REVIEW = "review.json"
COMPARISON = "comparison.json"
MACHINES = "machine_comparison.json"
EXCLUSIONS = "configuration/exclusions.json"
STUDY = "configuration/study.json"
DATAPACKAGE = "datapackage.json"
REQUIRED = (SUMMARY, REVIEW, EXCLUSIONS, STUDY, DATAPACKAGE)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Entry:
    """One file: its path in the package, length, digest and, of a table, its rows below the header."""

    path: str
    size: int
    sha256: str
    rows: int | None = None


@dataclass(frozen=True)
class Manifest:
    """What a package says of itself.

    answers  path of the long table
    cut_at   when the database was read, in UTC; of a study that runs, later answers are not in it
    left_out answers of the study that are in no table, by why
    """

    title: str
    version: int
    content_hash: str
    mode: str
    cut_at: str
    answers: str
    left_out: dict[str, Any]
    files: tuple[Entry, ...]

    @property
    def entry_of(self) -> dict[str, Entry]:
        return {entry.path: entry for entry in self.files}


def parse(text: bytes) -> Manifest:
    """The manifest from its JSON.

    Raises PackageRefused where something is missing or of another kind.
    """
    try:
        content = json.loads(text)
    except RecursionError as error:
        raise PackageRefused(f"{NAME} is nested too deeply to be read.") from error
    except ValueError as error:
        raise PackageRefused(f"{NAME} is not JSON: {error}.") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise PackageRefused(f"{NAME} does not say '{FORMAT}'; this is no package that can be read here.")
    study = _of(content, "study", dict)
    manifest = Manifest(
        title=_of(study, "title", str),
        version=_of(study, "version", int),
        content_hash=_of(study, "content_hash", str),
        mode=_of(content, "mode", str),
        cut_at=_of(content, "cut_at", str),
        answers=_of(content, "answers", str),
        left_out=_of(content, "left_out", dict),
        files=tuple(_entry(row) for row in _of(content, "files", list)),
    )
    if manifest.answers not in manifest.entry_of:
        _refuse(f"it does not list the table of answers, {manifest.answers!r}")
    if missing := [path for path in REQUIRED if path not in manifest.entry_of]:
        _refuse(f"it does not list {', '.join(missing)}")
    return manifest


def _entry(row: object) -> Entry:
    if not isinstance(row, dict):
        _refuse("an entry of 'files' is not an object")
    sha256, rows = _of(row, "sha256", str), row.get("rows")
    if not _SHA256.fullmatch(sha256):
        _refuse(f"{sha256!r} is not a SHA-256")
    if rows is not None and not _is(rows, int):
        _refuse(f"{rows!r} is not a number of rows")
    return Entry(_of(row, "path", str), _of(row, "bytes", int), sha256, rows)


def _of(content: Mapping[str, Any], key: str, kind: type) -> Any:
    if not _is(content.get(key), kind):
        _refuse(f"'{key}' is missing or not what it should be")
    return content[key]


def _is(value: object, kind: type) -> bool:
    return isinstance(value, kind) and not (isinstance(value, bool) or (kind is int and value < 0))  # type: ignore[operator]


def _refuse(complaint: str) -> NoReturn:
    raise PackageRefused(f"{NAME} can't be used: {complaint}.")
