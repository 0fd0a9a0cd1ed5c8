"""The page of the machine listeners: how people compare with them, and the button that lets them listen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from analysis.values import Interval, Undefined
from study import tasks
from study.domain import charts, machine, results
from study.errors import EarsightError
from study.models import Study
from study.web import machine_tables, numbers
from study.web.access import on_study, person
from study.web.asked import query, selection_asked
from study.web.downloads import download

if TYPE_CHECKING:
    from analysis.machine.comparison import Beside, ListenerBeside
    from analysis.machine.preference import Preference
    from analysis.values import Number, Range

JSON = "application/json"


@dataclass(frozen=True)
class Row:
    """One number of a listener with what it is, or why there is none."""

    name: str
    value: str


@dataclass(frozen=True)
class Listener:
    """One listener beside people."""

    name: str
    rows: tuple[Row, ...]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@on_study
def overview(request: HttpRequest, study: Study) -> HttpResponse:
    """GET shows people beside the machine listeners; POST lets them listen to a study they have not heard."""
    if request.method == "POST":
        return _asked(request, study)
    from analysis.figures.beside import alt_text

    selection = selection_asked(request, study)
    waiting = machine.unheard(study)
    context: dict[str, Any] = {
        "study": study,
        "built": study.stimuli is not None,
        "unheard": bool(waiting),
        "errors": [stimuli.machine_error for stimuli in waiting if stimuli.machine_error],
        "heard": machine.listening(study, selection.condition),
        "query": query(selection),
        "section": "studies",
    }
    try:
        found = charts.beside(study, selection)
        told = {"alt": alt_text(found), "listeners": _listeners(found), "lookalikes": _fell(found.lookalikes)}
        context |= {"beside": found, "table": machine_tables.trials(found)} | told
    except (machine.NotHeard, results.NoAnswers, results.ConditionMissing) as error:
        context["missing"] = str(error)
    return render(request, "results/machine.html", context)


def _asked(request: HttpRequest, study: Study) -> HttpResponse:
    try:
        for number in machine.request(study, by=person(request)):
            transaction.on_commit(partial(tasks.enqueue_listening, number))
        messages.success(request, "The machine is listening; look again in a minute.")
    except EarsightError as error:
        messages.error(request, str(error))
    return redirect("study_machine", study.pk)


@require_safe
@never_cache
@on_study
def machine_json(request: HttpRequest, study: Study) -> HttpResponse:
    """Download what the machine heard in the study's own music, or in a condition's."""
    selection = selection_asked(request, study)
    content = machine.content(machine.played(study, selection.condition))
    return download(content, JSON, f"{numbers.stem(study, selection)}-machine.json")


@require_safe
@never_cache
@on_study
def comparison_json(request: HttpRequest, study: Study) -> HttpResponse:
    """Download every number of the comparison."""
    from analysis.machine.comparison_json import beside_json

    selection = selection_asked(request, study)
    content = beside_json(charts.beside(study, selection))
    return download(content, JSON, f"{numbers.stem(study, selection)}-machine-comparison.json")


def _listeners(found: Beside) -> list[Listener]:
    from analysis.machine.document import LISTENERS

    return [Listener(LISTENERS[each.listener].capitalize(), _rows(each)) for each in found.listeners]


def _rows(each: ListenerBeside) -> tuple[Row, ...]:
    rho, p = each.difficulty.rho, each.difficulty.p
    hard = str(rho) if isinstance(rho, Undefined) else f"{rho:+.2f}{_ends(each.difficulty.interval)}, {_p(p)}"
    agreed = _number(each.agreement) + _ends(each.agreement_interval)
    return (
        Row("Right", f"{each.correct} of {each.trials} trials ({each.accuracy:.2f})"),
        Row("Mean confidence in its choice", f"{each.confidence:.2f}"),
        Row("Rank correlation of people’s accuracy with its difficulty", hard),
        Row("Share of people’s answers that are its choice", agreed),
        Row("Agreement beyond chance (Cohen’s kappa)", _number(each.kappa)),
        Row("Wrong answers on its second choice", _fell(each.preference)),
    )


def _fell(found: Preference) -> str:
    """How many wrong answers fell on the predicted option."""
    if isinstance(found.share, Undefined):
        return str(found.share)
    told = f"{found.on_predicted} of {found.wrong} ({found.share:.2f}{_ends(found.interval)})"
    return f"{told}, by chance {_number(found.chance)}, {_p(found.p)}"


def _p(value: Number) -> str:
    if isinstance(value, Undefined):
        return str(value)
    return f"p = {value:.4f}" if value >= 0.0001 else "p < 0.0001"


def _number(value: Number) -> str:
    return str(value) if isinstance(value, Undefined) else f"{value:.2f}"


def _ends(found: Range) -> str:
    return f" [{found.low:.2f}, {found.high:.2f}]" if isinstance(found, Interval) else ""


pages = [
    path("results/machine/", overview, name="study_machine"),
    path("results/machine.json", machine_json, name="study_machine_json"),
    path("results/machine-comparison.json", comparison_json, name="study_machine_comparison"),
]
