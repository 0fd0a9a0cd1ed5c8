"""`load` and `fetch`: from a data set's name to images."""

from __future__ import annotations

from pathlib import Path

from synvae_core.data.cifar10 import SHAPE as CIFAR10_SHAPE
from synvae_core.data.cifar10 import fetch_cifar10, load_cifar10
from synvae_core.data.fetching import Source
from synvae_core.data.folder import list_folder
from synvae_core.data.image_set import DataError, ImageSet
from synvae_core.data.listing import load_listing
from synvae_core.data.mnist import fetch_mnist, load_mnist

MNIST_SHAPE = (28, 28, 1)
FETCHERS = {"mnist": fetch_mnist, "cifar10": fetch_cifar10}


def load(
    name: str, split: str | None = None, *, grey: bool = False, shape: tuple[int, int, int] | None = None
) -> ImageSet:
    """The images of a named data set or of a folder.

    name   "mnist", "cifar10", or "folder:PATH" with `class/image.*` or images beside a `labels.csv`
    split  "train", "validation" or "test"; by default "test", and of a folder all it has
    grey   keep the greys of one-channel images, which are otherwise binarised at 0.5 as the original does
    shape  (height, width, channels) for folders: 28x28x1 (the default), 32x32x3 or 64x64x3

    Raises DataError when there is no such data set, or it is missing, damaged or unfit.
    """
    if name == "mnist":
        if shape not in (None, MNIST_SHAPE):
            raise DataError(f"MNIST images are 28x28x1; they cannot be loaded as {shape}.")
        return load_mnist(split or "test", grey=grey)
    if name == "cifar10":
        if shape not in (None, CIFAR10_SHAPE):
            raise DataError(f"CIFAR-10 images are 32x32x3; they cannot be loaded as {shape}.")
        return load_cifar10(split or "test")
    if name.startswith("folder:"):
        folder = Path(name.removeprefix("folder:")).expanduser()
        return load_listing(list_folder(folder, split or "all"), shape or MNIST_SHAPE, grey=grey)
    raise DataError(
        f"There is no data set {name!r}; use mnist, cifar10, or folder:PATH for your own pictures."
    )


def fetch(name: str, *, root: Path | None = None, sources: tuple[Source, ...] | None = None) -> Path:
    """Puts a named data set under the data folder, where it is not there yet, and returns its folder.

    Raises DataError with what to do by hand when no source works, and for names that cannot be fetched.
    """
    if name not in FETCHERS:
        known = ", ".join(FETCHERS)
        raise DataError(f"There is nothing to fetch for {name!r}; what can be fetched is {known}.")
    return FETCHERS[name](root=root, sources=sources)
