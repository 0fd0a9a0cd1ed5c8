"""The idx format of MNIST (http://yann.lecun.com/exdb/mnist): big-endian header, then unsigned bytes."""

from __future__ import annotations

import gzip
import hashlib
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synvae_core.data.image_set import DataError

UNSIGNED_BYTE = 0x08


def read_bytes(path: Path) -> bytes:
    """The file's content, unpacked when it is gzip whatever its name.

    Raises DataError when it cannot be read or the gzip stream is damaged.
    """
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read ({error}); delete it and fetch it again.") from error


def check_digest(content: bytes, sha256: str, path: Path) -> None:
    """Raises DataError when `content` is not the file that the digest was taken from."""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DataError(
            f"{path} is not the published file (SHA-256 is not {sha256[:12]}…); delete it and fetch it again."
        )


def parse(content: bytes, path: Path) -> NDArray[np.uint8]:
    """idx bytes -> array of the shape in its header; (N, H, W) for images, (N,) for labels.

    Raises DataError on a wrong magic number or a length that does not fit the header.
    """
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != UNSIGNED_BYTE:
        raise DataError(f"{path} is not an idx file of unsigned bytes; delete it and fetch it again.")
    start = 4 + 4 * content[3]
    if len(content) < start:
        raise DataError(f"{path} is cut short in its header; delete it and fetch it again.")
    shape = struct.unpack(f">{content[3]}I", content[4:start])
    expected = start + math.prod(shape)
    if len(content) != expected:
        raise DataError(
            f"{path} has {len(content)} bytes, its header says {expected}; delete it and fetch it again."
        )
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)
