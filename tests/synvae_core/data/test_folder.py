"""A folder of pictures: every size, mode and depth; broken files are named; labels.csv; order and splits."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from synvae_core import data
from synvae_core.data import DataError, Skipped, folder
from synvae_core.data.pictures import load_pictures, read_picture

COLOUR = (32, 32, 3)
GREY = (28, 28, 1)


def save(path: Path, image: Image.Image | None = None, **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    (image or Image.new("RGB", (40, 30), "red")).save(path, **options)  # type: ignore[arg-type]
    return path


def two_classes(root: Path) -> Path:
    for name in ("cat/a.png", "cat/b.png", "dog/a.png"):
        save(root / name)
    return root


def load(root: Path, split: str | None = None) -> data.ImageSet:
    return data.load(f"folder:{root}", split, shape=COLOUR)


def test_classes_ids_and_labels_come_from_the_subfolders(tmp_path: Path) -> None:
    images = load(two_classes(tmp_path))
    assert images.class_names == ("cat", "dog")
    assert images.ids == ("cat/a.png", "cat/b.png", "dog/a.png")
    assert images.labels.tolist() == [0, 0, 1]
    assert images.skipped == ()
    np.testing.assert_array_equal(images.pixels, np.broadcast_to([1.0, 0.0, 0.0], (3, 32, 32, 3)))
    assert (images.pixels.dtype.name, images.labels.dtype.name) == ("float32", "int64")


def test_names_with_numbers_are_in_natural_order(tmp_path: Path) -> None:
    for name in ("10/x2.png", "10/x10.png", "2/x1.png", "2/x01.png"):
        save(tmp_path / name)
    images = load(tmp_path)
    assert images.class_names == ("2", "10")
    assert images.ids == ("2/x01.png", "2/x1.png", "10/x2.png", "10/x10.png")


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


def test_broken_files_are_named_and_skipped(tmp_path: Path) -> None:
    two_classes(tmp_path)
    (tmp_path / "cat" / "text.png").write_text("I am a text file.")
    (tmp_path / "cat" / "empty.jpg").write_bytes(b"")
    whole = save(tmp_path / "dog" / "cut.png", noise()).read_bytes()
    (tmp_path / "dog" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "dog" / "folder.png").mkdir()
    (tmp_path / "dog" / "drawing.svg").write_text("<svg/>")
    images = load(tmp_path)
    assert images.ids == ("cat/a.png", "cat/b.png", "dog/a.png")
    reasons = {skipped.file: skipped.reason for skipped in images.skipped}
    assert reasons.keys() == {
        "cat/text.png",
        "cat/empty.jpg",
        "dog/cut.png",
        "dog/folder.png",
        "dog/drawing.svg",
    }
    assert "not a picture" in reasons["cat/text.png"]
    assert "damaged" in reasons["dog/cut.png"]
    assert str(images.skipped[0]).startswith("cat/empty.jpg: ")


def noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 255, (50, 50, 3), dtype=np.uint8))


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


def test_hidden_files_and_other_files_are_left_alone(tmp_path: Path) -> None:
    two_classes(tmp_path)
    save(tmp_path / ".trash" / "a.png")
    (tmp_path / "cat" / "._a.png").write_bytes(b"x")
    (tmp_path / "cat" / "notes.txt").write_text("x")
    images = load(tmp_path)
    assert images.class_names == ("cat", "dog")
    assert images.skipped == ()


def test_missing_empty_and_one_class_folders_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"There is no folder .*nowhere"):
        load(tmp_path / "nowhere")
    with pytest.raises(DataError, match="holds no pictures; put them into one subfolder per class"):
        load(tmp_path)
    save(tmp_path / "cat" / "a.png")
    with pytest.raises(DataError, match="one class 'cat'; a study needs pictures of at least two"):
        load(tmp_path)
    (tmp_path / "dog").mkdir()
    (tmp_path / "dog" / "a.png").write_text("text")
    with pytest.raises(DataError, match=r"Only 1 of 2 pictures .* such as dog/a.png: it is not a picture"):
        load(tmp_path)
    (tmp_path / "cat" / "a.png").write_text("text")
    with pytest.raises(DataError, match="Only 0 of 2 pictures"):
        load(tmp_path)


def test_unknown_splits_and_shapes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no split 'dev'; choose all, train, validation, test"):
        load(two_classes(tmp_path), "dev")
    with pytest.raises(DataError, match="choose 28x28x1, 32x32x3 or 64x64x3"):
        data.load(f"folder:{tmp_path}", shape=(16, 16, 3))


def labelled(root: Path, csv: str | bytes) -> Path:
    for name in ("a.png", "b.png", "deep/c.jpg"):
        save(root / name)
    (root / "labels.csv").write_bytes(csv.encode() if isinstance(csv, str) else csv)
    return root


@pytest.mark.parametrize(
    "csv",
    [
        "file,label\na.png,cat\nb.png,dog\ndeep/c.jpg,cat\n",
        b"\xef\xbb\xbffile;label\r\na.png;cat\r\nb.png;dog\r\ndeep\\c.jpg;cat\r\n",
        'label,note,file\ncat,"one, two",a.png\ndog,,b.png\n cat ,,"deep/c.jpg"\n',
    ],
)
def test_labels_csv_in_the_dialects_people_save(tmp_path: Path, csv: str | bytes) -> None:
    images = load(labelled(tmp_path, csv))
    assert images.class_names == ("cat", "dog")
    assert images.ids == ("a.png", "deep/c.jpg", "b.png")
    assert images.labels.tolist() == [0, 0, 1]


def test_rows_of_labels_csv_that_cannot_be_followed_are_named(tmp_path: Path) -> None:
    outside = save(tmp_path / "outside.png")
    root = labelled(
        tmp_path / "set",
        f"file,label\na.png,cat\nb.png,dog\nb.png,cat\nnone.png,cat\n../{outside.name},cat\n{outside},dog\n"
        "deep/c.jpg,\n",
    )
    images = load(root)
    assert images.ids == ("a.png", "b.png")
    assert images.skipped == (
        Skipped("b.png", "listed twice; the first label counts"),
        Skipped("none.png", "there is no such file"),
        Skipped("../outside.png", "it lies outside the folder"),
        Skipped(str(outside), "it lies outside the folder"),
        Skipped("deep/c.jpg", "it has no label"),
    )


def test_a_labels_csv_without_its_columns_or_in_another_encoding_says_so(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match="needs a first line naming the columns file and label; it says 'name,class'"
    ):
        load(labelled(tmp_path / "columns", "name,class\na.png,cat\n"))
    with pytest.raises(DataError, match="save it as CSV in UTF-8"):
        load(labelled(tmp_path / "latin", "file,label\na.png,chä\n".encode("latin-1")))


def test_splits_share_out_every_picture_once_and_do_not_move_when_some_are_added(tmp_path: Path) -> None:
    for i in range(12):
        save(tmp_path / f"cat/{i}.png", Image.new("L", (2, 2)))
        save(tmp_path / f"dog/{i}.png", Image.new("L", (2, 2)))
    parts = {split: load(tmp_path, split) for split in ("train", "validation", "test")}
    ids = [i for part in parts.values() for i in part.ids]
    assert sorted(ids) == sorted(load(tmp_path).ids)
    assert {part.class_names for part in parts.values()} == {("cat", "dog")}
    save(tmp_path / "cat/new.png")
    for split, part in parts.items():
        assert [i for i in load(tmp_path, split).ids if i != "cat/new.png"] == list(part.ids)


def test_a_split_without_pictures_says_so(tmp_path: Path) -> None:
    empty = {"train", "validation", "test"} - {folder.split_of(i) for i in load(two_classes(tmp_path)).ids}
    assert empty
    for split in empty:
        with pytest.raises(DataError, match=f"None of the 3 pictures in .* falls into {split}; add more"):
            load(tmp_path, split)


def test_the_hash_gives_eight_one_and_one_tenths() -> None:
    splits = [folder.split_of(f"cat/{i}.png") for i in range(5000)]
    shares = {split: splits.count(split) / 5000 for split in folder.SPLIT_ENDS}
    assert shares == pytest.approx({"train": 0.8, "validation": 0.1, "test": 0.1}, abs=0.015)


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
