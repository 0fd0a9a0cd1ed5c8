"""The files of a model out of a tar archive, without trusting a name or a size in it."""

from __future__ import annotations

import re
import shutil
import tarfile
import zlib
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import IO

from synvae_core.importing.variables import ImportFailed

SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
WANTED = re.compile(
    r"(.+\.index|.+\.data-\d{5}-of-\d{5}|checkpoint|weights_manifest\.json|config\.json|.*shard\d+of\d+.*)"
)
# hierdec-mel_16bar with its optimizer's slots has 2.1 GB.
MOST_BYTES = 8 * 2**30
MOST_MEMBERS = 10_000
CHUNK = 2**20


def is_archive(path: Path) -> bool:
    """Whether the name is that of a tar archive."""
    return path.name.lower().endswith(SUFFIXES)


def unpack(archive: Path, folder: Path) -> None:
    """Write the files of a model in `archive` into `folder`; raises ImportFailed.

    The archive is read once from its beginning. Members that a model does not need are passed over; one whose
    name would lead out of the folder stops everything.
    """
    room = MOST_BYTES
    try:
        with tarfile.open(archive, "r|*") as tar:
            for count, member in enumerate(tar):
                if count >= MOST_MEMBERS:
                    raise ImportFailed(f"{archive.name} has more than {MOST_MEMBERS:,} members.")
                target = folder / _inside(member.name, archive)
                if member.isfile() and not member.issparse() and WANTED.fullmatch(target.name):
                    room -= member.size
                    if room < 0:
                        raise ImportFailed(f"{archive.name} unpacks to more than {MOST_BYTES:,} bytes.")
                    _write(tar.extractfile(member), target)
    except (tarfile.TarError, EOFError, zlib.error, LZMAError) as error:
        raise ImportFailed(
            f"{archive.name} is damaged or no tar archive ({error}): fetch it again."
        ) from error
    except OSError as error:
        raise ImportFailed(f"{archive.name} cannot be unpacked ({error.strerror or error}).") from error


def _inside(name: str, archive: Path) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        raise ImportFailed(
            f"{archive.name} has a member {name!r} that would lie outside its folder: do not trust this file."
        )
    return path


def _write(content: IO[bytes] | None, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        if content is not None:
            shutil.copyfileobj(content, file, CHUNK)
