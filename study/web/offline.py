"""What a browser shows when a volunteer reloads without a connection: one page, and the worker that keeps it.

The worker belongs to one study (its scope is the study's own addresses). Every page of a visit registers it
and keeps that page, in the visit's language, with its style and script; the visit's end removes them.
"""

from __future__ import annotations

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from study.web import speech
from study.web.visits import study_at

ONE_DAY = 86_400  # the longest that browsers go by an old worker, or an old page


@require_safe
def page(request: HttpRequest, code: str) -> HttpResponse:
    """Say that there is no connection, in the language of the address."""
    study = study_at(code)
    speech.begin(request, study)
    return _kept_a_day(render(request, "volunteer/offline.html", {"study": study}))


@require_safe
@csp({"default-src": [NONE], "connect-src": [SELF]})  # type: ignore[arg-type]  # views with arguments too
def worker(request: HttpRequest, code: str) -> HttpResponse:
    """Answer with the worker, which is the same for every study: its address tells which one it is for."""
    study_at(code)
    script = render_to_string("volunteer/worker.js")
    return _kept_a_day(HttpResponse(script, content_type="text/javascript; charset=utf-8"))


def _kept_a_day(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, private=True, max_age=ONE_DAY)
    return response


pages = [
    path("offline/", page, name="volunteer_offline"),
    path("worker.js", worker, name="volunteer_worker"),
]
