"""The folder of a report: refused early, and changed in one move.

`index.html` points into a folder named by a digest of what it holds. That folder is finished before the page
is replaced, so a reader finds the old report or the new one, whole, whenever a run is stopped.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from synvae_core.errors import SynvaeError
from synvae_core.files import whole_file

PAGE = "index.html"
OURS = re.compile(r"\.?report-([0-9a-f]{12}|\d+\.part)")  # what an earlier run may have left


class ReportError(SynvaeError):
    """A report that cannot be made or written."""


def check_folder(folder: Path) -> None:
    """Refuse, before any work, a folder that a report could not be written into.

    Makes the folder. Raises ReportError.
    """
    with _in_our_words(folder):
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".report-{os.getpid()}.part"
        probe.mkdir(exist_ok=True)
        probe.rmdir()
    if (folder / PAGE).is_dir():
        raise ReportError(f"{folder / PAGE} is a folder; remove it or write the report elsewhere.")


def publish(folder: Path, fill: Callable[[Path], None], render: Callable[[str], str]) -> Path:
    """Write a report and return the path of its page; what an earlier run has left goes away.

    `fill` writes all files into the folder it is given; `render` returns the page for that folder's final
    name, which stands beside the page. Raises ReportError when they cannot be written.
    """
    check_folder(folder)
    part = folder / f".report-{os.getpid()}.part"
    try:
        with _in_our_words(folder):
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            fill(part)
            name = f"report-{_digest(part)}"
            page = render(name).encode()
            if not (folder / name).is_dir():
                part.rename(folder / name)
            with whole_file(folder / PAGE) as file:
                file.write(page)
            _tidy(folder, keep=name)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder / PAGE


def _digest(folder: Path) -> str:
    sha = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            sha.update(f"{path.relative_to(folder)} {path.stat().st_size} ".encode())
            sha.update(path.read_bytes())
    return sha.hexdigest()[:12]


def _tidy(folder: Path, keep: str) -> None:
    for path in folder.iterdir():
        if path.name != keep and path.is_dir() and OURS.fullmatch(path.name):
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _in_our_words(folder: Path) -> Iterator[None]:
    try:
        yield
    except (FileExistsError, NotADirectoryError) as error:
        raise ReportError(f"{folder} is a file, and a report needs a folder; name another place.") from error
    except OSError as error:
        raise ReportError(
            f"{folder} cannot be written to ({error.strerror or error}); check folder and disk."
        ) from error
