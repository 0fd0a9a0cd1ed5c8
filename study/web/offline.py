"""What a browser shows when a volunteer reloads without a connection: one page, and the worker that keeps it.

The worker belongs to one study (its scope is the study's own addresses) and keeps that page with its style
and script: never a page of a visit. Every page of a visit registers it; the visit's end removes it.
"""

from __future__ import annotations

import hashlib
import json
from urllib.parse import urlencode

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.cache import patch_cache_control
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from study.models import Study
from study.web import speech
from study.web.visits import study_at

FILES = ("study/css/base.css", "study/css/volunteer.css", "study/js/offline.js")
ONE_DAY = 86_400  # the longest that browsers go by an old worker


@require_safe
def page(request: HttpRequest, code: str) -> HttpResponse:
    """Say that there is no connection, in the language of the address."""
    study = study_at(code)
    speech.begin(request, study)
    return _kept_a_day(render(request, "volunteer/offline.html", {"study": study}))


@require_safe
@csp({"default-src": [NONE], "connect-src": [SELF]})  # type: ignore[arg-type]  # views with arguments too
def worker(request: HttpRequest, code: str) -> HttpResponse:
    """Answer with the worker; it differs, and so replaces an older one, whenever what it keeps differs."""
    study = study_at(code)
    language = speech.begin(request, study).language
    scope = reverse("volunteer_welcome", args=[code])
    kept = {
        "prefix": f"{scope} ",
        "name": f"{scope} {_version(request, study)}",
        "page": f"{reverse('volunteer_offline', args=[code])}?{urlencode({speech.PARAMETER: language})}",
        "files": [static(name) for name in FILES],
    }
    context = {"kept": mark_safe(json.dumps(kept))}
    script = render_to_string("volunteer/worker.js", context)
    return _kept_a_day(HttpResponse(script, content_type="text/javascript; charset=utf-8"))


def _version(request: HttpRequest, study: Study) -> str:
    said = render_to_string("volunteer/offline.html", {"study": study}, request)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _kept_a_day(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, private=True, max_age=ONE_DAY)
    return response


pages = [
    path("offline/", page, name="volunteer_offline"),
    path("worker.js", worker, name="volunteer_worker"),
]
