"""MNIST of three images, as the published files would be written."""

from __future__ import annotations

import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synvae_core.data.mnist import IdxFile

IMAGES = np.arange(3 * 28 * 28).reshape(3, 28, 28).astype(np.uint8)
LABELS = np.array([7, 0, 9], dtype=np.uint8)


def idx_bytes(values: NDArray[np.uint8]) -> bytes:
    """An array as an idx file."""
    header = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
    return header + values.tobytes()


def described(name: str, content: bytes) -> IdxFile:
    """The file of this name, published with this content."""
    return IdxFile(name, hashlib.sha256(content).hexdigest())


IMAGE_FILE = described("t10k-images-idx3-ubyte", idx_bytes(IMAGES))
LABEL_FILE = described("t10k-labels-idx1-ubyte", idx_bytes(LABELS))
CONTENTS = {IMAGE_FILE.name: idx_bytes(IMAGES), LABEL_FILE.name: idx_bytes(LABELS)}


def put(folder: Path, *, packed: bool = False, suffix: str = "") -> None:
    """Write both files into a new folder."""
    folder.mkdir(parents=True)
    for name, content in CONTENTS.items():
        (folder / f"{name}{suffix}").write_bytes(gzip.compress(content) if packed else content)
