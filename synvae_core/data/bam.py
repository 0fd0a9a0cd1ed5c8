"""BAM as the authors keep it: a folder with img/<MID>.jpg and labels.npy, read into classes.

labels.npy is (N, 15 or more), a row for each image in the order of MID: 1 positive, 0 negative, 0.5 unsure.
A folder that Earsight downloads has the same two, with all 20 columns, and beside them mids.npy (N,), the MID
of each row, so that it can be used while images are missing; modules.csv tells their projects and licences.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synvae_core.data.bam_settings import (
    AUTHORS_COLUMNS,
    COLUMNS,
    SETTINGS_FILE,
    BamSettings,
    class_name,
    read_settings,
)
from synvae_core.data.image_set import DataError, Skipped
from synvae_core.data.listing import Listing
from synvae_core.data.splits import choose

IMAGES, LABELS, MIDS, MODULES = "img", "labels.npy", "mids.npy", "modules.csv"
NONE = "none"
Labels = NDArray[np.float32]
Mids = NDArray[np.int64]


def list_bam(
    folder: Path, split: str = "all", settings: BamSettings | None = None, fewest_classes: int = 2
) -> Listing:
    """The images of a split that have a class, in the order of MID; ids are "bam-<MID>".

    Settings are those of bam.yaml in the folder, if there is one. Images of one project share a split where
    modules.csv tells it. Raises DataError when the folder is not of this form or has fewer classes.
    """
    if settings is None:
        settings = (
            read_settings(folder / SETTINGS_FILE) if (folder / SETTINGS_FILE).exists() else BamSettings()
        )
    mids, labels, skipped = read_labels(folder)
    classes = classify(labels, settings)
    class_names = _names(classes, settings, folder, fewest_classes)
    labelled = np.flatnonzero(np.isin(classes, class_names))
    projects = _projects(folder)
    keys = [projects.get(mid, f"bam-{mid}") for mid in mids[labelled].tolist()]
    rows = labelled[choose(split, keys, [None] * len(keys), folder)]
    return Listing(
        folder=folder,
        files=tuple(f"{IMAGES}/{mid}.jpg" for mid in mids[rows]),
        labels=np.array([class_names.index(name) for name in classes[rows]], dtype=np.int64),
        class_names=class_names,
        ids=tuple(f"bam-{mid}" for mid in mids[rows]),
        skipped=skipped,
        fit="short_side",
    )


def read_labels(folder: Path) -> tuple[Mids, Labels, tuple[Skipped, ...]]:
    """MIDs (N,), rising, and labels (N, 15 or 20) of the images that are there; files that are none of BAM's.

    Raises DataError when images and labels do not belong together.
    """
    if not (folder / IMAGES).is_dir() or not (folder / LABELS).is_file():
        raise DataError(f"{folder} is not BAM: it needs {IMAGES}/<MID>.jpg and {LABELS}.")
    found, skipped = _images(folder / IMAGES)
    labels = _checked(folder / LABELS)
    if not (folder / MIDS).is_file():
        mids = np.array(sorted(found), dtype=np.int64)
        if len(mids) != len(labels):
            raise DataError(
                f"{folder} has {len(mids)} images and {len(labels)} rows in {LABELS}; rows belong to images "
                "in the order of their MIDs, so there must be as many."
            )
        return mids, labels, skipped
    mids = _array(folder / MIDS).astype(np.int64)
    if mids.shape != (len(labels),):
        raise DataError(f"{MIDS} and {LABELS} in {folder} do not belong together; fetch it again.")
    there = np.array([mid in found for mid in mids.tolist()], dtype=bool)
    return mids[there], labels[there], skipped


def _images(folder: Path) -> tuple[set[int], tuple[Skipped, ...]]:
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    found = {int(name[:-4]) for name in names if _is_mid(name)}
    reason = "its name is not a MID, such as 4712.jpg"
    return found, tuple(Skipped(f"{IMAGES}/{name}", reason) for name in names if not _is_mid(name))


def _is_mid(name: str) -> bool:
    stem = name.removesuffix(".jpg")
    return stem != name and stem.isascii() and stem.isdecimal() and str(int(stem)) == stem and len(stem) < 19


def _array(path: Path) -> NDArray[Any]:
    try:
        # Mapped, so that a damaged header that claims terabytes is refused instead of believed.
        values: NDArray[Any] = np.load(path, allow_pickle=False, mmap_mode="r")
    except (OSError, ValueError, EOFError, OverflowError) as error:
        raise DataError(f"{path} cannot be read ({error}); it must be a plain NumPy array.") from error
    return values


def _checked(path: Path) -> Labels:
    values = _array(path)
    wanted = (len(AUTHORS_COLUMNS), len(COLUMNS))
    if values.ndim != 2 or values.shape[1] not in wanted or values.dtype.kind not in "biuf":
        raise DataError(f"{path} is {values.dtype} {values.shape}; it must be numbers (N, {wanted[0]}).")
    wrong = np.argwhere(~((values >= 0) & (values <= 1)))
    if len(wrong):
        row, column = wrong[0]
        raise DataError(
            f"{path} says {values[row, column]} in row {row}, column {column}; labels are 0, 0.5 or 1."
        )
    return values.astype(np.float32)


def classify(labels: Labels, settings: BamSettings) -> NDArray[np.str_]:
    """The class of each image (N,): its positive labels joined by "+", or "" where the settings leave it out.

    A value above 0.5 is positive, 0.5 unsure. Raises DataError for a column that the labels lack.
    """
    known = COLUMNS[: labels.shape[1]]
    missing = [column for column in settings.class_columns if column not in known]
    if missing and not isinstance(settings.classes, str):
        raise DataError(f"These labels have no column {missing[0]}; choose from {', '.join(known)}.")
    columns = [column for column in settings.class_columns if column in known]
    chosen = labels[:, [known.index(column) for column in columns]]
    positive = chosen >= 0.5 if settings.unsure == "positive" else chosen > 0.5
    patterns, of = np.unique(positive, axis=0, return_inverse=True)
    names = [_combined(pattern, columns, settings) for pattern in patterns]
    classes = np.array(names, dtype=np.str_)[of] if len(labels) else np.array([], dtype=np.str_)
    if settings.unsure == "leave_out":
        classes[(chosen == 0.5).any(axis=1)] = ""
    return classes


def _combined(positive: NDArray[np.bool_], columns: list[str], settings: BamSettings) -> str:
    names = [class_name(column) for column, there in zip(columns, positive, strict=True) if there]
    if not names:
        return NONE if settings.unlabelled == "keep" else ""
    return "+".join(names) if settings.combine or len(names) == 1 else ""


def _names(classes: NDArray[np.str_], settings: BamSettings, folder: Path, fewest: int) -> tuple[str, ...]:
    """The classes that are large enough, in alphabetical order: the same in every split."""
    counted = zip(*np.unique(classes, return_counts=True), strict=True)
    names = tuple(str(name) for name, count in counted if name and count >= settings.smallest_class)
    if len(names) < fewest:
        needed = "a study needs two" if fewest > 1 else "one is needed"
        raise DataError(
            f"The {len(classes)} images in {folder} make {len(names)} classes of {settings.classes}; "
            f"{needed}: see {SETTINGS_FILE}."
        )
    return names


def _projects(folder: Path) -> dict[int, str]:
    """The project of each MID, where modules.csv tells it."""
    path = folder / MODULES
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            return {int(row["mid"]): f"project-{row['project_id']}" for row in rows if row["project_id"]}
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, ValueError, TypeError) as error:
        raise DataError(f"{path} cannot be read ({error!r}); fetch it again.") from error
