"""Sorted tables in LevelDB's format, which TensorFlow's `.index` files are.

A table is a row of blocks, an index block of (last key, place and size of a block), and a footer that says
where the index block lies. A block is entries whose keys share their beginnings with the key before, then
restart points, then its kind of compression and a checksum.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from google_crc32c import value as crc32c

from synvae_core.importing.snappy import decompress
from synvae_core.importing.variables import ImportFailed
from synvae_core.importing.wire import varint

FOOTER, MAGIC = 48, 0xDB4775248B80FB57
TRAILER = struct.Struct("<BI")  # kind of compression, checksum
PLAIN, SNAPPY = 0, 1

# A MusicVAE with its optimizer's slots has about 200 variables and an index of 20 kB.
MOST_BYTES = 64 * 2**20
MOST_ENTRIES = 100_000
LONGEST_KEY = 1_000


def masked(checksum: int) -> int:
    """A CRC-32C as LevelDB and TensorFlow store it, so that a checksum of checksums stays sound."""
    return (((checksum >> 15) | (checksum << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def read_table(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The (key, value) pairs of a whole table in rising order of keys; raises ImportFailed."""
    count, last = 0, None
    for block in _data_blocks(data):
        for key, value in _entries(block):
            count += 1
            if last is not None and key <= last:
                raise ImportFailed("The checkpoint's index is damaged: its names are not in order.")
            if count > MOST_ENTRIES:
                raise ImportFailed(f"The checkpoint's index has more than {MOST_ENTRIES:,} entries.")
            last = key
            yield key, value


def _data_blocks(data: bytes) -> Iterator[bytes]:
    """The data blocks, which must not overlap: otherwise a small file could claim endless content."""
    if len(data) < FOOTER or int.from_bytes(data[-8:], "little") != MAGIC:
        raise ImportFailed(
            "This is no index of a TensorFlow checkpoint, or its end is missing: give the whole .index file."
        )
    body, footer = data[:-FOOTER], data[-FOOTER:]
    _, _, after = _handle(footer, 0)
    offset, size, _ = _handle(footer, after)
    room, end = MOST_BYTES, 0
    for _, handle in _entries(_block(body, offset, size, room)):
        offset, size, _ = _handle(handle, 0)
        if offset < end:
            raise ImportFailed("The checkpoint's index is damaged: its blocks overlap.")
        block, end = _block(body, offset, size, room), offset + size
        room -= len(block)
        yield block


def _handle(data: bytes, start: int) -> tuple[int, int, int]:
    """(place of a block, its size, place after the handle)."""
    offset, start = varint(data, start)
    size, start = varint(data, start)
    return offset, size, start


def _block(body: bytes, offset: int, size: int, most: int) -> bytes:
    """The content of a block, checked and unpacked."""
    stored = body[offset : offset + size + TRAILER.size]
    if len(stored) < size + TRAILER.size:
        raise ImportFailed("The checkpoint's index is damaged or cut off: a block lies beyond its end.")
    content, (compression, checksum) = stored[:size], TRAILER.unpack(stored[size:])
    if masked(crc32c(stored[: size + 1])) != checksum:
        raise ImportFailed("The checkpoint's index is damaged: a checksum in it is wrong; fetch it again.")
    if compression == SNAPPY:
        return decompress(content, most)
    if compression != PLAIN:
        raise ImportFailed(f"The checkpoint's index is compressed in an unknown way ({compression}).")
    return content


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The entries of a block, up to its restart points."""
    restarts = int.from_bytes(block[-4:], "little") if len(block) >= 4 else 0
    end, place, key = len(block) - 4 * (restarts + 1), 0, b""
    if end < 0:
        raise ImportFailed("The checkpoint's index is damaged: a block in it is too short.")
    while place < end:
        shared, place = varint(block, place)
        fresh, place = varint(block, place)
        width, place = varint(block, place)
        if shared > len(key) or shared + fresh > LONGEST_KEY or place + fresh + width > end:
            raise ImportFailed("The checkpoint's index is damaged: an entry in it is longer than its block.")
        key = key[:shared] + block[place : place + fresh]
        place += fresh + width
        yield key, block[place - width : place]
