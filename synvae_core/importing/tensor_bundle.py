"""TensorFlow's checkpoints (version 2, "tensor bundle"): PREFIX.index and PREFIX.data-00000-of-00001.

The index is a sorted table: under the empty key a BundleHeaderProto, under each variable's name a
BundleEntryProto, as tensorflow/core/protobuf/tensor_bundle.proto numbers their fields.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from google_crc32c import value as crc32c
from numpy.typing import NDArray

from synvae_core.importing.sstable import MOST_BYTES, masked, read_table
from synvae_core.importing.variables import ImportFailed, Shape, Variables
from synvae_core.importing.wire import messages, numbers, signed

SUFFIX = ".index"
FLOAT32 = 1
SHARDS, ENDIANNESS = 1, 2  # fields of the header
DTYPE, SHAPE, SHARD, OFFSET, SIZE, CHECKSUM, SLICES = 1, 2, 3, 4, 5, 6, 7  # fields of an entry
DIMENSION, EXTENT = 2, 1  # fields of a TensorShapeProto and of its dimensions


@dataclass(frozen=True)
class Entry:
    """Where one variable lies."""

    name: str
    dtype: int
    shape: Shape
    shard: int
    offset: int
    size: int
    checksum: int
    sliced: bool


class TensorBundle(Variables):
    """The float32 variables of a checkpoint; each is checked against its CRC-32C as it is read."""

    kind = "a TensorFlow checkpoint"

    def __init__(self, prefix: Path) -> None:
        self.prefix = prefix
        self._shards, entries = _read_index(prefix.with_name(prefix.name + SUFFIX))
        self._entries = {entry.name: entry for entry in entries if entry.dtype == FLOAT32}
        super().__init__({name: entry.shape for name, entry in self._entries.items()})

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        entry = self._entries[name]
        if entry.sliced:
            raise ImportFailed(
                f"The variable {name} is stored in slices, as only distributed training does: save the "
                "checkpoint again from one machine."
            )
        wanted = 4 * math.prod(entry.shape)
        if entry.size != wanted:
            raise ImportFailed(
                f"The variable {name} is stored in {entry.size:,} bytes instead of {wanted:,}."
            )
        content = self._read(entry)
        if masked(crc32c(content)) != entry.checksum:
            raise ImportFailed(
                f"The variable {name} is damaged (its checksum is wrong): fetch the files again."
            )
        return np.frombuffer(content, dtype="<f4").reshape(entry.shape).astype(np.float32)

    def _read(self, entry: Entry) -> bytes:
        name = f"{self.prefix.name}.data-{entry.shard:05d}-of-{self._shards:05d}"
        try:
            with (self.prefix.parent / name).open("rb") as file:
                end = file.seek(0, 2)
                if entry.offset + entry.size > end:
                    raise ImportFailed(
                        f"{name} is cut off: the variable {entry.name} ends at byte "
                        f"{entry.offset + entry.size:,}, the file at {end:,}. Fetch it again."
                    )
                file.seek(entry.offset)
                return file.read(entry.size)
        except FileNotFoundError:
            raise ImportFailed(
                f"{name} is missing: put it beside {self.prefix.name}{SUFFIX}; both belong to the checkpoint."
            ) from None
        except OSError as error:
            raise ImportFailed(f"{name} cannot be read ({error.strerror}).") from error


def _read_index(path: Path) -> tuple[int, list[Entry]]:
    """The number of shards, and an entry for each variable."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ImportFailed(f"{path.name} has more than {MOST_BYTES:,} bytes: that is no index.")
        table = dict(read_table(path.read_bytes()))
    except OSError as error:
        raise ImportFailed(f"{path} cannot be read ({error.strerror}).") from error
    header = numbers(table.pop(b"", b""))
    if not 0 < header.get(SHARDS, 0) < 100_000:
        raise ImportFailed(f"{path.name} is no index of a TensorFlow checkpoint: it has no header.")
    if header.get(ENDIANNESS, 0):
        raise ImportFailed(f"{path.name} was written on a big-endian machine, which is not supported.")
    return header[SHARDS], [_entry(key.decode(errors="replace"), value) for key, value in table.items()]


def _entry(name: str, message: bytes) -> Entry:
    found = numbers(message)
    shape = tuple(
        signed(numbers(dimension).get(EXTENT, 0))
        for description in messages(message, SHAPE)
        for dimension in messages(description, DIMENSION)
    )
    shard, offset, size = (signed(found.get(field, 0)) for field in (SHARD, OFFSET, SIZE))
    if min(shard, offset, size, *shape, 0) < 0 or shard > 99_999:
        raise ImportFailed(f"The checkpoint's index is damaged: {name} has a size or place that cannot be.")
    sliced = bool(messages(message, SLICES))
    return Entry(name, found.get(DTYPE, 0), shape, shard, offset, size, found.get(CHECKSUM, 0), sliced)
