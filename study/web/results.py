"""The results page and its downloads; sessions of one mode at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from study.domain import charts, listening_results, order_files, question_results, results, reviews
from study.domain.selecting import Selection
from study.errors import NotYours
from study.models import Session, Study
from study.web import comparisons, machine_tables, numbers, question_tables, sections, tables
from study.web.access import Page, on_study
from study.web.asked import mode_asked, query, selection_asked
from study.web.downloads import download
from study.web.notes import NOTES

CSV, JSON = "text/csv; charset=utf-8", "application/json"


@require_safe
@never_cache
@on_study
def overview(request: HttpRequest, study: Study) -> HttpResponse:
    """Show every number of one mode: the headline first, then the sections, each with its tables."""
    selection = selection_asked(request, study)
    mode, arms = selection.mode, list(study.conditions.all())
    compared = bool(arms) and selection.condition is None
    condition, mark = selection.condition, reviews.fingerprint(study, selection)
    context = {
        "study": study,
        "mode": mode,
        "described": selection.described,
        "headphones": "passed" if selection.passed else "all",
        "excluded": selection.excluded,
        "query": query(selection),
        "all_query": query(selection, condition=""),
        "queries": _queries(selection),
        "conditions": arms,
        "condition": condition,
        "compared": compared,
        "comparison": comparisons.shown(study, selection) if compared else None,
        "checks": listening_results.check_counts(study, mode),
        "choices": numbers.choices(
            results.kinds(study, mode, passed=selection.passed, condition=condition), selection.described
        ),
        "tabs": numbers.tabs(results.counts(study), mode),
        "is_live": mode == Session.Mode.LIVE and not study.is_draft and study.closed_at is None,
        "fingerprint": mark,
        "questions": question_tables.shown(study, mode),
        "visits": question_results.visits(study)[mode],
        "section": "studies",
        **({} if compared else _reviewed(study, selection, mark, mixed="mixed" in request.GET)),
    }
    return render(request, "results/results.html", context)


def _queries(selection: Selection) -> dict[str, str]:
    """Return the address of each filter: this selection with one thing changed."""
    return {
        "everybody": query(selection, headphones="all"),
        "passed": query(selection, headphones="passed"),
        "with_rules": query(selection, exclusions=""),
        "without_rules": query(selection, exclusions="without"),
    }


def _reviewed(study: Study, selection: Selection, mark: str, *, mixed: bool) -> dict[str, Any]:
    """Return what the page shows of a selection; nothing while nobody has finished."""
    from analysis.paragraphs import paragraphs

    try:
        review = results.review(study, selection, mixed=mixed, mark=mark)
    except results.NoAnswers as error:
        return {"report": None, "nobody": str(error)}
    return {
        "report": numbers.report(study, selection, review),
        "tables": {key.replace("-", "_"): tables.table(key, review) for key in tables.TABLES},
        "said": sections.sentences(review),
        "announced": sections.announced(review),
        "notes": NOTES,
        "paragraphs": paragraphs(review),
        "mixed": mixed,
    }


@require_safe
@never_cache
@on_study
def state(request: HttpRequest, study: Study) -> HttpResponse:
    """Tell whether the numbers have changed: the page asks every few seconds while the study runs."""
    selection = selection_asked(request, study)
    return JsonResponse({"fingerprint": reviews.fingerprint(study, selection)})


@require_safe
@never_cache
@on_study
def table_csv(request: HttpRequest, study: Study, key: str) -> HttpResponse:
    """Download one table of the pages of results, whole."""
    selection = selection_asked(request, study)
    made = _table(key, study, selection)
    if made is None:
        raise NotYours
    return download(tables.csv_of(made), CSV, f"{numbers.stem(study, selection)}-{key}.csv")


def _table(key: str, study: Study, selection: Selection) -> tables.Table | None:
    if key in machine_tables.TABLES:
        return machine_tables.TABLES[key](charts.beside(study, selection))
    if key in comparisons.KEYS:
        return comparisons.table(key, study, selection)
    if place := question_tables.place_of(key):
        return question_tables.table(place, study, selection.mode)
    return tables.table(key, results.review(study, selection), whole=True)


@require_safe
@never_cache
@on_study
def summary_json(request: HttpRequest, study: Study) -> HttpResponse:
    """Download the summary's numbers."""
    selection = selection_asked(request, study)
    name = f"{numbers.stem(study, selection)}-summary.json"
    return download(results.summary_json(study, selection), JSON, name)


@require_safe
@never_cache
@on_study
def review_json(request: HttpRequest, study: Study) -> HttpResponse:
    """Download every number of the page."""
    selection = selection_asked(request, study)
    name = f"{numbers.stem(study, selection)}-review.json"
    return download(results.review_json(study, selection), JSON, name)


@require_safe
@never_cache
@on_study
def visits_csv(request: HttpRequest, study: Study) -> HttpResponse:
    """Download how many visits began, finished, were withdrawn, and were deleted after their time."""
    name = f"{numbers.stem(study)}-visits.csv"
    return download(question_results.visits_csv(study), CSV, name)


def _file_of_mode(content: Callable[[Study, str], str], kind: str, ending: str) -> Page:
    """Return the view that downloads what `content` makes of a study's sessions of the mode asked for."""

    @require_safe
    @never_cache
    @on_study
    def file(request: HttpRequest, study: Study) -> HttpResponse:
        mode = mode_asked(request)
        return download(content(study, mode), kind, f"{numbers.stem(study, Selection(mode))}-{ending}")

    return file


long_csv = _file_of_mode(results.long_csv, CSV, "answers-long.csv")
wide_csv = _file_of_mode(results.wide_csv, CSV, "answers-wide.csv")
listening_csv = _file_of_mode(listening_results.listening_csv, CSV, "listening.csv")
headphones_csv = _file_of_mode(listening_results.headphones_csv, CSV, "headphones.csv")
questions_csv = _file_of_mode(question_results.questions_csv, CSV, "questions-long.csv")
questions_json = _file_of_mode(question_results.questions_json, JSON, "questions.json")
orders_json = _file_of_mode(order_files.orders_json, JSON, "orders.json")
