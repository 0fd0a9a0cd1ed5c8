"""`load`, `stream` and `fetch`: from a data set's name to images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from synvae_core.data.cifar10 import SHAPE as CIFAR10_SHAPE
from synvae_core.data.cifar10 import fetch_cifar10, load_cifar10
from synvae_core.data.fetching import Source
from synvae_core.data.folder import list_folder
from synvae_core.data.image_set import DataError, ImageSet, ImageSource
from synvae_core.data.listing import Listing, load_listing
from synvae_core.data.mnist import fetch_mnist, load_mnist
from synvae_core.data.pictures import Shape, check_shape
from synvae_core.data.stream import ImageStream
from synvae_core.data.unpacking import Progress, unpack

MNIST_SHAPE = (28, 28, 1)
BAM_SHAPE = (64, 64, 3)
FETCHERS = {"mnist": fetch_mnist, "cifar10": fetch_cifar10}
IN_MEMORY = ("mnist", "cifar10")


def load(
    name: str,
    split: str | None = None,
    *,
    grey: bool = False,
    shape: Shape | None = None,
    fewest_classes: int = 2,
) -> ImageSet:
    """All images of a split in memory.

    name   "mnist", "cifar10", "folder:PATH" with `class/image.*` or images beside a `labels.csv`, or
           "bam:PATH" with `img/<MID>.jpg` and `labels.npy`
    split  "train", "validation" or "test"; by default "test", and of folder: and bam: all they have
    grey   keep the greys of one-channel images, which are otherwise binarised at 0.5 as the original does
    shape  (height, width, channels) for folder: (28x28x1 by default) and bam: (64x64x3): one of these, or
           32x32x3
    fewest_classes  folder: and bam: must have so many; 1 where labels do not matter

    Raises DataError when there is no such data set, or it is missing, damaged or unfit.
    """
    if name in IN_MEMORY:
        return _published(name, split or "test", grey, shape)
    shape = _shape(name, shape)
    return load_listing(_listing(name, split, fewest_classes), shape, grey=grey)


def stream(
    name: str,
    split: str | None = None,
    *,
    grey: bool = False,
    shape: Shape | None = None,
    vary: bool | None = None,
    seed: int = 0,
    fewest_classes: int = 2,
    workers: int | None = None,
    progress: Progress | None = None,
) -> ImageSource:
    """The same images as `load`, read from disk as they are needed, in the memory of a batch.

    The first time, worker processes (`workers`, by default one per processor) unpack the pictures into the
    data folder; `progress` is told (pictures done, all), by default a bar on a terminal is.
    vary   in an epoch, cut each picture at a place that follows from seed, epoch and index instead of its
           centre; by default so for bam: and not for folder:
    MNIST and CIFAR-10 are small, and come in memory.

    Raises DataError as `load` does.
    """
    if name in IN_MEMORY:
        return _published(name, split or "test", grey, shape)
    shape = _shape(name, shape)
    listing = _listing(name, split, fewest_classes)
    if vary is not None:
        listing = replace(listing, fit="short_side" if vary else "square")
    with tqdm(
        total=len(listing), desc="unpacking", unit="picture", disable=True if progress else None
    ) as bar:
        kept, unpacked = unpack(
            listing, split or "all", shape, workers=workers, progress=progress or _shown_by(bar)
        )
    return ImageStream(kept, unpacked, shape, grey=grey, vary=listing.fit == "short_side", seed=seed)


def _shown_by(bar: tqdm[None]) -> Progress:
    def show(done: int, every: int) -> None:
        bar.update(done - bar.n)

    return show


def _published(name: str, split: str, grey: bool, shape: Shape | None) -> ImageSet:
    if name == "mnist":
        if shape not in (None, MNIST_SHAPE):
            raise DataError(f"MNIST images are 28x28x1; they cannot be loaded as {shape}.")
        return load_mnist(split, grey=grey)
    if shape not in (None, CIFAR10_SHAPE):
        raise DataError(f"CIFAR-10 images are 32x32x3; they cannot be loaded as {shape}.")
    return load_cifar10(split)


def _listing(name: str, split: str | None, fewest: int) -> Listing:
    kind, colon, place = name.partition(":")
    if kind in ("folder", "bam") and not place.strip():
        raise DataError(
            f"{name!r} names no folder; write its path behind the colon, such as {kind}:pictures."
        )
    if colon and kind == "folder":
        return list_folder(Path(place).expanduser(), split or "all", fewest)
    if colon and kind == "bam":
        from synvae_core.data.bam import list_bam

        return list_bam(Path(place).expanduser(), split or "all", fewest_classes=fewest)
    raise DataError(
        f"There is no data set {name!r}; use {', '.join(IN_MEMORY)}, bam:PATH, or folder:PATH for your own "
        "pictures."
    )


def _shape(name: str, shape: Shape | None) -> Shape:
    """The shape that is asked for, or what the kind of data set usually has."""
    chosen = shape or (BAM_SHAPE if name.startswith("bam:") else MNIST_SHAPE)
    check_shape(chosen)
    return chosen


def fetch(name: str, *, root: Path | None = None, sources: tuple[Source, ...] | None = None) -> Path:
    """Puts a named data set under the data folder, where it is not there yet, and returns its folder.

    Raises DataError with what to do by hand when no source works, and for names that cannot be fetched.
    """
    if name not in FETCHERS:
        known = ", ".join(FETCHERS)
        raise DataError(
            f"There is nothing to fetch for {name!r}; what can be fetched is {known}, and on the command "
            "line bam:FILE."
        )
    return FETCHERS[name](root=root, sources=sources)
