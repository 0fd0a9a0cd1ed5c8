"""What came of a rehearsal: times, errors, and whether every acknowledged answer is in the database once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from study.models import Response, Study


@dataclass(frozen=True)
class Acknowledged:
    """An answer that the server said it had stored: to which presentation, at which place on the screen."""

    presentation: str
    choice: int


@dataclass(frozen=True)
class Report:
    """The numbers of a rehearsal. `milliseconds` holds p50, p95, p99 and the longest, by kind of request."""

    sessions: int
    finished: int
    acknowledged: int
    stored: int
    lost: int
    changed: int
    doubled: int
    accuracy: float | None
    errors: tuple[str, ...]
    seconds: float
    milliseconds: dict[str, dict[str, float]]

    @property
    def flawless(self) -> bool:
        """Whether everybody came through and every acknowledged answer is stored as it was given."""
        return self.finished == self.sessions and not (
            self.lost or self.changed or self.doubled or self.errors
        )


def report_on(
    study: Study,
    planned: int,
    finished: int,
    seconds: Mapping[str, Sequence[float]],
    acknowledged: Sequence[Acknowledged],
    errors: Sequence[str],
    duration: float,
) -> Report:
    """Compare what volunteers were told with what the database holds."""
    told = {answer.presentation for answer in acknowledged}
    rows = Response.objects.filter(session__study=study, presentation__token__in=list(told))
    stored = {
        token: (place, is_truth)
        for token, place, is_truth in rows.values_list(
            "presentation__token", "screen_position", "option__is_truth"
        )
    }
    right = sum(is_truth for _, is_truth in stored.values())
    return Report(
        sessions=planned,
        finished=finished,
        acknowledged=len(told),
        stored=len(stored),
        lost=len(told - stored.keys()),
        changed=len({one.presentation for one in acknowledged if _differs(one, stored)}),
        doubled=_doubled(study),
        accuracy=right / len(stored) if stored else None,
        errors=tuple(errors),
        seconds=round(duration, 3),
        milliseconds={kind: percentiles(times) for kind, times in sorted(seconds.items())},
    )


def _differs(told: Acknowledged, stored: Mapping[str, tuple[int, bool]]) -> bool:
    return told.presentation in stored and stored[told.presentation][0] != told.choice


def _doubled(study: Study) -> int:
    """Return how many presentations have more than one answer: none, while the database keeps its promise."""
    answers = Response.objects.filter(session__study=study).values("presentation").order_by()
    return answers.annotate(times=Count("pk")).filter(times__gt=1).count()


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return p50, p95, p99 and the maximum in milliseconds (nearest rank)."""
    ordered = sorted(seconds)

    def rank(share: float) -> float:
        return round(1000 * ordered[max(0, -(-int(share * 100) * len(ordered) // 100) - 1)], 1)

    return {"requests": len(ordered), "p50": rank(0.5), "p95": rank(0.95), "p99": rank(0.99), "max": rank(1)}
