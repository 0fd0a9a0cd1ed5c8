"""The two encodings that TensorFlow's index is made of: varints, and protocol buffer messages."""

from __future__ import annotations

from collections.abc import Iterator

from synvae_core.importing.variables import ImportFailed

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
WIDTHS = {FIXED64: 8, FIXED32: 4}


def varint(data: bytes, start: int) -> tuple[int, int]:
    """The unsigned number of up to 64 bits at `start`, and the place after it."""
    value = 0
    for place in range(10):
        if start + place >= len(data):
            break
        byte = data[start + place]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value & (2**64 - 1), start + place + 1
    raise ImportFailed("The checkpoint's index is damaged: a number in it does not end.")


def signed(value: int) -> int:
    """A varint as the int64 that it stands for."""
    return value - 2**64 if value >= 2**63 else value


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(field number, value) of each field of a message; numbers come unsigned."""
    place = 0
    while place < len(message):
        tag, place = varint(message, place)
        kind, value = tag & 7, 0
        if kind == VARINT:
            value, place = varint(message, place)
            yield tag >> 3, value
            continue
        if kind == BYTES:
            width, place = varint(message, place)
        elif kind in WIDTHS:
            width = WIDTHS[kind]
        else:
            raise ImportFailed(f"The checkpoint's index is damaged: it has a field of unknown kind {kind}.")
        content = message[place : place + width]
        if len(content) < width:
            raise ImportFailed("The checkpoint's index is damaged: a field in it is cut off.")
        place += width
        yield tag >> 3, content if kind == BYTES else int.from_bytes(content, "little")


def numbers(message: bytes) -> dict[int, int]:
    """The number fields of a message; of one that comes twice the last."""
    return {field: value for field, value in fields(message) if isinstance(value, int)}


def messages(message: bytes, field: int) -> list[bytes]:
    """The contents of one bytes field, in order."""
    return [value for number, value in fields(message) if number == field and isinstance(value, bytes)]
