"""Opening a package: what could do harm is refused before it is unpacked, what was changed, by its digest.

The manifest guards against damage and careless edits. It is not signed: whoever changes a table can write a
manifest that fits it.
"""

import hashlib
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from analysis.package import manifest as manifests
from analysis.package.errors import PackageRefused
from analysis.package.manifest import Entry, Manifest

MOST_FILES = 100_000
MOST_BYTES = 8 * 1024**3  # all files together, unpacked
MOST_HELD = 1024**3  # of one file that is read as a whole
MOST_MANIFEST = 64 * 1024**2
MOST_TIMES = 250  # as long unpacked as packed: ours are below 40, bombs above 1,000
SMALL = 1024**2  # below this no ratio says anything
_GULP = 1 << 20
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)


@dataclass(frozen=True)
class Package:
    """An opened package whose every file is as its manifest says."""

    name: str
    manifest: Manifest
    archive: zipfile.ZipFile

    def read(self, path: str) -> bytes:
        """A file as a whole. Raises PackageRefused where there is none."""
        entry = self._entry(path)
        if entry.size > MOST_HELD:
            raise PackageRefused(f"{path} in {self.name} is too long to be read: {entry.size} bytes.")
        return _whole(self.archive, path, entry.size)

    @contextmanager
    def open(self, path: str) -> Iterator[IO[bytes]]:
        """A file to be read piece by piece. Raises PackageRefused where there is none."""
        self._entry(path)
        with self.archive.open(path) as file:
            yield file

    def _entry(self, path: str) -> Entry:
        if path not in self.manifest.entry_of:
            raise PackageRefused(f"{self.name} has no file {path}.")
        return self.manifest.entry_of[path]

    def __contains__(self, path: str) -> bool:
        return path in self.manifest.entry_of


@contextmanager
def open_package(source: Path) -> Iterator[Package]:
    """The package in this file, checked from end to end.

    Raises PackageRefused: for a file that is no ZIP or cut off, for names that lead out of the folder, for
    what unpacks to far more than it should, and for files that are missing, too many or changed.
    """
    try:
        archive = zipfile.ZipFile(source)
    except OSError as error:
        raise PackageRefused(f"{source} can't be opened: {error.strerror}.") from error
    except zipfile.BadZipFile as error:
        raise PackageRefused(f"{source} is no ZIP file, or only a part of one: download it again.") from error
    with archive:
        _refuse_dangerous(archive, source.name)
        yield Package(source.name, _checked(archive, source.name), archive)


def _refuse_dangerous(archive: zipfile.ZipFile, name: str) -> None:
    infos = archive.infolist()
    if len(infos) > MOST_FILES:
        raise PackageRefused(f"{name} has {len(infos)} files; no package has so many.")
    seen: set[str] = set()
    for info in infos:
        if complaint := _danger(info, seen):
            raise PackageRefused(f"{name} is not unpacked: {complaint}.")
        seen.add(info.filename.casefold())
    if sum(info.file_size for info in infos) > MOST_BYTES:
        raise PackageRefused(f"{name} is not unpacked: it would become more than {MOST_BYTES} bytes.")


def _danger(info: zipfile.ZipInfo, seen: set[str]) -> str:
    path = info.orig_filename
    parts = PurePosixPath(path).parts
    if path.startswith("/") or ".." in parts or any(char in path for char in "\\:\0"):
        return f"the name {path!r} leads out of the folder"
    if info.filename.casefold() in seen:
        return f"the name {path!r} is there twice"
    if stat.S_ISLNK(info.external_attr >> 16):
        return f"{path!r} is a link, not a file"
    if info.flag_bits & 1:
        return f"{path!r} is encrypted"
    if info.file_size > max(SMALL, MOST_TIMES * info.compress_size):
        return f"{path!r} would become {info.file_size} bytes from {info.compress_size}"
    return ""


def _checked(archive: zipfile.ZipFile, name: str) -> Manifest:
    files = {info.filename: info for info in archive.infolist() if not info.is_dir()}
    if manifests.NAME not in files:
        raise PackageRefused(f"{name} has no {manifests.NAME}: it is no package of a study.")
    size = files[manifests.NAME].file_size
    if size > MOST_MANIFEST:
        raise PackageRefused(f"{manifests.NAME} in {name} is too long to be read: {size} bytes.")
    found = manifests.parse(_whole(archive, manifests.NAME, size))
    listed = found.entry_of
    if len(listed) < len(found.files):
        raise PackageRefused(f"{manifests.NAME} in {name} lists a file twice.")
    if missing := sorted(set(listed) - set(files)):
        raise PackageRefused(f"{name} is not whole: {_some(missing)} missing.")
    if foreign := sorted(set(files) - set(listed) - {manifests.NAME}):
        raise PackageRefused(f"{name} was changed: {_some(foreign)} not in its manifest.")
    for entry in found.files:
        _check(archive, entry, files[entry.path], name)
    return found


def _check(archive: zipfile.ZipFile, entry: Entry, info: zipfile.ZipInfo, name: str) -> None:
    if info.file_size != entry.size:
        raise PackageRefused(
            f"{entry.path} in {name} was changed: it has {info.file_size} bytes, not {entry.size}."
        )
    digest, rows = hashlib.sha256(), _Rows()
    for chunk in _chunks(archive, entry.path, entry.size):
        digest.update(chunk)
        if entry.rows is not None:
            rows.add(chunk)
    if entry.rows is not None and rows.below_header != entry.rows:
        raise PackageRefused(
            f"{entry.path} in {name} was changed: it has {rows.below_header} rows, not {entry.rows}."
        )
    if digest.hexdigest() != entry.sha256:
        raise PackageRefused(f"{entry.path} in {name} was changed: its SHA-256 is not the manifest's.")


class _Rows:
    """Counts the rows of a CSV as it comes: line ends inside quotes end no row."""

    def __init__(self) -> None:
        self.lines = 0
        self.quoted = False

    def add(self, chunk: bytes) -> None:
        for place, part in enumerate(chunk.split(b'"')):
            if place:
                self.quoted = not self.quoted
            if not self.quoted:
                self.lines += part.count(b"\n")

    @property
    def below_header(self) -> int:
        return max(0, self.lines - 1)


def _chunks(archive: zipfile.ZipFile, path: str, size: int) -> Iterator[bytes]:
    """A file in pieces, and never more than it is said to be long."""
    left = size
    try:
        with archive.open(path) as file:
            while chunk := file.read(_GULP):
                left -= len(chunk)
                if left < 0:
                    break
                yield chunk
    except _DAMAGED as error:
        raise PackageRefused(f"{path} is damaged: {error}. Download the package again.") from error
    if left:
        raise PackageRefused(f"{path} is damaged: it is not as long as it says.")


def _whole(archive: zipfile.ZipFile, path: str, size: int) -> bytes:
    return b"".join(_chunks(archive, path, size))


def _some(paths: list[str], most: int = 3) -> str:
    more = f" and {len(paths) - most} more" if len(paths) > most else ""
    return f"{', '.join(paths[:most])}{more} {'is' if len(paths) == 1 else 'are'}"
