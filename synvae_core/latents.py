"""`LatentSet`: where images lie in a model's latent space, as it travels to sampling in one npz."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synvae_core.errors import SynvaeError
from synvae_core.files import whole_file

KEYS = ("z", "labels", "ids", "class_names")


class LatentError(SynvaeError):
    """A file of latents that cannot be written or read."""


@dataclass(frozen=True, eq=False)
class LatentSet:
    """Posterior means z (N, D) float32 of images, with their labels (N,), ids (N,) and class names."""

    z: NDArray[np.float32]
    labels: NDArray[np.int64]
    ids: tuple[str, ...]
    class_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)

    def save(self, path: str | Path) -> None:
        """Writes an npz with `z`, `labels`, `ids` and `class_names`, in one move."""
        path = Path(path)
        names = np.array(self.class_names, dtype=np.str_)
        ids = np.array(self.ids, dtype=np.str_)
        try:
            with whole_file(path) as file:
                np.savez(file, z=self.z, labels=self.labels, ids=ids, class_names=names)
        except OSError as error:
            raise LatentError(
                f"{path} could not be written ({error.strerror}); check folder and disk."
            ) from error

    @classmethod
    def load(cls, path: str | Path) -> LatentSet:
        """Reads what `save` wrote; LatentError for anything else."""
        try:
            with np.load(path, allow_pickle=False) as arrays:
                z, labels, ids, names = (arrays[key] for key in KEYS)
        except (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
            raise LatentError(
                f"{path} is no file of latents; write one with 'python -m synvae_core encode'."
            ) from error
        return cls(z.astype(np.float32), labels.astype(np.int64), tuple(ids.tolist()), tuple(names.tolist()))
