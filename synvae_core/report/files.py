"""The files beside the page that are no pictures: its style, and melodies as MP3, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from synvae_core.errors import SynvaeError
from synvae_core.melody import Melody
from synvae_core.render import RenderError, find_soundfont, render_each

STATIC = ("report.css", "report.js")
TEMPLATES = Path(__file__).parent / "templates"


def copy_static(folder: Path) -> None:
    """Put the page's style and script into the folder."""
    for name in STATIC:
        (folder / name).write_bytes((TEMPLATES / name).read_bytes())


class Sounds:
    """The melodies of a report as MP3 files, rendered once each; `reason` says why a machine cannot."""

    def __init__(self, melodies: Iterable[Melody]) -> None:
        self.melodies = list(dict.fromkeys(melodies))
        self.reason = why_silent()

    def name(self, melody: Melody) -> str | None:
        """Where the melody sounds, from the report's folder; None without sound."""
        return None if self.reason else f"sounds/{self.melodies.index(melody):03}.mp3"

    def write(self, folder: Path, step: Callable[[int], object]) -> None:
        """Render all of them into the folder; `step` is told of each."""
        if self.reason:
            return
        (folder / "sounds").mkdir()
        for place, clip in enumerate(render_each(self.melodies)):
            clip.save(folder / "sounds" / f"{place:03}.mp3")
            step(1)


def why_silent() -> str:
    """Why this machine cannot render, in a sentence; nothing where it can."""
    try:
        find_soundfont()
        for _ in render_each([Melody(np.array([41, 0, 0, 0]))]):
            pass
    except (RenderError, SynvaeError) as error:
        return str(error)
    return ""
