"""A study's answers as `analysis` reads them; sessions of one mode only, never mixed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, F, Q

from study.domain import option_pictures
from study.errors import EarsightError
from study.models import Condition, Event, Response, Session, Study, TrialOption
from study.models.sessions import SessionQuerySet

if TYPE_CHECKING:
    from analysis import Answer, Comparison, Summary
    from analysis.summary import Described


class NoAnswers(EarsightError):
    """There are no finished sessions to summarise yet."""

    status = 404


class NoSuchMode(EarsightError):
    """Sessions are live, pilot or simulated."""

    status = 404


class ConditionMissing(EarsightError):
    """The conditions of this study are counted apart; name one of them."""


class ResultsUnreadable(EarsightError):
    """The results cannot be computed."""

    status = 500


@dataclass(frozen=True)
class Kinds:
    """How many sessions of a mode began (consented) and finished, by what they chose among."""

    pictures_begun: int
    pictures_finished: int
    descriptions_begun: int
    descriptions_finished: int


def answers(
    study: Study,
    mode: str = Session.Mode.LIVE,
    *,
    passed: bool = False,
    condition: Condition | None = None,
) -> list[Answer]:
    """Return every answer of consenting sessions of this mode, in the order of sessions and presentations.

    Sessions that saw other stimuli (pilots of an earlier build, or of what a condition was before) are left
    out; with `passed`, those too that have not passed the headphone check; with `condition`, all others.
    """
    from analysis import Answer

    if study.stimuli is None:
        return []
    names = study.stimuli.class_names
    ids, truths = _options(study)
    plays = _plays(study, mode)
    fields = ("session_id", "presentation_id", "presentation__trial__number", "presentation__position",
              "option__slot", "screen_position", "milliseconds", "session__finished_at",
              "session__described", "session__condition__name")  # fmt: skip
    rows = Response.objects.filter(session__in=_sessions(study, mode, passed=passed, condition=condition))
    in_order = rows.order_by("session_id", "presentation__position").values_list(*fields)
    return [
        Answer(
            session=f"s{session}",
            trial=trial,
            options=tuple(names),
            truth=names[truths[trial]],
            choice=names[slot],
            order=order,
            position=position,
            response_ms=milliseconds,
            plays=plays[presentation],
            option_ids=ids[trial],
            session_complete=finished is not None,
            described=described,
            condition=arm or "",
        )
        for (session, presentation, trial, order, slot, position, milliseconds, finished, described,
             arm) in in_order
    ]  # fmt: skip


def summary(
    study: Study,
    mode: str = Session.Mode.LIVE,
    *,
    described: Described = "exclude",
    passed: bool = False,
    condition: Condition | None = None,
) -> Summary:
    """Return the study's numbers over finished sessions of this mode.

    Those that chose by written descriptions are left out unless `described` asks for them; with `passed`,
    all who have not passed the headphone check are.

    Raises:
        NoAnswers: when no such session has finished. ConditionMissing: where there are several to name.
    """
    from analysis import AnalysisError, ConditionNeeded, summarise
    from analysis import NoAnswers as NothingLeft

    try:
        return summarise(answers(study, mode, passed=passed, condition=condition), described=described)
    except ConditionNeeded as error:
        raise ConditionMissing from error
    except NothingLeft as error:
        raise NoAnswers(str(error)) from error
    except AnalysisError as error:
        raise ResultsUnreadable(str(error)) from error


def counts(study: Study) -> dict[str, dict[str, int]]:
    """Return for each mode how many sessions have started, consented and finished."""
    found = {
        row["mode"]: {key: row[key] for key in ("started", "consented", "finished")}
        for row in Session.objects.filter(study=study)
        .values("mode")
        .order_by("mode")
        .annotate(
            started=Count("pk"),
            consented=Count("pk", filter=Q(consented_at__isnull=False)),
            finished=Count("pk", filter=Q(finished_at__isnull=False)),
        )
    }
    nobody = {"started": 0, "consented": 0, "finished": 0}
    return {mode: found.get(mode, nobody) for mode in Session.Mode.values}


def long_csv(study: Study, mode: str = Session.Mode.LIVE) -> str:
    """Return one row per answer, as CSV."""
    from analysis.tables import long_csv as written

    return written(answers(study, mode))


def wide_csv(study: Study, mode: str = Session.Mode.LIVE) -> str:
    """Return one row per session, as CSV."""
    from analysis.tables import wide_csv as written

    return written(answers(study, mode))


def kinds(study: Study, mode: str, *, passed: bool = False, condition: Condition | None = None) -> Kinds:
    """Return how many sessions chose by pictures and by written descriptions."""
    known = _passed(Session.objects.countable(mode).filter(study=study), passed)
    known = known.filter(condition=condition) if condition else known
    done = Count("pk", filter=Q(finished_at__isnull=False))
    rows = known.values("described").annotate(begun=Count("pk"), done=done).order_by()
    found = {row["described"]: (row["begun"], row["done"]) for row in rows}
    return Kinds(*found.get(False, (0, 0)), *found.get(True, (0, 0)))


def summary_json(
    study: Study,
    mode: str = Session.Mode.LIVE,
    *,
    described: Described = "exclude",
    passed: bool = False,
    condition: Condition | None = None,
) -> str:
    """Return the summary as JSON.

    Raises:
        NoAnswers: as summary.
    """
    from analysis.tables import summary_json as written

    return written(summary(study, mode, described=described, passed=passed, condition=condition))


def figure(
    study: Study,
    mode: str = Session.Mode.LIVE,
    *,
    suffix: str = "svg",
    described: Described = "exclude",
    passed: bool = False,
    condition: Condition | None = None,
) -> bytes:
    """Return the Figure 2 chart as svg, pdf or png, with the pictures of each trial.

    Raises:
        NoAnswers: as summary.
    """
    from analysis import AnalysisError, figure2

    try:
        numbers = summary(study, mode, described=described, passed=passed, condition=condition)
        return figure2(numbers, option_pictures.thumbnails(study)).render(suffix)
    except AnalysisError as error:
        raise ResultsUnreadable(str(error)) from error


def comparison(
    study: Study, mode: str = Session.Mode.LIVE, *, described: Described = "exclude", passed: bool = False
) -> Comparison:
    """Return the numbers of every condition, and how each differs from the first.

    Raises:
        NoAnswers: when no session of this mode has finished in any.
    """
    from analysis import AnalysisError, compare
    from analysis import NoAnswers as NothingLeft

    order = [*study.conditions.order_by("place").values_list("name", flat=True)]
    try:
        return compare(answers(study, mode, passed=passed), order, described=described)
    except NothingLeft as error:
        raise NoAnswers(str(error)) from error
    except AnalysisError as error:
        raise ResultsUnreadable(str(error)) from error


def _sessions(
    study: Study, mode: str, *, passed: bool = False, condition: Condition | None = None
) -> SessionQuerySet:
    """Return the countable sessions that took the study as it is now: its stimuli, its conditions."""
    if mode not in Session.Mode.values:
        raise NoSuchMode
    assert study.stimuli is not None
    without = Q(stimuli=study.stimuli, condition__isnull=True) & ~Q(
        study__in=Condition.objects.values("study")
    )
    within = Q(
        stimuli__build=study.stimuli.build_id,
        stimuli__translator=F("condition__translator"),
        stimuli__music=F("condition__music"),
    )
    found = Session.objects.countable(mode).filter(without | within, study=study)
    return _passed(found.filter(condition=condition) if condition else found, passed)


def _passed(sessions: SessionQuerySet, passed: bool) -> SessionQuerySet:
    """Return those that have passed the headphone check, where only they are wanted."""
    return sessions.filter(headphone_check__outcome="passed") if passed else sessions


def _options(study: Study) -> tuple[dict[int, tuple[str, ...]], dict[int, int]]:
    """Return by trial number the ids of its pictures, in slot order, and the slot of the truth."""
    ids: dict[int, tuple[str, ...]] = {}
    truths: dict[int, int] = {}
    options = TrialOption.objects.filter(trial__set=study.stimuli_id).order_by("trial__number", "slot")
    rows = options.values_list("trial__number", "slot", "stimulus__source_id", "is_truth")
    for trial, slot, id_, is_truth in rows:
        ids[trial] = (*ids.get(trial, ()), id_)
        if is_truth:
            truths[trial] = slot
    return ids, truths


def _plays(study: Study, mode: str) -> Counter[int]:
    """Return by presentation how often its clip was started."""
    played = Event.objects.filter(
        kind=Event.Kind.PLAY, session__study=study, session__mode=mode, presentation__isnull=False
    )
    rows = played.values_list("presentation_id").annotate(times=Count("pk")).order_by()
    return Counter(dict(rows))
