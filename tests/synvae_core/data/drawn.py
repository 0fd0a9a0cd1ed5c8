"""Pictures written for the tests."""

from __future__ import annotations

from pathlib import Path

from PIL import Image


def save(path: Path, image: Image.Image | None = None, **options: object) -> Path:
    """Writes the image, or a red one of 40 x 30, as Pillow does; makes its folder; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    (image or Image.new("RGB", (40, 30), "red")).save(path, **options)  # type: ignore[arg-type]
    return path
