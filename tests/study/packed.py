"""Packages made at once, and what is in them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from study.domain import exports
from study.models import Study


def pack(study: Study, folder: Path, mode: str = "live", *, with_media: bool = True) -> Path:
    """Write the package of a study and return its file."""
    path = folder / "package.zip"
    exports.write(study, path, mode=mode, with_media=with_media)
    return path


def names(path: Path) -> set[str]:
    """The files of a package."""
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def text(path: Path, name: str) -> str:
    """A file of a package."""
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode()


def content(path: Path, name: str) -> Any:
    """A JSON file of a package."""
    return json.loads(text(path, name))


def table(path: Path, description: str = "") -> str:
    """The table with this description; without one, that of the answers."""
    manifest = content(path, "manifest.json")
    if not description:
        return text(path, manifest["answers"])
    (name,) = [file["path"] for file in manifest["files"] if f"description-{description}_" in file["path"]]
    return text(path, name)
