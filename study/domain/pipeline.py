"""From a study's configuration to its stimuli: pictures, latents, plan, melodies, clips, rows.

Everything slow happens outside the database; the rows appear in one transaction at the end, together with the
build's own "done". A worker that dies before leaves only files under the build's folder, which the next attempt
removes before it starts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from study.models import Build

Watch = Callable[[Build], None]


class BuildSuperseded(Exception):
    """The build was cancelled or another worker has taken it over: stop without a trace."""


@dataclass
class Reporter:
    """Writes a build's progress and heartbeat, and stops the work once the build is no longer ours."""

    build: Build
    watch: Watch | None = None

    def __call__(self, stage: str, progress: int = 0, total: int = 0) -> None:
        """Record where the build stands.

        Raises:
            BuildSuperseded: when it was cancelled or taken over since the last report.
        """
        raise NotImplementedError


def make(build: Build, *, watch: Watch | None = None) -> None:
    """Carry out a claimed build.

    Raises:
        BuildSuperseded: when cancelled or taken over.
        EarsightError: with a sentence for the researcher.
    """
    raise NotImplementedError
