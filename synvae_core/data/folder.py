"""A researcher's own pictures: `class/image.*`, or images beside a `labels.csv` (columns file and label)."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synvae_core.data.image_set import DataError, ImageSet, Skipped
from synvae_core.data.pictures import SUFFIXES, Shape, UnreadablePicture, check_shape, read_picture

LABELS_FILE = "labels.csv"
# Upper ends, in hundredths of the hash's range, of each split's share of the images: 80, 10 and 10 %.
SPLIT_ENDS = {"train": 80, "validation": 90, "test": 100}


@dataclass(frozen=True)
class Entry:
    """A file said to be a picture of a class; `id` is its path relative to the folder, with slashes."""

    id: str
    label: str


def load_folder(
    folder: Path, split: str = "all", *, grey: bool = False, shape: Shape = (28, 28, 1)
) -> ImageSet:
    """The pictures under `folder`, (N, H, W, C), in the natural order of class and file name.

    Split "all" gives every picture, the others those whose id falls there (`split_of`).
    Files that cannot be used are named in `skipped` with the reason.
    Raises DataError when the folder or the split is empty or missing, or fewer than two classes can be used.
    """
    check_shape(shape)
    if split != "all" and split not in SPLIT_ENDS:
        raise DataError(f"A folder has no split {split!r}; choose all, {', '.join(SPLIT_ENDS)}.")
    entries, skipped = list_entries(folder)
    class_names = _classes(entries, folder)
    chosen = [entry for entry in entries if split in ("all", split_of(entry.id))]
    if not chosen:
        raise DataError(
            f"None of the {len(entries)} pictures in {folder} falls into {split}; add more pictures."
        )
    return _read(folder, chosen, class_names, skipped, shape=shape, grey=grey)


def split_of(image_id: str) -> str:
    """The split an image belongs to, from its id alone, so that adding pictures never moves the others.

    The first 8 bytes of the id's SHA-256, as a share of their range: below .8 train, below .9 validation.
    """
    hundredths = int.from_bytes(hashlib.sha256(image_id.encode()).digest()[:8], "big") * 100 >> 64
    return next(split for split, end in SPLIT_ENDS.items() if hundredths < end)


def list_entries(folder: Path) -> tuple[list[Entry], list[Skipped]]:
    """What the folder says it holds, in order, and the rows of labels.csv that cannot be followed.

    Raises DataError when the folder is missing or labels.csv cannot be read.
    """
    if not folder.is_dir():
        raise DataError(f"There is no folder {folder}; give the path of a folder of pictures.")
    if (folder / LABELS_FILE).is_file():
        entries, skipped = _listed(folder)
    else:
        entries, skipped = _by_subfolder(folder), []
    return sorted(entries, key=_order), skipped


def _order(entry: Entry) -> tuple[object, ...]:
    # The plain texts decide between names that are naturally equal, such as "1" and "01".
    return natural(entry.label), entry.label, natural(entry.id), entry.id


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A sort key that puts "img2" before "img10"."""
    return tuple(
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", text) if part
    )


def _by_subfolder(folder: Path) -> list[Entry]:
    subfolders = (path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    return [
        Entry(f"{subfolder.name}/{path.name}", subfolder.name)
        for subfolder in subfolders
        for path in subfolder.iterdir()
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
    ]


def _listed(folder: Path) -> tuple[list[Entry], list[Skipped]]:
    entries: dict[str, Entry] = {}
    skipped = []
    for file, label in _rows(folder / LABELS_FILE):
        problem = _problem(folder, file, label) or (
            "listed twice; the first label counts" if file in entries else ""
        )
        if problem:
            skipped.append(Skipped(file, problem))
        else:
            entries[file] = Entry(file, label)
    return list(entries.values()), skipped


def _rows(path: Path) -> Iterable[tuple[str, str]]:
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
    for row in reader:
        yield (row["file"] or "").strip().replace("\\", "/"), (row["label"] or "").strip()


def _problem(folder: Path, file: str, label: str) -> str:
    """Why a row of labels.csv cannot be followed, or nothing."""
    if not label:
        return "it has no label"
    path = (folder / file).resolve()
    if not path.is_relative_to(folder.resolve()):
        return "it lies outside the folder"
    return "" if path.is_file() else "there is no such file"


def _classes(entries: list[Entry], folder: Path) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(entry.label for entry in entries))
    if not names:
        raise DataError(
            f"{folder} holds no pictures; put them into one subfolder per class, or beside a {LABELS_FILE} "
            "with the columns file and label."
        )
    if len(names) == 1:
        raise DataError(f"{folder} has the one class {names[0]!r}; a study needs pictures of at least two.")
    return names


def _read(
    folder: Path,
    entries: list[Entry],
    class_names: tuple[str, ...],
    skipped: list[Skipped],
    *,
    shape: Shape,
    grey: bool,
) -> ImageSet:
    pixels = np.zeros((len(entries), *shape), dtype=np.float32)
    kept: list[Entry] = []
    for entry in entries:
        try:
            pixels[len(kept)] = read_picture(folder / entry.id, shape, grey=grey)
        except UnreadablePicture as error:
            skipped.append(Skipped(entry.id, str(error)))
        else:
            kept.append(entry)
    if len({entry.label for entry in kept}) < min(2, len({entry.label for entry in entries})):
        raise DataError(
            f"Only {len(kept)} of {len(entries)} pictures in {folder} can be read, which leaves less than "
            f"two classes; replace those that cannot, such as {skipped[-1]}."
        )
    return ImageSet(
        pixels=pixels[: len(kept)],
        labels=np.array([class_names.index(entry.label) for entry in kept], dtype=np.int64),
        class_names=class_names,
        ids=tuple(entry.id for entry in kept),
        skipped=tuple(skipped),
    )
