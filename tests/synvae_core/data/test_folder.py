"""A folder of pictures: broken files are named; labels.csv; order and splits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from synvae_core import data
from synvae_core.data import DataError, Skipped, splits
from tests.synvae_core.data.drawn import save

COLOUR = (32, 32, 3)


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


def test_pictures_beside_no_folder_are_one_class_named_after_theirs(tmp_path: Path) -> None:
    flat = tmp_path / "paintings"
    for name in ("b.png", "a.png"):
        save(flat / name)
    (flat / "notes.txt").write_text("x")
    with pytest.raises(DataError, match=r"one class 'paintings'; a study .*: put them into one subfolder"):
        load(flat)
    images = data.load(f"folder:{flat}", fewest_classes=1)
    assert (images.class_names, images.ids) == (("paintings",), ("a.png", "b.png"))
    save(flat / "cat" / "a.png")
    assert data.load(f"folder:{flat}", fewest_classes=1).class_names == ("cat",)


def test_nothing_is_learnt_from_one_picture(tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    with pytest.raises(DataError, match=r"Nothing can be learnt from the one picture in .*: add more"):
        data.load(f"folder:{tmp_path}", "train", fewest_classes=1)
    (tmp_path / "a.png").write_text("text")
    with pytest.raises(DataError, match=r"Only 0 of 1 pictures .* leaves nothing; replace"):
        data.load(f"folder:{tmp_path}", fewest_classes=1)


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
        f"deep/c.jpg,\n{'x' * 5000},cat\nnu\0ll,dog\n",
    )
    images = load(root)
    assert images.ids == ("a.png", "b.png")
    assert images.skipped == (
        Skipped("b.png", "listed twice; the first label counts"),
        Skipped("none.png", "there is no such file"),
        Skipped("../outside.png", "it lies outside the folder"),
        Skipped(str(outside), "it lies outside the folder"),
        Skipped("deep/c.jpg", "it has no label"),
        Skipped("x" * 5000, "there is no such file"),
        Skipped("nu\0ll", "there is no such file"),
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
    empty = {"train", "validation", "test"} - {splits.split_of(i) for i in load(two_classes(tmp_path)).ids}
    assert empty
    for split in empty:
        with pytest.raises(DataError, match=f"None of the 3 pictures in .* falls into {split}; add more"):
            load(tmp_path, split)


def test_the_hash_gives_eight_one_and_one_tenths() -> None:
    drawn = [splits.split_of(f"cat/{i}.png") for i in range(5000)]
    shares = {split: drawn.count(split) / 5000 for split in splits.SPLIT_ENDS}
    assert shares == pytest.approx({"train": 0.8, "validation": 0.1, "test": 0.1}, abs=0.015)


def shown(root: Path) -> dict[str, list[str]]:
    return {split: list(load(root, split).ids) for split in ("train", "validation", "test")}


@pytest.mark.parametrize("name", ["validation", "val", "Valid"])
def test_splits_that_the_owner_made_as_folders_are_kept(tmp_path: Path, name: str) -> None:
    for part, number in (("train", 4), (name, 2), ("test", 2)):
        for i in range(number):
            save(tmp_path / f"{part}/{'cat' if i % 2 else 'dog'}/{i}.png")
    expected = {
        "train": ["train/cat/1.png", "train/cat/3.png", "train/dog/0.png", "train/dog/2.png"],
        "validation": [f"{name}/cat/1.png", f"{name}/dog/0.png"],
        "test": ["test/cat/1.png", "test/dog/0.png"],
    }
    assert shown(tmp_path) == expected
    assert load(tmp_path, "test").class_names == ("cat", "dog")
    assert len(load(tmp_path)) == 8


def test_a_split_that_the_owner_left_out_gets_its_share_of_train(tmp_path: Path) -> None:
    for i in range(60):
        save(tmp_path / f"train/{'cat' if i % 2 else 'dog'}/{i}.png", Image.new("L", (2, 2)))
    save(tmp_path / "test/cat/x.png")
    parts = shown(tmp_path)
    assert parts["test"] == ["test/cat/x.png"]
    assert 1 <= len(parts["validation"]) <= 14
    assert len(parts["train"]) + len(parts["validation"]) == 60


def test_classes_that_happen_to_be_called_train_and_test_stay_classes(tmp_path: Path) -> None:
    for name in ("train/a.png", "train/b.png", "test/a.png"):
        save(tmp_path / name)
    assert load(tmp_path).class_names == ("test", "train")
    save(tmp_path / "bus" / "a.png")
    assert load(tmp_path).class_names == ("bus", "test", "train")


def test_splits_that_the_owner_wrote_into_labels_csv_are_kept(tmp_path: Path) -> None:
    rows = ["file,label,split"]
    for i, split in enumerate(("train", "train", "val", "test", "TEST", "later")):
        save(tmp_path / f"{i}.png")
        rows.append(f"{i}.png,{'cat' if i % 2 else 'dog'},{split}")
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    assert shown(tmp_path) == {
        "train": ["1.png", "0.png"],
        "validation": ["2.png"],
        "test": ["3.png", "4.png"],
    }
    reason = "its split 'later' is none of train, validation, test"
    assert load(tmp_path).skipped == (Skipped("5.png", reason),)


def test_a_single_picture_to_train_with_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "train/cat/a.png")
    save(tmp_path / "val/dog/a.png")
    save(tmp_path / "test/dog/b.png")
    with pytest.raises(DataError, match=r"Only one of the 3 pictures .* is for training, .*; add more"):
        load(tmp_path, "train")


def test_pictures_of_every_size_are_loaded_together(tmp_path: Path) -> None:
    save(tmp_path / "cat/dot.png", Image.new("RGB", (1, 1), "red"))
    save(tmp_path / "cat/line.png", Image.new("RGB", (1, 3000), "red"))
    save(tmp_path / "dog/large.jpg", Image.new("RGB", (12_000, 9_000), "red"))
    images = load(tmp_path)
    assert images.pixels.shape == (3, 32, 32, 3)
    np.testing.assert_allclose(images.pixels, np.broadcast_to([1.0, 0.0, 0.0], (3, 32, 32, 3)), atol=0.02)


def test_a_labels_csv_that_breaks_off_in_the_middle_is_told_with_its_line(tmp_path: Path) -> None:
    root = labelled(tmp_path, "file,label\na.png,cat\nb.png," + "x" * 200_000)
    with pytest.raises(DataError, match=r"labels.csv cannot be read at line 2 \(field larger .*; correct it"):
        load(root)


@pytest.mark.parametrize("name", ["folder:", "bam:", "folder", "folder: "])
def test_a_name_without_a_path_is_told(name: str) -> None:
    with pytest.raises(DataError, match=r"names no folder; write its path behind the colon"):
        data.load(name)
