"""Looks at the first bytes of a file that somebody sends, before anything unpacks it.

A few bytes tell what a file is, how large its picture claims to be and whether it moves. What passes here is
read in the worker; what does not gets a sentence at once. Nothing here unpacks a picture or trusts its name.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext

from study.errors import EarsightError

SMALLEST_SIDE = 16  # pixels; MNIST's digits have 28
MOST_PIXELS = 50_000_000  # phones take up to 50 million
MOST_PARTS = 10_000  # of a file, before we stop looking for its size

HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}
PNG_MARK = b"\x89PNG\r\n\x1a\n"
# JPEG's "start of frame" markers; C4, C8 and CC in the same row mean something else.
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class UploadRefused(EarsightError):
    """This file is not a picture that can be heard here."""

    status = 422


@dataclass(frozen=True)
class Claim:
    """What a file says of itself: width and height in pixels, and whether it has several pictures."""

    width: int
    height: int
    moves: bool = False


def check(file: BinaryIO) -> Claim:
    """Return what the file claims, leaving it at its start.

    Raises:
        UploadRefused: with what is wrong and what to do, for everything that is not a still JPEG, PNG or WebP
            picture of a bearable size.
    """
    file.seek(0)
    try:
        claim = _claim(file)
    except (struct.error, IndexError) as error:  # it ended where its size should be
        raise UploadRefused(gettext("This picture is damaged or cut short. Please send it again.")) from error
    finally:
        file.seek(0)
    if claim.moves:
        raise UploadRefused(gettext("This picture moves. Please send one that stands still."))
    if min(claim.width, claim.height) < SMALLEST_SIDE:
        sentence = gettext(
            "This picture has %(width)s × %(height)s pixels, too few to show anything. Please send one of at "
            "least %(least)s × %(least)s."
        )
        raise UploadRefused(_told(sentence, claim))
    if claim.width * claim.height > MOST_PIXELS:
        sentence = gettext(
            "This picture has %(width)s × %(height)s pixels; at most %(most)s million can be read. Please "
            "make it smaller first."
        )
        raise UploadRefused(_told(sentence, claim))
    return claim


def _told(sentence: str, claim: Claim) -> str:
    most = MOST_PIXELS // 1_000_000
    return sentence % {"width": claim.width, "height": claim.height, "least": SMALLEST_SIDE, "most": most}


def _claim(file: BinaryIO) -> Claim:
    head = file.read(32)
    if not head:
        raise UploadRefused(gettext("This file is empty. Please choose another."))
    if head.startswith(PNG_MARK):
        return _png(file)
    if head.startswith(b"\xff\xd8\xff"):
        return _jpeg(file)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _webp(head)
    raise UploadRefused(_other(head))


def _other(head: bytes) -> str:
    if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
        return gettext(
            "This is a HEIC or AVIF picture, which cannot be read here. Please save it as JPEG first: most "
            "phones do so when you share or export a photo."
        )
    if head.startswith((b"GIF87a", b"GIF89a")):
        return gettext("This is a GIF. Please send a JPEG, PNG or WebP picture.")
    return gettext(
        "This file is not a picture that can be read here. Please send a JPEG, PNG or WebP picture."
    )


def _png(file: BinaryIO) -> Claim:
    """The first part holds the size; one called acTL, before the pixels, says that it moves."""
    file.seek(len(PNG_MARK))
    _, kind, width, height = struct.unpack(">I4sII", file.read(16))
    if kind != b"IHDR":
        raise IndexError
    file.seek(len(PNG_MARK) + 25)
    for _part in range(MOST_PARTS):
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind in (b"IDAT", b"acTL"):
            return Claim(width, height, moves=kind == b"acTL")
        file.seek(length + 4, 1)
    raise IndexError


def _jpeg(file: BinaryIO) -> Claim:
    """Walk from marker to marker to the frame, which holds the size."""
    file.seek(2)
    for _part in range(MOST_PARTS):
        marker = file.read(2)
        while marker[1] == 0xFF:  # filling
            marker = marker[1:] + file.read(1)
        if marker[0] != 0xFF:
            raise IndexError
        (length,) = struct.unpack(">H", file.read(2))
        if marker[1] in FRAMES:
            _, height, width = struct.unpack(">BHH", file.read(5))
            return Claim(width, height)
        file.seek(length - 2, 1)
    raise IndexError


def _webp(head: bytes) -> Claim:
    """Of the three kinds only the extended one (VP8X) can move; its flags say so."""
    kind = head[12:16]
    if kind == b"VP8X":
        width = 1 + int.from_bytes(_exactly(head[24:27], 3), "little")
        height = 1 + int.from_bytes(_exactly(head[27:30], 3), "little")
        return Claim(width, height, moves=bool(head[20] & 0x02))
    if kind == b"VP8L":
        (bits,) = struct.unpack("<I", head[21:25])
        return Claim(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", head[26:30])
        return Claim(width & 0x3FFF, height & 0x3FFF)
    raise IndexError


def _exactly(part: bytes, length: int) -> bytes:
    if len(part) != length:
        raise IndexError
    return part
