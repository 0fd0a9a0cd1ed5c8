"""A ZIP as it is written: every file in pieces, counted and hashed on its way, so that memory stays small."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

from study.errors import EarsightError

_PACKED_ALREADY = (".png", ".jpg", ".mp3", ".flac", ".pdf", ".npz")
_MODE = 0o644 << 16


class NamedTwice(EarsightError):
    """Two files of the package would have the same name."""

    status = 500


@dataclass(frozen=True)
class Written:
    """One file of the package; `rows` of a table are those below its header."""

    path: str
    size: int
    sha256: str
    rows: int | None = None


@dataclass
class Bundle:
    """The package that is being written; files carry no time, so equal content gives equal bytes."""

    archive: zipfile.ZipFile
    files: list[Written] = field(default_factory=list)

    @classmethod
    def into(cls, file: IO[bytes]) -> Bundle:
        """Begin a package in an empty file that can be read again."""
        return cls(zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True))

    def add(self, path: str, content: bytes | str) -> Written:
        """Add a file that is at hand as a whole."""
        return self.stream(path, [content.encode() if isinstance(content, str) else content])

    def table(self, path: str, lines: Iterable[str]) -> Written:
        """Add a table line by line, header first; a line of CSV may hold line ends inside quotes."""
        counted = _Counted(lines)
        written = self._write(path, (line.encode() for line in counted))
        return self._listed(Written(written.path, written.size, written.sha256, counted.number - 1))

    def stream(self, path: str, chunks: Iterable[bytes]) -> Written:
        """Add a file piece by piece."""
        return self._listed(self._write(path, chunks))

    def close(self) -> None:
        """Write what a ZIP ends with."""
        self.archive.close()

    def _listed(self, written: Written) -> Written:
        self.files.append(written)
        return written

    def _write(self, path: str, chunks: Iterable[bytes]) -> Written:
        if any(path.casefold() == file.path.casefold() for file in self.files):
            raise NamedTwice(f"Two files of the package would be called {path}.")
        info = zipfile.ZipInfo(path)
        info.external_attr = _MODE
        info.compress_type = zipfile.ZIP_STORED if path.endswith(_PACKED_ALREADY) else zipfile.ZIP_DEFLATED
        digest, size = hashlib.sha256(), 0
        with self.archive.open(info, "w", force_zip64=True) as file:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
        return Written(path, size, digest.hexdigest())


class _Counted:
    """Counts what it passes on."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = lines
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        for line in self.lines:
            self.number += 1
            yield line
