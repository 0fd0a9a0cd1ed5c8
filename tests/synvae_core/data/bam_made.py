"""Tiny BAM data sets in the authors' form and as the released SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from PIL import Image

from synvae_core.data.bam_settings import AUTHORS_COLUMNS, COLUMNS
from tests.synvae_core.data.drawn import save

# What a label is called, where it is not negative.
Marks = Mapping[str, float]


def row(marks: Marks, columns: Sequence[str] = AUTHORS_COLUMNS) -> list[float]:
    """The labels of an image: negative but for the columns that are named without their group."""
    values = [float(marks.get(column.partition("_")[2], 0)) for column in columns]
    assert len(marks) == sum(column.partition("_")[2] in marks for column in columns)
    return values


def authors(folder: Path, images: Mapping[int, Marks], size: tuple[int, int] = (80, 64)) -> Path:
    """img/<MID>.jpg, each of one colour, and labels.npy in the order of MID."""
    for mid in images:
        save(folder / "img" / f"{mid}.jpg", Image.new("RGB", size, (mid % 256, 0, 0)), quality=95)
    np.save(folder / "labels.npy", np.array([row(images[mid]) for mid in sorted(images)]))
    return folder


WORDS = {0.0: "negative", 0.5: "unsure", 1.0: "positive"}
Module = Mapping[str, object]


def release(
    path: Path,
    modules: Sequence[Module],
    labels: Mapping[int, Marks],
    *,
    kinds: Sequence[str] = ("automatic", "scores", "crowd"),
) -> Path:
    """The SQLite file with tables of these kinds; the columns in an order of their own."""
    order = sorted(COLUMNS, key=lambda column: column[::-1])
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "CREATE TABLE modules (license text, mature_content boolean, mid int primary key, "
            "project_id int, src text)"
        )
        for module in modules:
            values = {"license": "cc", "mature_content": 0, "project_id": None, **module}
            database.execute(
                "INSERT INTO modules VALUES (:license, :mature_content, :mid, :project_id, :src)", values
            )
        places = ", ".join("?" * 21)
        if "scores" in kinds:
            database.execute(f"CREATE TABLE scores (mid int, {', '.join(f'{c} real' for c in order)})")
            rows = [(mid, *(0.02 + 0.96 * v for v in row(m, order))) for mid, m in labels.items()]
            database.executemany(f"INSERT INTO scores VALUES ({places})", rows)
        if "automatic" in kinds:
            database.execute(
                f"CREATE TABLE automatic_labels (mid int, {', '.join(f'{c} text' for c in order)})"
            )
            words = [(mid, *(WORDS[v] for v in row(m, order))) for mid, m in labels.items()]
            database.executemany(f"INSERT INTO automatic_labels VALUES ({places})", words)
        if "crowd" in kinds:
            database.execute(
                "CREATE TABLE crowd_labels "
                "(mid int, attribute text, label text, primary key (mid, attribute))"
            )
            told = [
                (mid, c, WORDS[v])
                for mid, m in labels.items()
                for c, v in zip(order, row(m, order), strict=True)
            ]
            database.executemany("INSERT INTO crowd_labels VALUES (?, ?, ?)", told)
    return path
