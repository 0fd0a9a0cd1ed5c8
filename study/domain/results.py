"""A study's answers as `analysis` reads them; sessions of one mode only, never mixed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from study.errors import EarsightError
from study.models import Session, Study

if TYPE_CHECKING:
    from analysis import Answer, Summary


class NoAnswers(EarsightError):
    """There are no finished sessions to summarise yet."""

    status = 404


def answers(study: Study, mode: str = Session.Mode.LIVE) -> list[Answer]:
    """Return every answer of consenting sessions of this mode, in the order of sessions and presentations."""
    raise NotImplementedError


def summary(study: Study, mode: str = Session.Mode.LIVE) -> Summary:
    """Return the study's numbers over finished sessions of this mode.

    Raises:
        NoAnswers: when no session of this mode has finished.
    """
    raise NotImplementedError


def counts(study: Study) -> dict[str, dict[str, int]]:
    """Return for each mode how many sessions have started, consented and finished."""
    raise NotImplementedError


def long_csv(study: Study, mode: str = Session.Mode.LIVE) -> str:
    """Return one row per answer, as CSV."""
    raise NotImplementedError


def wide_csv(study: Study, mode: str = Session.Mode.LIVE) -> str:
    """Return one row per session, as CSV."""
    raise NotImplementedError


def summary_json(study: Study, mode: str = Session.Mode.LIVE) -> str:
    """Return the summary as JSON."""
    raise NotImplementedError


def figure(study: Study, mode: str = Session.Mode.LIVE, *, suffix: str = "svg") -> bytes:
    """Return the Figure 2 chart as svg, pdf or png."""
    raise NotImplementedError
