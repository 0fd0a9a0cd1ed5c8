"""What volunteers heard, as tables: one row per trial shown, one row per headphone check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from django.db.models import Prefetch

from study.domain import headphone_listens, languages
from study.domain.headphone_rules import OFF, RULES
from study.models import Event, HeadphoneCheck, Presentation, Session, Study

if TYPE_CHECKING:
    from study.domain.headphone_listens import Place
    from study.models import HeadphoneSound

Kind = Event.Kind
Cell = str | int | float | None
AT_ONCE = 1000  # rows held in memory

LISTENING = (
    "session_id", "trial_index", "task_id", "n_plays", "n_listens", "heard_s", "n_failures", "fetched",
    "n_hidden", "answered", "language",
)  # fmt: skip
CHECKS = (
    "session_id", "seed", "kind", "outcome", "reason", "attempts", "n_right", "n_needed",
    "attempt_1_layouts", "attempt_1_choices", "attempt_1_listens",
    "attempt_2_layouts", "attempt_2_choices", "attempt_2_listens",
)  # fmt: skip


@dataclass(frozen=True)
class Listening:
    """What the log says of one trial of one session. `seconds`: how long its clip sounded."""

    plays: int = 0
    listens: int = 0
    seconds: float = 0.0
    failures: int = 0
    fetched: bool = False
    hidden: int = 0


@dataclass(frozen=True)
class CheckCounts:
    """How the headphone checks of finished and unfinished sessions of one mode came out."""

    passed: int = 0
    failed: int = 0
    cannot: int = 0
    unfinished: int = 0  # begun without an outcome


def listening_of(events: Iterable[Event]) -> Listening:
    """Sum up the events of one trial, in the order in which they were stored."""
    rows = list(events)
    counts = Counter(row.kind for row in rows)
    return Listening(
        plays=counts[Kind.PLAY],
        listens=counts[Kind.ENDED],
        seconds=round(_seconds(rows), 2),
        failures=counts[Kind.ERROR],
        fetched=Kind.FETCHED in counts,
        hidden=counts[Kind.HIDDEN],
    )


def _seconds(rows: Sequence[Event]) -> float:
    """Return how long the clip sounded: from each play to the pause or end after it."""
    heard, since = 0.0, None
    for row in rows:
        place = row.seconds or 0.0
        if row.kind == Kind.PLAY:
            since = place
        elif row.kind in {Kind.PAUSE, Kind.ENDED} and since is not None:
            heard += max(0.0, place - since)
            since = None
    return heard


def listening_csv(study: Study, mode: str) -> str:
    """Return one row per trial that was laid out for a consenting session of this mode, as CSV."""
    return "".join(listening_lines(study, mode))


def listening_lines(study: Study, mode: str) -> Iterator[str]:
    """Yield that table line by line, header first, with few rows in memory."""
    shown = Presentation.objects.filter(session__in=_sessions(study, mode)).select_related(
        "trial", "response", "session__study"
    )
    rows = shown.prefetch_related("events").order_by("session_id", "position").iterator(AT_ONCE)
    return _lines(LISTENING, (_listening_row(row) for row in rows))


def _listening_row(row: Presentation) -> list[Cell]:
    said = listening_of(sorted(row.events.all(), key=lambda event: event.pk))
    return [
        f"s{row.session_id}", row.position, row.trial.number, said.plays, said.listens, said.seconds,
        said.failures, int(said.fetched), said.hidden, int(hasattr(row, "response")),
        languages.of(row.session),
    ]  # fmt: skip


def headphones_csv(study: Study, mode: str) -> str:
    """Return one row per headphone check; with the seed anybody can derive its layouts again."""
    return "".join(headphones_lines(study, mode))


def headphones_lines(study: Study, mode: str) -> Iterator[str]:
    """Yield that table line by line, header first, with few rows in memory."""
    checks = HeadphoneCheck.objects.filter(session__in=_sessions(study, mode)).select_related("session")
    heard = Prefetch("session__events", headphone_listens.ends(), to_attr="sound_ends")
    rows = checks.prefetch_related("sounds", heard).order_by("session_id").iterator(AT_ONCE)
    return _lines(CHECKS, (_check_row(check) for check in rows))


def _check_row(check: HeadphoneCheck) -> list[Cell]:
    sounds = sorted(check.sounds.all(), key=lambda sound: (sound.attempt, sound.position))
    attempts = [[sound for sound in sounds if sound.attempt == number] for number in (1, 2)]
    heard = headphone_listens.counted(getattr(check.session, "sound_ends", ()))
    of_attempts = ((_layouts(each), _choices(each), _listens(each, heard)) for each in attempts)
    return [
        f"s{check.session_id}", check.session.seed, check.kind, check.outcome or "unfinished", check.reason,
        check.attempts, check.right, RULES[check.kind].needed,
        *chain.from_iterable(of_attempts),
    ]  # fmt: skip


def _layouts(attempt: Sequence[HeadphoneSound]) -> str:
    return " ".join(sound.layout for sound in attempt)


def _choices(attempt: Sequence[HeadphoneSound]) -> str:
    """Return the chosen places from 1; a question mark where there is no answer."""
    return " ".join("?" if sound.choice is None else str(sound.choice + 1) for sound in attempt)


def _listens(attempt: Sequence[HeadphoneSound], heard: Mapping[Place, int]) -> str:
    return " ".join(str(heard.get((sound.attempt, sound.position), 0)) for sound in attempt)


def check_counts(study: Study, mode: str) -> CheckCounts | None:
    """Return how the headphone checks came out; None where the study has none."""
    if study.screening == OFF:
        return None
    checks = HeadphoneCheck.objects.filter(session__in=_sessions(study, mode))
    counts = Counter(checks.values_list("outcome", flat=True))
    return CheckCounts(counts["passed"], counts["failed"], counts["cannot"], counts[""])


def _sessions(study: Study, mode: str) -> Iterable[Session]:
    return Session.objects.countable(mode).filter(study=study)


def _lines(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    from analysis.tables.cells import line

    yield line(header)
    for row in rows:
        yield line(row)
