"""Files that people may send, good and bad, each of them small, and what is stored of them."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import timedelta

from django.core.files.storage import default_storage
from PIL import Image, ImageDraw

from study.domain import own_pictures
from study.models import OwnPicture

ANIMATED = {"save_all": True, "duration": 100}


def drawing(kind: str = "JPEG", size: tuple[int, int] = (60, 80), **options: object) -> io.BytesIO:
    """A dark stroke on grey paper."""
    image = Image.new("RGB", size, (190, 190, 185))
    ImageDraw.Draw(image).line([(size[0] // 3, size[1] // 3), (size[0] // 2, size[1] // 2)], (40, 40, 60), 6)
    return saved(image, kind, **options)


def saved(image: Image.Image, kind: str, **options: object) -> io.BytesIO:
    file = io.BytesIO()
    image.save(file, kind, **options)
    file.seek(0)
    return file


def moving(kind: str) -> io.BytesIO:
    """Two pictures, one after the other."""
    first, second = (Image.new("RGB", (40, 40), colour) for colour in ("red", "blue"))
    return saved(first, kind, append_images=[second], **ANIMATED)


def cut_short(kind: str, share: float = 0.5) -> io.BytesIO:
    content = drawing(kind, (200, 200)).getvalue()
    return io.BytesIO(content[: int(len(content) * share)])


def png_claiming(width: int, height: int) -> io.BytesIO:
    """A PNG of a few bytes that says it is as large as this."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [
        b"\x89PNG\r\n\x1a\n",
        _part(b"IHDR", header),
        _part(b"IDAT", zlib.compress(b"\0" * 64)),
        _part(b"IEND", b""),
    ]
    return io.BytesIO(b"".join(parts))


def webp_claiming(width: int, height: int) -> io.BytesIO:
    """An extended WebP without a picture that says it is as large as this (at most 16 million a side)."""
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + size
    return io.BytesIO(b"RIFF" + struct.pack("<I", len(body)) + body)


def jpeg_claiming(width: int, height: int) -> io.BytesIO:
    """A JPEG whose frame says it is as large as this."""
    content = bytearray(drawing("JPEG").getvalue())
    place = content.index(b"\xff\xc0")
    content[place + 5 : place + 9] = struct.pack(">HH", height, width)
    return io.BytesIO(bytes(content))


def heic() -> io.BytesIO:
    return io.BytesIO(struct.pack(">I", 24) + b"ftypheic" + b"\0\0\0\0mif1heic" + b"\0" * 64)


def _part(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def files() -> list[str]:
    """Every file of people's own pictures in the media storage."""
    try:
        folders = default_storage.listdir(own_pictures.FOLDER)[0]
    except FileNotFoundError:
        return []
    return [f"{own_pictures.FOLDER}/{name}/{file}" for name in folders
            for file in default_storage.listdir(f"{own_pictures.FOLDER}/{name}")[1]]  # fmt: skip


def later(picture: OwnPicture, **ages: timedelta) -> None:
    """Let time have passed for a row."""
    row = OwnPicture.objects.get(pk=picture.pk)
    OwnPicture.objects.filter(pk=picture.pk).update(
        **{name: getattr(row, name) - age for name, age in ages.items()}
    )
