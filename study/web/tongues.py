"""The volunteer's choice of language, on every page of a visit."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from study.domain import languages
from study.web import speech
from study.web.visits import Visit, in_visit, page_of


@require_POST
@in_visit
def choose(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Go on in another language, on the page where the choice was made."""
    languages.choose(visit.session, request.POST.get(speech.PARAMETER, ""))
    came_from = request.POST.get("next", "")
    is_ours = came_from.startswith(reverse("volunteer_welcome", args=[visit.study.code]))
    return redirect(came_from if is_ours else page_of(visit.session, visit.step))
