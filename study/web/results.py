"""The results page and its downloads; sessions of one mode at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from study.domain import conditions, listening_results, order_files, question_results, results
from study.errors import NotYours
from study.models import Condition, Session, Study
from study.web import comparisons, numbers
from study.web.access import Page, on_study
from study.web.downloads import download

if TYPE_CHECKING:
    from analysis.summary import Described

CSV, JSON = "text/csv; charset=utf-8", "application/json"


def mode_asked(request: HttpRequest) -> Session.Mode:
    """Return the mode in the address, live where none is given.

    Raises:
        NotYours: for a mode that does not exist.
    """
    try:
        return Session.Mode(request.GET.get("mode", Session.Mode.LIVE))
    except ValueError as error:
        raise NotYours from error


def described_asked(request: HttpRequest) -> Described:
    """Return whether the address asks for sessions by written descriptions; they are left out otherwise.

    Raises:
        NotYours: for an answer that does not exist.
    """
    asked = request.GET.get("described", "exclude")
    if asked not in ("exclude", "only", "include"):
        raise NotYours
    return cast("Described", asked)


def passed_asked(request: HttpRequest) -> bool:
    """Return whether the address asks for those alone who have passed the headphone check.

    Raises:
        NotYours: for an answer that does not exist.
    """
    asked = request.GET.get("headphones", "all")
    if asked not in ("all", "passed"):
        raise NotYours
    return asked == "passed"


def condition_asked(request: HttpRequest, study: Study) -> Condition | None:
    """Return the condition whose number is in the address, or none.

    Raises:
        NotYours: for one that the study does not have.
    """
    asked = request.GET.get("condition", "")
    return conditions.numbered(study, asked) if asked else None


@require_safe
@never_cache
@on_study
def overview(request: HttpRequest, study: Study) -> HttpResponse:
    """Show accuracy, sigma, kappa, Figure 2, trials, classes and confusion of one mode."""
    mode, described, passed = mode_asked(request), described_asked(request), passed_asked(request)
    condition = condition_asked(request, study)
    arms = list(study.conditions.all())
    compared = bool(arms) and condition is None
    headphones = "passed" if passed else "all"
    asked = {"mode": mode.value, "described": described, "headphones": headphones}
    context = {
        "query": urlencode(asked | ({"condition": condition.pk} if condition else {})),
        "all_query": urlencode(asked),
        "conditions": arms,
        "condition": condition,
        "comparison": comparisons.shown(study, mode, described, passed=passed) if compared else None,
        "compared": compared,
        "study": study,
        "mode": mode,
        "described": described,
        "headphones": headphones,
        "checks": listening_results.check_counts(study, mode),
        "choices": numbers.choices(results.kinds(study, mode, passed=passed, condition=condition), described),
        "tabs": numbers.tabs(results.counts(study), mode),
        "report": None
        if compared
        else numbers.report(study, mode, described, passed=passed, condition=condition),
        "tallies": question_results.tallies(study, mode),
        "visits": question_results.visits(study)[mode],
        "section": "studies",
    }
    return render(request, "results/results.html", context)


@require_safe
@never_cache
@on_study
def summary_json(request: HttpRequest, study: Study) -> HttpResponse:
    """Download every number."""
    mode, described, passed = mode_asked(request), described_asked(request), passed_asked(request)
    condition = condition_asked(request, study)
    content = results.summary_json(study, mode, described=described, passed=passed, condition=condition)
    name = f"{numbers.stem(study, mode, described, passed=passed, condition=condition)}-summary.json"
    return download(content, JSON, name)


@require_safe
@never_cache
@on_study
def visits_csv(request: HttpRequest, study: Study) -> HttpResponse:
    """Download how many visits began, finished, were withdrawn, and were deleted after their time."""
    name = f"{numbers.stem(study, Session.Mode.LIVE)}-visits.csv"
    return download(question_results.visits_csv(study), CSV, name)


def _file_of_mode(content: Callable[[Study, str], str], kind: str, ending: str) -> Page:
    """Return the view that downloads what `content` makes of a study's sessions of the mode asked for."""

    @require_safe
    @never_cache
    @on_study
    def file(request: HttpRequest, study: Study) -> HttpResponse:
        mode = mode_asked(request)
        return download(content(study, mode), kind, f"{numbers.stem(study, mode)}-{ending}")

    return file


long_csv = _file_of_mode(results.long_csv, CSV, "answers-long.csv")
wide_csv = _file_of_mode(results.wide_csv, CSV, "answers-wide.csv")
listening_csv = _file_of_mode(listening_results.listening_csv, CSV, "listening.csv")
headphones_csv = _file_of_mode(listening_results.headphones_csv, CSV, "headphones.csv")
questions_csv = _file_of_mode(question_results.questions_csv, CSV, "questions-long.csv")
questions_json = _file_of_mode(question_results.questions_json, JSON, "questions.json")
orders_json = _file_of_mode(order_files.orders_json, JSON, "orders.json")
