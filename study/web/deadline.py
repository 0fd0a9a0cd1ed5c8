"""What a page of a visit needs to warn before the visit's time is over."""

from __future__ import annotations

from typing import Any

from study.domain import deadlines
from study.models import Session


def shown(session: Session) -> dict[str, Any]:
    """Return what a page needs to warn before the visit's end; nothing where it has none."""
    left = deadlines.time_left(session)
    if left is None:
        return {}
    return {
        "seconds": int(left.total_seconds()),
        "minutes": max(1, round(left.total_seconds() / 60)),
        "soon": deadlines.ends_soon(session) and not deadlines.is_over(session),
        "warning": int(deadlines.WARNING.total_seconds()),
        "extendable": session.extensions < deadlines.MOST_EXTENSIONS,
    }
