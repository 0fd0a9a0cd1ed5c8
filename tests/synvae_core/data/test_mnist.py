"""MNIST files found, checked, read: tiny idx files written here, under the digests of these same files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from synvae_core import data
from synvae_core.data import DataError, idx, mnist
from tests.synvae_core.data.mnist_made import (
    CONTENTS,
    IMAGE_FILE,
    IMAGES,
    LABEL_FILE,
    LABELS,
    described,
    idx_bytes,
    put,
)

pytestmark = pytest.mark.usefixtures("tiny_mnist")


@pytest.mark.parametrize("place", ["mnist", ".", "MNIST/raw"])
@pytest.mark.parametrize(("packed", "suffix"), [(False, ""), (True, ".gz"), (True, "")])
def test_files_are_found_in_their_usual_places_plain_or_packed(
    tiny_mnist: Path, place: str, packed: bool, suffix: str
) -> None:
    put(tiny_mnist / place, packed=packed, suffix=suffix)
    images = data.load("mnist", "test", grey=True)
    np.testing.assert_array_equal(images.pixels, (IMAGES / np.float32(255))[..., None])
    np.testing.assert_array_equal(images.labels, LABELS)
    assert (images.pixels.dtype.name, images.labels.dtype.name) == ("float32", "int64")
    assert images.class_names == tuple("0123456789")
    assert images.ids == ("mnist-test-00000", "mnist-test-00001", "mnist-test-00002")


def test_the_spelling_with_a_dot_is_found(tiny_mnist: Path) -> None:
    (tiny_mnist / "mnist").mkdir(parents=True)
    for name, content in CONTENTS.items():
        (tiny_mnist / "mnist" / name.replace("-idx", ".idx")).write_bytes(content)
    assert len(data.load("mnist")) == 3


def test_pixels_are_binarised_at_one_half_unless_grey_is_asked_for(tiny_mnist: Path) -> None:
    put(tiny_mnist / "mnist")
    binary = data.load("mnist").pixels[..., 0]
    np.testing.assert_array_equal(binary, (IMAGES >= 127.5).astype(np.float32))


def test_the_last_ten_thousand_training_images_are_for_validation() -> None:
    rows = {name: split[2] for name, split in mnist.SPLITS.items()}
    assert rows == {"train": slice(0, 50_000), "validation": slice(50_000, 60_000), "test": slice(0, 10_000)}


def test_a_subset_keeps_rows_together(tiny_mnist: Path) -> None:
    put(tiny_mnist / "mnist")
    images = data.load("mnist")
    chosen = images.subset([2, 0])
    assert chosen.ids == ("mnist-test-00002", "mnist-test-00000")
    assert chosen.labels.tolist() == [9, 7]
    np.testing.assert_array_equal(chosen.pixels, images.pixels[[2, 0]])
    assert len(images.subset([])) == 0


def test_a_file_with_other_content_is_refused_by_its_digest(tiny_mnist: Path) -> None:
    put(tiny_mnist / "mnist")
    path = tiny_mnist / "mnist" / IMAGE_FILE.name
    path.write_bytes(idx_bytes(IMAGES[::-1].copy()))
    with pytest.raises(DataError, match=r"t10k-images-idx3-ubyte is not the published file.*fetch it again"):
        data.load("mnist")


def test_a_gzip_cut_short_is_refused_with_what_to_do(tiny_mnist: Path) -> None:
    put(tiny_mnist / "mnist", packed=True, suffix=".gz")
    path = tiny_mnist / "mnist" / f"{IMAGE_FILE.name}.gz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match=r"cannot be read .* delete it and fetch it again"):
        data.load("mnist")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not an idx file"),
        (b"\x89PNG....", "is not an idx file"),
        (b"\0\0\x0d\x01" + b"\0" * 8, "is not an idx file"),
        (b"\0\0\x08\x03\0\0", "cut short in its header"),
        (idx_bytes(IMAGES)[:-1], "has 2367 bytes, its header says 2368"),
        (idx_bytes(LABELS) + b"\0", "has 12 bytes, its header says 11"),
    ],
)
def test_wrong_magic_and_wrong_lengths_are_refused(content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        idx.parse(content, Path("some-file"))


def test_images_and_labels_of_different_lengths_do_not_pass(tiny_mnist: Path) -> None:
    put(tiny_mnist / "mnist")
    short = described(LABEL_FILE.name, idx_bytes(LABELS[:2]))
    (tiny_mnist / "mnist" / short.name).write_bytes(idx_bytes(LABELS[:2]))
    with pytest.raises(DataError, match="do not belong together"):
        mnist.read_pair(IMAGE_FILE, short, tiny_mnist)


def test_unknown_names_splits_and_shapes_say_what_there_is() -> None:
    with pytest.raises(DataError, match="no split 'dev'; choose one of train, validation, test"):
        data.load("mnist", "dev")
    with pytest.raises(DataError, match="no data set 'cats'; use mnist, cifar10, bam:PATH, or folder:PATH"):
        data.load("cats")
    with pytest.raises(DataError, match="28x28x1"):
        data.load("mnist", shape=(64, 64, 3))
    with pytest.raises(DataError, match="nothing to fetch for 'bam'"):
        data.fetch("bam")
