"""The released BAM: one SQLite file of addresses and labels. Columns are taken by name: their order varies.

modules(mid, project_id, src, mature_content, license); scores(mid, 20 numbers); in some releases
automatic_labels(mid, 20 words); crowd_labels(mid, attribute, label). Words are positive, unsure and negative.
"""

from __future__ import annotations

import hashlib
import sqlite3
from array import array
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synvae_core.data.bam import Labels, Mids
from synvae_core.data.bam_settings import COLUMNS, BamSettings
from synvae_core.data.image_set import DataError

TABLES = {"automatic": "automatic_labels", "scores": "scores", "crowd": "crowd_labels"}
WORDS = (
    "CASE lower({0}) WHEN 'positive' THEN 1.0 WHEN 'negative' THEN 0.0 WHEN 'unsure' THEN 0.5 ELSE {1} END"
)
NOT_A_WORD = -1.0


@dataclass(frozen=True)
class Module:
    """An image on the web, and what the release says about it."""

    mid: int
    project_id: str
    src: str
    license: str


@dataclass(frozen=True, eq=False)
class Selection:
    """The images that the settings choose, by rising MID; row i of `labels` (N, 20) is of module i."""

    modules: tuple[Module, ...]
    labels: Labels

    @property
    def mids(self) -> Mids:
        """(N,)"""
        return np.array([module.mid for module in self.modules], dtype=np.int64)


def select(path: Path, settings: BamSettings) -> Selection:
    """Reads the released file; nothing in it is changed.

    Raises DataError when it is not such a file, lacks what the settings ask for, or nothing is chosen.
    """
    try:
        with _opened(path) as database:
            columns = {table: _columns(database, table) for table in ("modules", *TABLES.values())}
            filled = [kind for kind, table in TABLES.items() if columns[table] and _filled(database, table)]
            kind = _source(filled, columns, settings, path)
            selection = _selection(database.execute(_query(kind, columns, settings, path)))
            if not selection.modules:
                raise _nothing(database, kind, filled, columns, settings, path)
    except (sqlite3.Error, ValueError, TypeError, OverflowError) as error:
        raise DataError(f"{path} cannot be read as the released BAM file ({error}).") from error
    _check_words(selection, path)
    return _limited(selection, settings.limit)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    if not path.is_file():
        raise DataError(f"There is no file {path}; give the SQLite file of BAM (https://bam-dataset.org).")
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        yield database


def _columns(database: sqlite3.Connection, table: str) -> set[str]:
    return {str(row[1]) for row in database.execute(f"PRAGMA table_info({table})")}


def _filled(database: sqlite3.Connection, table: str) -> bool:
    """Whether a table has rows."""
    return bool(database.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0])


def _source(filled: list[str], columns: dict[str, set[str]], settings: BamSettings, path: Path) -> str:
    """The kind of labels to use: the one asked for, or the first of which the file has any."""
    kinds = list(TABLES) if settings.labels == "auto" else [settings.labels]
    there = [kind for kind in kinds if columns[TABLES[kind]]]
    if not there:
        raise DataError(f"{path} has no table {' or '.join(TABLES[kind] for kind in kinds)}; see labels.")
    return next((kind for kind in there if kind in filled), there[0])


def _nothing(
    database: sqlite3.Connection,
    kind: str,
    filled: list[str],
    columns: dict[str, set[str]],
    settings: BamSettings,
    path: Path,
) -> DataError:
    """Says which setting leaves out everything."""

    def count(**changes: object) -> int:
        query = _query(kind, columns, settings.model_copy(update=changes), path)
        return int(database.execute(f"SELECT count(DISTINCT mid) FROM ({query})").fetchone()[0])

    if count(media=(), mature=True) == 0:
        return DataError(f"No image in {path} has both an address and {kind} labels; see labels.")
    if labelled := count(media=()):
        others = "".join(f" or labels: {other}" for other in filled if other != kind)
        return DataError(
            f"Nothing in {path} fits the settings: {labelled} images have {kind} labels, none says "
            f"{' or '.join(settings.media)}: set media: []{others}."
        )
    marked = count(media=(), mature=True)
    return DataError(
        f"Nothing in {path} fits the settings: all {marked} images with {kind} labels are marked as mature "
        "content: set mature: true."
    )


def _query(kind: str, columns: dict[str, set[str]], settings: BamSettings, path: Path) -> str:
    wanted = {"mid", "attribute", "label"} if kind == "crowd" else {"mid", *COLUMNS}
    for table, names in (("modules", {"mid", "src"}), (TABLES[kind], wanted)):
        lacking = sorted(names - columns[table])
        if lacking:
            raise DataError(
                f"{path} is not the released BAM file: {table} has no column {', '.join(lacking)}."
            )
    has = columns["modules"]
    project, licence = (f"m.{name}" if name in has else "''" for name in ("project_id", "license"))
    conditions = ["m.src IS NOT NULL"]
    if settings.media:
        conditions.append("(" + " OR ".join(f"l.media_{name} = 1.0" for name in settings.media) + ")")
    if not settings.mature and "mature_content" in has:
        conditions.append("lower(CAST(coalesce(m.mature_content, 0) AS text)) NOT IN ('1', 't', 'true')")
    labels = ", ".join(f"l.{column}" for column in COLUMNS)
    return (
        f"SELECT m.mid, coalesce({project}, ''), m.src, coalesce({licence}, ''), {labels} FROM modules m "
        f"JOIN ({_labels(kind, settings)}) l ON l.mid = m.mid WHERE {' AND '.join(conditions)}"
    )


def _labels(kind: str, settings: BamSettings) -> str:
    """A query for mid and the 20 labels as 0, 0.5 and 1; what is not told is unsure."""
    if kind == "scores":
        rule = (
            f"CASE WHEN {{0}} >= {settings.positive_from!r} THEN 1.0 "
            f"WHEN {{0}} <= {settings.negative_to!r} THEN 0.0 ELSE 0.5 END"
        )
        told = ", ".join(f"{rule.format(column)} AS {column}" for column in COLUMNS)
        return f"SELECT mid, {told} FROM scores"
    if kind == "automatic":
        told = ", ".join(f"{_word(column)} AS {column}" for column in COLUMNS)
        return f"SELECT mid, {told} FROM automatic_labels"
    pivot = "max(CASE WHEN attribute = '{0}' THEN {1} END)"
    told = ", ".join(
        f"coalesce({pivot.format(column, _word('label'))}, 0.5) AS {column}" for column in COLUMNS
    )
    return f"SELECT mid, {told} FROM crowd_labels GROUP BY mid"


def _word(column: str) -> str:
    return WORDS.format(column, f"CASE WHEN {column} IS NULL THEN 0.5 ELSE {NOT_A_WORD} END")


def _selection(rows: Iterable[tuple[Any, ...]]) -> Selection:
    modules: list[Module] = []
    labels = array("f")
    for mid, project, src, licence, *told in rows:
        modules.append(Module(int(mid), str(project), str(src).strip(), str(licence)))
        labels.extend(told)
    # By rising MID; a release that lists an image twice counts it once.
    _, order = np.unique([module.mid for module in modules], return_index=True)
    table = np.array(labels, dtype=np.float32).reshape(-1, len(COLUMNS))
    return Selection(tuple(modules[row] for row in order), table[order.astype(np.int64)])


def _check_words(selection: Selection, path: Path) -> None:
    wrong = np.argwhere(selection.labels == NOT_A_WORD)
    if len(wrong):
        row, column = wrong[0].tolist()
        raise DataError(
            f"{path} labels {COLUMNS[column]} of {selection.modules[row].mid} with another word than "
            "positive, unsure and negative; see labels."
        )


def _limited(selection: Selection, limit: int | None) -> Selection:
    if limit is None or len(selection.modules) <= limit:
        return selection
    hashes = [hashlib.sha256(f"bam-{module.mid}".encode()).digest() for module in selection.modules]
    rows = sorted(sorted(range(len(hashes)), key=lambda row: hashes[row])[:limit])
    return Selection(tuple(selection.modules[row] for row in rows), selection.labels[rows])
