"""The page of the machine listeners: how people compare with them, and the button that lets them listen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from study import tasks
from study.domain import charts, machine, results
from study.errors import EarsightError
from study.models import Study
from study.web import machine_tables, numbers
from study.web.access import on_study, person
from study.web.asked import query, selection_asked
from study.web.downloads import download

if TYPE_CHECKING:
    from analysis.machine.comparison import Beside

JSON = "application/json"


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
        made = {name: make(found) for name, make in machine_tables.TABLES.items()}
        context |= {"alt": alt_text(found), "tables": made, "lookalikes": _lookalikes(found)}
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


def _lookalikes(found: Beside) -> str:
    """Say how many wrong answers fell on the picture that looks most like the true one."""
    told, between, p = machine_tables.fell(found.lookalikes)
    if told.why:
        return told.why
    return f"{told.text}; 95 % interval of the share {between.text}, p {p.text}."


pages = [
    path("results/machine/", overview, name="study_machine"),
    path("results/machine.json", machine_json, name="study_machine_json"),
    path("results/machine-comparison.json", comparison_json, name="study_machine_comparison"),
]
