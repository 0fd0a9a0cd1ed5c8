"""A study's answers as `analysis` reads them; sessions of one mode only, never mixed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q

from study.domain import answer_matrix, answered, declared, option_pictures, reviews
from study.domain.answered import NoSuchMode as NoSuchMode
from study.domain.packing import naming
from study.domain.selecting import Selection
from study.errors import EarsightError
from study.models import Condition, Response, Session, Study

if TYPE_CHECKING:
    from analysis import Answer, Comparison, Summary
    from analysis.review import Review
    from analysis.summary import Described


VOLUNTEERS = Selection()


class NoAnswers(EarsightError):
    """There are no finished sessions to summarise yet."""

    status = 404


class ConditionMissing(EarsightError):
    """The conditions of this study are counted apart; name one of them."""


class ResultsUnreadable(EarsightError):
    """The results cannot be computed."""

    status = 500


@dataclass(frozen=True)
class Kinds:
    """How many sessions of a mode answered something and how many finished, by what they chose among."""

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
    return list(answered.each(study, mode, passed=passed, condition=condition))


def summary(
    study: Study,
    mode: str = Session.Mode.LIVE,
    *,
    described: Described = "exclude",
    passed: bool = False,
    condition: Condition | None = None,
) -> Summary:
    """Return the study's numbers over finished sessions of this mode, after the rules that it declared.

    Those that chose by written descriptions are left out unless `described` asks for them; with `passed`,
    all who have not passed the headphone check are.

    Raises:
        NoAnswers: when no such session has finished. ConditionMissing: where there are several to name.
    """
    return review(study, Selection(mode, described, passed, condition)).summary


def review(study: Study, selection: Selection, *, mixed: bool = False, mark: str = "") -> Review:
    """Return all numbers of these sessions, those that reviewers ask beyond the summary included.

    mark  the fingerprint of `reviews`, where it has been taken just before

    Raises:
        NoAnswers, ConditionMissing: as summary.
    """
    from analysis import AnalysisError, ConditionNeeded
    from analysis import NoAnswers as NothingLeft

    try:
        return reviews.review(study, selection, mixed=mixed, mark=mark)
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
    from analysis.tables import long_csv_lines

    return "".join(long_csv_lines(answered.each(study, mode), naming.options(study)))


def wide_csv(study: Study, mode: str = Session.Mode.LIVE) -> str:
    """Return one row per session, as CSV."""
    from analysis.tables import wide_csv as written

    return written(answers(study, mode))


def kinds(study: Study, mode: str, *, passed: bool = False, condition: Condition | None = None) -> Kinds:
    """Return how many sessions chose by pictures and by written descriptions; the summary counts the same."""
    gave = Exists(Response.objects.filter(session=OuterRef("pk")))
    known = answered.sessions(study, mode, passed=passed, condition=condition).filter(gave)
    done = Count("pk", filter=Q(finished_at__isnull=False))
    rows = known.values("described").annotate(begun=Count("pk"), done=done).order_by()
    found = {row["described"]: (row["begun"], row["done"]) for row in rows}
    return Kinds(*found.get(False, (0, 0)), *found.get(True, (0, 0)))


def summary_json(study: Study, selection: Selection = VOLUNTEERS) -> str:
    """Return the summary as JSON.

    Raises:
        NoAnswers: as summary.
    """
    from analysis.tables import summary_json as written

    return written(review(study, selection).summary)


def review_json(study: Study, selection: Selection = VOLUNTEERS) -> str:
    """Return the review as JSON.

    Raises:
        NoAnswers: as summary.
    """
    from analysis.tables import review_json as written

    object_ = written(review(study, selection))
    return json.dumps(object_, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def figure(study: Study, selection: Selection = VOLUNTEERS, *, suffix: str = "svg") -> bytes:
    """Return the Figure 2 chart as svg, pdf or png, with the pictures of each trial.

    Raises:
        NoAnswers: as summary.
    """
    from analysis import AnalysisError, figure2

    try:
        numbers = review(study, selection).summary
        return figure2(numbers, option_pictures.thumbnails(study)).render(suffix)
    except AnalysisError as error:
        raise ResultsUnreadable(str(error)) from error


def comparison(
    study: Study, mode: str = Session.Mode.LIVE, *, described: Described = "exclude", passed: bool = False
) -> Comparison:
    """Return the numbers of every condition, after the declared rules, and how each differs from the first.

    Raises:
        NoAnswers: when nobody is counted in any.
    """
    from analysis import AnalysisError, compare
    from analysis import NoAnswers as NothingLeft

    order = [*study.conditions.order_by("place").values_list("name", flat=True)]
    given = answer_matrix.matrix(study, Selection(mode, described, passed))
    try:
        return compare(given, order, described=described, rules=declared.rules(study))
    except NothingLeft as error:
        raise NoAnswers(str(error)) from error
    except AnalysisError as error:
        raise ResultsUnreadable(str(error)) from error
