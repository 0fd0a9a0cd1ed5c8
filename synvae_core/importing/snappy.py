"""Snappy's block format, read only (google/snappy, format_description.txt): some indices use it."""

from __future__ import annotations

from synvae_core.importing.variables import ImportFailed
from synvae_core.importing.wire import varint

LITERAL = 0


def decompress(data: bytes, most: int) -> bytes:
    """The content of one compressed block of at most `most` bytes; raises ImportFailed."""
    size, place = varint(data, 0)
    if size > most:
        raise ImportFailed(f"The checkpoint's index claims a block of {size:,} bytes; {most:,} are the most.")
    content = bytearray()
    while place < len(data) and len(content) <= size:
        tag = data[place]
        if tag & 3 == LITERAL:
            place = _copy_literal(data, place, content)
        else:
            place = _copy_earlier(data, place, content)
    if len(content) != size:
        raise _damaged()
    return bytes(content)


def _copy_literal(data: bytes, place: int, content: bytearray) -> int:
    """Append the bytes that follow the tag at `place`; returns the place after them."""
    length, place = (data[place] >> 2) + 1, place + 1
    if length > 60:
        width = length - 60
        length, place = _number(data, place, width) + 1, place + width
    if place + length > len(data):
        raise _damaged()
    content += data[place : place + length]
    return place + length


def _copy_earlier(data: bytes, place: int, content: bytearray) -> int:
    """Append what was written `offset` bytes ago, which may run into what is being written."""
    tag, place = data[place], place + 1
    if tag & 3 == 1:
        length, width, high = ((tag >> 2) & 7) + 4, 1, tag >> 5
    else:
        length, width, high = (tag >> 2) + 1, (tag & 3) * 2 - 2, 0
    offset = _number(data, place, width) | high << 8
    if not 0 < offset <= len(content):
        raise _damaged()
    for _ in range(length):
        content.append(content[-offset])
    return place + width


def _number(data: bytes, place: int, width: int) -> int:
    if place + width > len(data):
        raise _damaged()
    return int.from_bytes(data[place : place + width], "little")


def _damaged() -> ImportFailed:
    return ImportFailed("The checkpoint's index is damaged: a compressed block in it cannot be unpacked.")
