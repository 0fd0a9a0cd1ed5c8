"""Where data sets live, and how one is filled from the first source that works."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from synvae_core.data.image_set import DataError

Source = Callable[[Path], None]


def data_folder() -> Path:
    """Where data sets live: EARSIGHT_DATA, else var/data under the current folder."""
    return Path(os.environ.get("EARSIGHT_DATA") or "var/data")


def fill(target: Path, sources: Iterable[Source], complete: Callable[[], bool]) -> list[str]:
    """Lets each source fill `target` in turn until it is complete; returns what went wrong, as sentences.

    A source fills only what is still missing or damaged, so a broken run is resumed by running again.
    """
    problems: list[str] = []
    for source in sources:
        if complete():
            break
        try:
            source(target)
        except (DataError, OSError) as error:
            problems.append(f"{error}".rstrip(".") + ".")
    return problems
