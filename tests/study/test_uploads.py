"""What is found out about a file before anything unpacks it."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from study.domain import uploads
from study.domain.uploads import Claim, UploadRefused
from tests.study import pictures_sent as sent


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [(16, 16), (61, 80), (300, 17)])
def test_a_still_picture_is_measured_as_pillow_measures_it(kind: str, size: tuple[int, int]) -> None:
    file = sent.drawing(kind, size)
    assert uploads.check(file) == Claim(*Image.open(file).size)
    assert file.tell() == 0 or file.seek(0) == 0


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"progressive": True}),
        ("JPEG", {"exif": Image.Exif().tobytes() + b"\0" * 4000}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\0\0" + b"\0" * 200}),
        ("PNG", {"dpi": (300, 300)}),
    ],
)
def test_pictures_as_cameras_and_programs_write_them(kind: str, options: dict[str, object]) -> None:
    assert uploads.check(sent.drawing(kind, (120, 90), **options)) == Claim(120, 90)


REFUSED: dict[str, tuple[Callable[[], io.BytesIO], str]] = {
    "empty": (io.BytesIO, "empty"),
    "text": (lambda: io.BytesIO(b"Dear Sir or Madam, " * 50), "not a picture"),
    "a page": (
        lambda: io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
        "not a picture",
    ),
    "a program": (lambda: io.BytesIO(b"\x7fELF" + b"\0" * 500), "not a picture"),
    "HEIC": (sent.heic, "HEIC"),
    "a GIF": (lambda: sent.drawing("GIF"), "GIF"),
    "a moving GIF": (lambda: sent.moving("GIF"), "GIF"),
    "a moving PNG": (lambda: sent.moving("PNG"), "moves"),
    "a moving WebP": (lambda: sent.moving("WEBP"), "moves"),
    "a dot": (lambda: sent.png_claiming(1, 1), "1 × 1 pixels, too few"),
    "a line": (lambda: sent.png_claiming(4000, 15), "too few"),
    "a PNG bomb": (lambda: sent.png_claiming(20_000, 20_000), "20000 × 20000 pixels; at most 50 million"),
    "a WebP bomb": (lambda: sent.webp_claiming(16_383, 16_383), "16383 × 16383 pixels"),
    "a huge WebP canvas": (lambda: sent.webp_claiming(1 << 24, 1 << 24), "at most 50 million"),
    "a JPEG bomb": (lambda: sent.jpeg_claiming(65_500, 65_500), "65500 × 65500 pixels"),
    "an empty PNG": (lambda: sent.png_claiming(0, 0), "too few"),
    "the start of a PNG": (lambda: io.BytesIO(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIH"), "damaged"),
    "the start of a JPEG": (lambda: io.BytesIO(b"\xff\xd8\xff\xe0\0\x10JFIF"), "damaged"),
    "the start of a WebP": (lambda: io.BytesIO(b"RIFF\0\0\0\0WEBPVP8X"), "damaged"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_heard_is_refused_with_a_sentence(name: str) -> None:
    make, said = REFUSED[name]
    with pytest.raises(UploadRefused, match=said) as refused:
        uploads.check(make())
    assert refused.value.status == 422


MARKS = [
    b"",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"RIFF\x10\0\0\0WEBPVP8 ",
    b"RIFF\x10\0\0\0WEBPVP8X",
    b"\0\0\0\x18ftypheic",
]


def answer(content: bytes) -> Claim | str:
    """What is said of a file."""
    try:
        return uploads.check(io.BytesIO(content))
    except UploadRefused as error:
        return str(error)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(MARKS), st.binary(max_size=200))
def test_no_file_gets_past_without_a_claim_or_a_sentence(mark: bytes, rest: bytes) -> None:
    said = answer(mark + rest)
    if isinstance(said, str):
        assert said.endswith(".")
    else:
        assert 0 < said.width * said.height <= uploads.MOST_PIXELS


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_way_of_cutting_a_picture_short_is_bearable(kind: str) -> None:
    content = sent.drawing(kind, (40, 40)).getvalue()
    said = {answer(content[:length]) for length in range(len(content) + 1)}
    assert said - {Claim(40, 40)} == {text for text in said if isinstance(text, str)}
    assert answer(content) == Claim(40, 40)
