"""The latents that a study is planned from: one posterior mean per image, its class and its id."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from sampling.errors import LatentsError

BATCH = 4096  # rows held in float64 at a time: 16 MiB at 512 dimensions
LARGEST = 1e100  # squares of anything larger overflow a float64

Rows = NDArray[np.intp]


def batches(rows: Rows) -> Iterator[Rows]:
    """The given row numbers, at most BATCH of them at a time."""
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


@dataclass(frozen=True, eq=False)
class Latents:
    """N images in a latent space of D dimensions, each in one of K classes.

    `z` (N, D) real posterior means, of any scale; `labels` (N,) integers from 0 to K - 1; `ids` N different
    strings; `class_names` K different strings. Anything else raises LatentsError.
    """

    z: NDArray[np.floating]
    labels: NDArray[np.int64]
    ids: tuple[str, ...]
    class_names: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "z", np.asarray(self.z))
        object.__setattr__(self, "labels", np.asarray(self.labels))
        object.__setattr__(self, "ids", tuple(map(str, self.ids)))
        object.__setattr__(self, "class_names", tuple(map(str, self.class_names)))
        self._check_shapes()
        self._check_names()
        self._check_labels()
        object.__setattr__(self, "labels", self.labels.astype(np.int64))
        self._check_values()

    @classmethod
    def load(cls, path: str | Path) -> Latents:
        """Read an .npz with the arrays z (N, D), labels (N,), ids (N,) and class_names (K,)."""
        try:
            with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
                arrays = {name: file[name] for name in ("z", "labels", "ids", "class_names")}
        except FileNotFoundError as error:
            raise LatentsError(
                f"There is no file {path}; `python -m synvae_core encode` writes one."
            ) from error
        except KeyError as error:
            raise LatentsError(
                f"{path} has no array {error.args[0].split()[0]}; it needs z, labels, ids, class_names."
            ) from error
        except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise LatentsError(
                f"{path} cannot be read as an .npz file of plain arrays ({str(error).rstrip('.')}); "
                f"`python -m synvae_core encode` writes one."
            ) from error
        names = {key: np.atleast_1d(arrays[key]).ravel().tolist() for key in ("ids", "class_names")}
        return cls(arrays["z"], arrays["labels"], tuple(names["ids"]), tuple(names["class_names"]))

    def save(self, file: BinaryIO) -> None:
        """Write what `load` reads, to a file opened for bytes."""
        np.savez(
            file, z=self.z, labels=self.labels, ids=np.array(self.ids), class_names=np.array(self.class_names)
        )

    def __len__(self) -> int:
        return len(self.ids)

    def members(self, label: int) -> Rows:
        """The rows of one class."""
        return np.flatnonzero(self.labels == label)

    def counts(self) -> NDArray[np.intp]:
        """How many images each class has, (K,)."""
        return np.bincount(self.labels, minlength=len(self.class_names))

    def digest(self) -> str:
        """A fingerprint of everything a plan depends on, so that a plan can name its latents."""
        names = json.dumps([self.z.shape, self.z.dtype.str, self.ids, self.class_names])
        sha = hashlib.sha256(names.encode())
        sha.update(self.labels.astype("<i8").tobytes())
        for rows in batches(np.arange(len(self))):
            sha.update(self.z[rows].tobytes())
        return f"sha256:{sha.hexdigest()}"

    def _check_shapes(self) -> None:
        if self.z.ndim != 2 or 0 in self.z.shape or self.z.dtype.kind not in "fiu":
            raise LatentsError(
                f"z must be numbers of shape (images, dimensions) and not empty, "
                f"but it is {self.z.dtype} of shape {self.z.shape}."
            )
        if self.labels.shape != (len(self.z),) or len(self.ids) != len(self.z):
            raise LatentsError(
                f"z has {len(self.z)} rows, so there must be as many labels and ids, "
                f"but labels has shape {self.labels.shape} and there are {len(self.ids)} ids."
            )

    def _check_names(self) -> None:
        for what, names in (("id", self.ids), ("class name", self.class_names)):
            if len(set(names)) < len(names):
                name, times = Counter(names).most_common(1)[0]
                raise LatentsError(f"The {what} '{name}' occurs {times} times; give every one its own.")

    def _check_labels(self) -> None:
        if self.labels.dtype.kind not in "iu":
            raise LatentsError(f"Labels must be integers, but they are {self.labels.dtype}.")
        unlabelled = np.flatnonzero(self.labels == -1)
        if len(unlabelled):
            raise LatentsError(
                f"Images without a label (-1) cannot be in a study: leave out {len(unlabelled)} of them, "
                f"the first is '{self.ids[unlabelled[0]]}'."
            )
        unnamed = np.flatnonzero((self.labels < 0) | (self.labels >= len(self.class_names)))
        if len(unnamed):
            raise LatentsError(
                f"The label {self.labels[unnamed[0]]} of '{self.ids[unnamed[0]]}' has no class name; "
                f"there are names for 0 to {len(self.class_names) - 1}."
            )

    def _check_values(self) -> None:
        for rows in batches(np.arange(len(self))):
            bad = rows[
                ~(np.abs(self.z[rows].astype(np.float64)) <= LARGEST).all(axis=1)
            ]  # NaN compares false
            if len(bad):
                raise LatentsError(
                    f"The latent of '{self.ids[bad[0]]}' holds NaN, infinity or a number beyond {LARGEST:g}; "
                    f"encode the images again or leave it out."
                )
