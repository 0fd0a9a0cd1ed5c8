"""The tables of a package: each with its header, its rows as they come from the database, and their number.

Rows are read a few at a time. A table is whole when it has as many rows as the database counts in the same
moment; `Table.expected` is that count.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from study.domain import answered, languages, listening_results, question_results
from study.domain.packing import columns
from study.domain.packing.columns import Column
from study.domain.packing.lines import Cell, lines
from study.models import Event, Presentation, Response, Session, Study

if TYPE_CHECKING:
    from study.models.sessions import SessionQuerySet

AT_ONCE = 2000  # rows held in memory


@dataclass(frozen=True)
class Table:
    """One table: its name, what it holds in a sentence, its columns and lines, header first."""

    name: str  # the part of the file's name after "description-"; empty for the table of answers
    title: str
    columns: Mapping[str, Column]
    lines: Callable[[], Iterable[str]]
    expected: Callable[[], int]
    key: tuple[str, ...] = ()  # columns that together name a row
    header: tuple[str, ...] = ()  # where it is not the columns as they are described


def all_of(study: Study, mode: str) -> list[Table]:
    """Return the tables of a study's sessions of one mode, but those of answers."""
    return [
        _sessions(study, mode),
        _presentations(study, mode),
        _events(study, mode),
        _listening(study, mode),
        _headphones(study, mode),
        _questions(study, mode),
        _visits(study, mode),
    ]


def visiting(study: Study, mode: str) -> SessionQuerySet:
    """Return the consenting sessions of this mode."""
    return Session.objects.countable(mode).filter(study=study)


def _sessions(study: Study, mode: str) -> Table:
    def rows() -> Iterator[list[Cell]]:
        counted = set(answered.sessions(study, mode).values_list("pk", flat=True))
        known = visiting(study, mode).select_related("condition", "stimuli", "study").defer("stimuli__plan")
        known = known.annotate(n_trials=_number(Presentation), n_answered=_number(Response))
        for session in known.prefetch_related("outcomes").order_by("pk").iterator(AT_ONCE):
            yield _session_row(session, session.pk in counted)

    return Table(
        "sessions",
        "One row for each session that gave consent, finished or not.",
        columns.SESSIONS,
        lambda: lines(columns.SESSIONS, rows()),
        visiting(study, mode).count,
        ("session_id",),
    )


def _number(model: type[Presentation] | type[Response]) -> Coalesce:
    """How many of these a session has; joining both to it would make a row for each pair."""
    own = model.objects.filter(session=OuterRef("pk")).order_by().values("session")
    return Coalesce(Subquery(own.annotate(n=Count("pk")).values("n")), 0)


def _session_row(session: Session, counted: bool) -> list[Cell]:
    times = (
        session.started_at, session.consented_at, session.sound_confirmed_at, session.instructions_read_at,
        session.examples_seen_at, session.practised_at, session.rested_at, session.questions_done_at,
        session.finished_at,
    )  # fmt: skip
    return [
        f"s{session.pk}", int(session.finished_at is not None), int(counted),
        session.condition.name if session.condition else None, int(session.described),
        None if session.again is None else int(session.again), languages.of(session),
        str(session.seed), session.study_version, session.study_hash, session.stimuli.content_hash,
        session.consent_hash, session.n_trials, session.n_answered, session.extensions,  # type: ignore[attr-defined]
        " ".join(outcome.kind for outcome in session.outcomes.all()) or None, *map(_utc, times),
    ]  # fmt: skip


def _presentations(study: Study, mode: str) -> Table:
    shown = Presentation.objects.filter(session__in=visiting(study, mode))
    fields = ("session_id", "position", "trial__number", "option_order", "response__received_at")

    def rows() -> Iterator[list[Cell]]:
        found = shown.order_by("session_id", "position").values_list(*fields)
        for session, position, number, order, received in found.iterator(AT_ONCE):
            yield [f"s{session}", position, number, " ".join(map(str, order)), _utc(received)]

    return Table(
        "presentations",
        "One row for each trial that was laid out for a session, answered or not.",
        columns.PRESENTATIONS,
        lambda: lines(columns.PRESENTATIONS, rows()),
        shown.count,
        ("session_id", "trial_index"),
    )


def _events(study: Study, mode: str) -> Table:
    logged = Event.objects.filter(session__in=visiting(study, mode))
    fields = ("session_id", "presentation__trial__number", "kind", "client_ms", "seconds", "received_at")

    def rows() -> Iterator[list[Cell]]:
        for session, number, kind, client_ms, seconds, received in (
            logged.order_by("pk").values_list(*fields).iterator(AT_ONCE)
        ):
            yield [f"s{session}", number, kind, client_ms, seconds, _utc(received)]

    return Table(
        "events",
        "One row for each thing that happened on a volunteer's page, in the order in which it was stored.",
        columns.EVENTS,
        lambda: lines(columns.EVENTS, rows()),
        logged.count,
    )


def _listening(study: Study, mode: str) -> Table:
    return Table(
        "listening",
        "One row for each trial that was laid out for a session: what was heard of its clip.",
        columns.LISTENING,
        lambda: listening_results.listening_lines(study, mode),
        Presentation.objects.filter(session__in=visiting(study, mode)).count,
        ("session_id", "trial_index"),
    )


def _headphones(study: Study, mode: str) -> Table:
    return Table(
        "headphones",
        "One row for each headphone check.",
        columns.HEADPHONES,
        lambda: listening_results.headphones_lines(study, mode),
        visiting(study, mode).filter(headphone_check__isnull=False).count,
        ("session_id",),
        listening_results.CHECKS,
    )


def _questions(study: Study, mode: str) -> Table:
    passed = visiting(study, mode).filter(questions_done_at__isnull=False)
    return Table(
        "questions",
        "One row for each question and each session that passed the questions.",
        columns.QUESTIONS,
        lambda: question_results.questions_lines(study, mode),
        lambda: passed.count() * study.questions.count(),
        ("session_id", "question"),
    )


def _visits(study: Study, mode: str) -> Table:
    counts = question_results.visits(study)[mode]
    return Table(
        "visits",
        "How many visits began, finished, were withdrawn, or were deleted after their time.",
        columns.VISITS,
        lambda: lines(columns.VISITS, counts.items()),
        lambda: len(counts),
        ("what",),
    )


def _utc(time: datetime.datetime | None) -> str | None:
    return time.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if time else None
