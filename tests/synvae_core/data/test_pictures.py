"""One picture of every size, mode and depth; bombs and programs in disguise."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from synvae_core.data import DataError
from synvae_core.data.pictures import UnreadablePicture, decode, load_pictures, read_picture
from tests.synvae_core.data.drawn import save

COLOUR = (32, 32, 3)
GREY = (28, 28, 1)


def gradient(mode: str) -> Image.Image:
    """Left half black, right half white, in any mode."""
    pixels = np.zeros((8, 8), dtype=np.uint8)
    pixels[:, 4:] = 255
    if mode == "I;16":
        return Image.fromarray(pixels.astype(np.uint16) * 257)
    if mode == "I":
        return Image.fromarray(pixels.astype(np.int32) * 257)
    if mode == "F":
        return Image.fromarray(pixels.astype(np.float32) / 255)
    image = Image.fromarray(pixels)
    return (
        image.convert("L").convert(mode)
        if mode in ("RGB", "1", "LA", "L")
        else image.convert("RGB").convert(mode)
    )


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [
        ("1", "png"),
        ("L", "png"),
        ("LA", "png"),
        ("P", "png"),
        ("P", "gif"),
        ("RGB", "bmp"),
        ("RGB", "webp"),
        ("RGB", "ppm"),
        ("RGB", "avif"),
        ("RGBA", "png"),
        ("CMYK", "jpg"),
        ("CMYK", "tif"),
        ("YCbCr", "jpg"),
        ("LAB", "tif"),
        ("I;16", "png"),
        ("I;16", "tif"),
        ("I", "tif"),
        ("F", "tif"),
    ],
)
def test_every_mode_shows_the_same_picture(tmp_path: Path, mode: str, suffix: str) -> None:
    options = {"lossless": True} if suffix == "webp" else {}
    path = save(tmp_path / f"half.{suffix}", gradient(mode), **options)
    expected = np.zeros((28, 28, 1), dtype=np.float32)
    expected[:, 14:] = 1
    np.testing.assert_array_equal(read_picture(path, GREY), expected)


def test_sixteen_bit_greys_keep_their_middle(tmp_path: Path) -> None:
    middle = Image.fromarray(np.full((8, 8), 32768, dtype=np.uint16))
    pixels = read_picture(save(tmp_path / "middle.png", middle), COLOUR)
    np.testing.assert_allclose(pixels, 0.5, atol=1 / 255)


def test_transparency_is_laid_on_white(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    half = Image.new("LA", (8, 8), (0, 128))
    palette = Image.new("P", (8, 8), 3)
    palette.putpalette([10, 20, 30] * 256)
    assert read_picture(save(tmp_path / "clear.png", clear), COLOUR).min() == 1
    np.testing.assert_allclose(read_picture(save(tmp_path / "half.png", half), COLOUR), 127 / 255, atol=0.01)
    assert read_picture(save(tmp_path / "palette.png", palette, transparency=3), COLOUR).min() == 1
    keyed = Image.new("RGB", (8, 8), "blue")
    assert read_picture(save(tmp_path / "keyed.png", keyed, transparency=(0, 0, 255)), COLOUR).min() == 1


def test_pictures_are_turned_as_their_exif_says(tmp_path: Path) -> None:
    image = Image.new("RGB", (40, 40), "white")
    image.paste("black", (0, 0, 40, 20))  # the upper half is black
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned clockwise by 90 degrees: the black half to the right
    pixels = read_picture(save(tmp_path / "phone.png", image, exif=exif), COLOUR)[..., 0]
    assert pixels[:, :14].min() > 0.9
    assert pixels[:, 18:].max() < 0.1


@pytest.mark.parametrize("size", [(300, 100), (100, 300), (1, 1), (3, 500), (28, 28)])
def test_the_centre_is_kept_and_the_sides_cut(tmp_path: Path, size: tuple[int, int]) -> None:
    width, height = size
    side = min(size)
    image = Image.new("RGB", size, "red")
    left, top = (width - side) // 2, (height - side) // 2
    image.paste("blue", (left, top, left + side, top + side))
    pixels = read_picture(save(tmp_path / "wide.png", image), (64, 64, 3))
    assert pixels.shape == (64, 64, 3)
    np.testing.assert_array_equal(pixels, np.broadcast_to([0.0, 0.0, 1.0], (64, 64, 3)))


def test_one_channel_is_binarised_unless_grey_is_asked_for(tmp_path: Path) -> None:
    path = save(tmp_path / "dim.png", Image.new("L", (9, 9), 100))
    assert np.unique(read_picture(path, GREY)).tolist() == [0.0]
    np.testing.assert_allclose(read_picture(path, GREY, grey=True), 100 / 255, rtol=1e-6)


@pytest.mark.parametrize("side", [9_000, 12_000, 60_000])
def test_decompression_bombs_are_refused_before_they_are_unpacked(tmp_path: Path, side: int) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header(side))
    with pytest.raises(
        DataError, match=r"bomb.png cannot be used: it claims .* the most that is read is 64 million"
    ):
        load_pictures([path])


def png_header(side: int) -> bytes:
    """A PNG that claims side x side pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = b"IDAT" + zlib.compress(b"\0" * 100)
    chunks = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (header, body))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_a_postscript_file_under_a_picture_name_is_never_run(tmp_path: Path) -> None:
    path = tmp_path / "evil.png"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n")
    with pytest.raises(DataError, match="not a picture"):
        load_pictures([path])


def test_unlabelled_pictures_keep_the_order_given(tmp_path: Path) -> None:
    paths = [
        save(tmp_path / "b.png", Image.new("L", (5, 5), 255)),
        save(tmp_path / "a.png", Image.new("L", (5, 5))),
    ]
    images = load_pictures(paths)
    assert means(images.pixels) == [1.0, 0.0]
    assert images.labels.tolist() == [-1, -1]
    assert images.class_names == ()
    assert images.ids == tuple(str(path) for path in paths)


def means(pixels: NDArray[np.float32]) -> list[float]:
    return [float(image.mean()) for image in pixels]


def test_a_missing_file_and_a_folder_are_told_from_damaged_pictures(tmp_path: Path) -> None:
    with pytest.raises(UnreadablePicture, match=r"^it cannot be opened \(No such file or directory\)$"):
        read_picture(tmp_path / "none.png", (28, 28, 1))
    with pytest.raises(UnreadablePicture, match=r"^it cannot be opened \(Is a directory\)$"):
        read_picture(tmp_path, (28, 28, 1))


def test_the_short_side_is_scaled_and_the_long_one_kept_up_to_four_times_as_long(tmp_path: Path) -> None:
    colour = (64, 64, 3)
    sizes = {(300, 100): (64, 192), (100, 250): (160, 64), (3000, 20): (64, 256), (1, 1): (64, 64)}
    for (width, height), expected in sizes.items():
        path = save(tmp_path / f"{width}.png", Image.new("RGB", (width, height), "red"))
        values = decode(path, colour, "short_side")
        assert values.shape == (*expected, 3)
        np.testing.assert_array_equal(values, np.broadcast_to([255, 0, 0], values.shape))
    assert decode(tmp_path / "300.png", GREY, "short_side").shape == (28, 84, 1)


def test_a_jpeg_reduced_while_it_is_unpacked_looks_like_one_that_was_not(tmp_path: Path) -> None:
    x, y = np.meshgrid(np.linspace(0, 6, 1000), np.linspace(0, 4, 800))
    waves = np.stack([np.sin(x + y), np.cos(x * y), np.sin(x - y)], axis=-1) * 120 + 128
    image = Image.fromarray(waves.astype(np.uint8))
    reduced = read_picture(save(tmp_path / "waves.jpg", image, quality=95), COLOUR)
    whole = read_picture(save(tmp_path / "waves.png", image), COLOUR)
    assert np.abs(reduced - whole).mean() < 0.01  # a wrong place or colour is far above


def test_a_jpeg_of_any_size_is_read_in_bounded_memory_and_a_png_is_refused(tmp_path: Path) -> None:
    script = f"""
import resource
from pathlib import Path
from PIL import Image
from synvae_core.data.pictures import decode
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
values = decode(Path({str(tmp_path / "huge.jpg")!r}), (64, 64, 3))
assert values.shape == (64, 64, 3) and 100 < values.mean() < 156, values.mean()
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    huge_jpeg(tmp_path / "huge.jpg", 20_000)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 120  # MiB; unpacked whole it takes 1,100
    (tmp_path / "huge.png").write_bytes(png_header(20_000))
    with pytest.raises(
        UnreadablePicture, match="it claims 20000 x 20000 pixels; the most that is read is 64"
    ):
        decode(tmp_path / "huge.png", COLOUR)


def huge_jpeg(path: Path, side: int) -> None:
    """A grey JPEG of side x side, its rows all those of a small one: restart markers part them."""
    file = io.BytesIO()
    Image.new("L", (side, 16), 128).save(file, "JPEG", restart_marker_rows=1)
    content = bytearray(file.getvalue())
    frame = content.index(b"\xff\xc0")
    content[frame + 5 : frame + 7] = struct.pack(">H", side)
    start = content.index(b"\xff\xda")
    start += 2 + struct.unpack(">H", content[start + 2 : start + 4])[0]
    first = bytes(content[start : content.index(b"\xff\xd0", start)])
    rows = b"".join(first + bytes([0xFF, 0xD0 + i % 8]) for i in range(-(-side // 8) - 1))
    path.write_bytes(bytes(content[:start]) + rows + first + b"\xff\xd9")


def test_the_most_pixels_are_a_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "small.png", Image.new("RGB", (40, 30)))
    monkeypatch.setenv("EARSIGHT_MOST_PIXELS", "1000")
    with pytest.raises(UnreadablePicture, match="it claims 40 x 30 pixels; the most that is read is 1,000"):
        decode(path, COLOUR)
    progressive = save(tmp_path / "p.jpg", Image.new("RGB", (400, 300)), progressive=True)
    with pytest.raises(UnreadablePicture, match="400 x 300"):
        decode(progressive, (28, 28, 3))
    monkeypatch.setenv("EARSIGHT_MOST_PIXELS", "many")
    with pytest.raises(DataError, match="EARSIGHT_MOST_PIXELS is 'many'; give a whole number"):
        decode(path, COLOUR)


def test_pillows_own_limit_is_left_as_it_was(tmp_path: Path) -> None:
    before = Image.MAX_IMAGE_PIXELS
    decode(save(tmp_path / "a.png"), COLOUR)
    assert before is not None
    assert before == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "CMYK", "P", "I;16"])
def test_a_large_picture_is_reduced_to_what_a_small_one_shows(tmp_path: Path, mode: str) -> None:
    suffix = "tif" if mode == "CMYK" else "png"
    small = gradient(mode) if mode != "RGBA" else gradient("RGB").convert("RGBA")
    large = small.resize((1200, 1200), Image.Resampling.NEAREST)
    expected = read_picture(save(tmp_path / f"small.{suffix}", small), COLOUR)
    reduced = read_picture(save(tmp_path / f"large.{suffix}", large), COLOUR)
    np.testing.assert_allclose(reduced[:, [2, 29]], expected[:, [2, 29]], atol=0.01)


def test_what_is_transparent_leaves_no_colour_when_it_is_reduced(tmp_path: Path) -> None:
    pixels = np.zeros((1200, 1200, 4), dtype=np.uint8)
    pixels[::2] = (255, 0, 0, 255)  # lines of red on transparent black
    values = read_picture(save(tmp_path / "lines.png", Image.fromarray(pixels)), COLOUR)
    np.testing.assert_allclose(values, np.broadcast_to([1.0, 0.5, 0.5], values.shape), atol=0.02)
    keyed = Image.fromarray(pixels[..., :3])
    values = read_picture(save(tmp_path / "keyed.png", keyed, transparency=(0, 0, 0)), COLOUR)
    np.testing.assert_allclose(values, np.broadcast_to([1.0, 0.5, 0.5], values.shape), atol=0.02)
