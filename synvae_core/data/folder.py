"""A researcher's own pictures: `class/image.*`, or images beside a `labels.csv` (columns file and label).

Images in the folder itself, where nothing else is there, are one class with the folder's name. The owner may
part them into splits: `train/class/image.*`, `test/class/image.*`, or a column split.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synvae_core.data.image_set import DataError, Skipped
from synvae_core.data.listing import Listing
from synvae_core.data.pictures import SUFFIXES
from synvae_core.data.splits import SPLITS, Split, choose, split_named

LABELS_FILE = "labels.csv"


@dataclass(frozen=True)
class Entry:
    """A file said to be a picture of a class; `id` is its path relative to the folder, with slashes.

    `split` is the one that the owner has put it into, if any.
    """

    id: str
    label: str
    split: Split | None = None


def list_folder(folder: Path, split: str = "all", fewest_classes: int = 2) -> Listing:
    """The pictures under `folder`, in the natural order of class and file name.

    Split "all" gives every picture, the others those that the owner has put there, or else those whose id
    falls there. What cannot be followed is named in `skipped`.
    Raises DataError when the folder or the split is empty or missing, or there are fewer classes.
    """
    entries, skipped = list_entries(folder)
    class_names = _classes(entries, folder, fewest_classes)
    rows = choose(split, [entry.id for entry in entries], [entry.split for entry in entries], folder)
    chosen = [entries[row] for row in rows]
    numbers = {name: number for number, name in enumerate(class_names)}
    return Listing(
        folder=folder,
        files=tuple(entry.id for entry in chosen),
        labels=np.array([numbers[entry.label] for entry in chosen], dtype=np.int64),
        class_names=class_names,
        ids=tuple(entry.id for entry in chosen),
        skipped=tuple(skipped),
    )


def list_entries(folder: Path) -> tuple[list[Entry], list[Skipped]]:
    """What the folder says it holds, in order, and the rows of labels.csv that cannot be followed.

    Raises DataError when the folder is missing or labels.csv cannot be read.
    """
    if not folder.is_dir():
        raise DataError(f"There is no folder {folder}; give the path of a folder of pictures.")
    if (folder / LABELS_FILE).is_file():
        entries, skipped = _listed(folder)
    elif (parts := _split_folders(folder)) is not None:
        entries, skipped = (
            [e for part, split in parts for e in _by_subfolder(part, f"{part.name}/", split)],
            [],
        )
    else:
        entries, skipped = _by_subfolder(folder) or _flat(folder), []
    return sorted(entries, key=_order), skipped


def _order(entry: Entry) -> tuple[object, ...]:
    # The plain texts decide between names that are naturally equal, such as "1" and "01".
    return natural(entry.label), entry.label, natural(entry.id), entry.id


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A sort key that puts "img2" before "img10"."""
    return tuple(
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", text) if part
    )


def _subfolders(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]


def _split_folders(folder: Path) -> list[tuple[Path, Split]] | None:
    """The subfolders and their splits, when they are train/, test/ and so on with classes inside."""
    named = [(part, split_named(part.name)) for part in _subfolders(folder)]
    parts = [(part, split) for part, split in named if split is not None]
    whole = len(parts) == len(named) and any(split == "train" for _, split in parts)
    return parts if whole and all(_subfolders(part) for part, _ in parts) else None


def _by_subfolder(folder: Path, prefix: str = "", split: Split | None = None) -> list[Entry]:
    return [
        Entry(f"{prefix}{subfolder.name}/{path.name}", subfolder.name, split)
        for subfolder in _subfolders(folder)
        for path in _pictures(subfolder)
    ]


def _flat(folder: Path) -> list[Entry]:
    return [Entry(path.name, folder.resolve().name) for path in _pictures(folder)]


def _pictures(folder: Path) -> list[Path]:
    return [
        path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
    ]


def _listed(folder: Path) -> tuple[list[Entry], list[Skipped]]:
    entries: dict[str, Entry] = {}
    skipped = []
    for file, label, split in _rows(folder / LABELS_FILE):
        problem = _problem(folder, file, label, split) or (
            "listed twice; the first label counts" if file in entries else ""
        )
        if problem:
            skipped.append(Skipped(file, problem))
        else:
            entries[file] = Entry(file, label, split_named(split))
    return list(entries.values()), skipped


def _rows(path: Path) -> Iterable[tuple[str, str, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read ({error}); save it as CSV in UTF-8.") from error
    header = text.partition("\n")[0]
    reader = csv.DictReader(text.splitlines(), delimiter=";" if ";" in header else ",", skipinitialspace=True)
    if not {"file", "label"} <= set(reader.fieldnames or ()):
        raise DataError(
            f"{path} needs a first line naming the columns file and label; it says {header.strip()!r}."
        )
    try:
        for row in reader:
            file, label, split = ((row.get(name) or "").strip() for name in ("file", "label", "split"))
            yield file.replace("\\", "/"), label, split
    except csv.Error as error:
        raise DataError(f"{path} cannot be read at line {reader.line_num} ({error}); correct it.") from error


def _problem(folder: Path, file: str, label: str, split: str) -> str:
    """Why a row of labels.csv cannot be followed, or nothing."""
    if not label:
        return "it has no label"
    if split and split_named(split) is None:
        return f"its split {split!r} is none of {', '.join(SPLITS)}"
    try:
        path = (folder / file).resolve()
        if not path.is_relative_to(folder.resolve()):
            return "it lies outside the folder"
        return "" if path.is_file() else "there is no such file"
    except (OSError, ValueError):  # no name that a file can have: too long, or with a null in it
        return "there is no such file"


def _classes(entries: list[Entry], folder: Path, fewest: int) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(entry.label for entry in entries))
    if not names:
        raise DataError(
            f"{folder} holds no pictures; put them into one subfolder per class, or beside a {LABELS_FILE} "
            "with the columns file and label."
        )
    if len(names) < fewest:
        raise DataError(
            f"{folder} has the one class {names[0]!r}; a study needs pictures of at least two: put them into "
            f"one subfolder per class, or beside a {LABELS_FILE}."
        )
    return names
