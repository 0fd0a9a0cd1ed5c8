"""The volunteer's headphone check: set the volume, hear six sounds, or say that it can't be done."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from study.domain import headphone_listens, headphones
from study.domain.headphone_rules import REQUIRED, Stand, stand
from study.models import HeadphoneCheck
from study.web.visits import Visit, at_step, page_of, show_page

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
@at_step("headphones")
def check(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show where the visit stands in its check; a POST begins an attempt, answers a sound or declines."""
    if request.method != "POST":
        return _shown(request, visit)
    act = {"begin": _begin, "answer": _answer, "decline": _decline}.get(request.POST.get("act", ""), _begin)
    problem = act(request, visit)
    return _shown(request, visit, problem) if problem else redirect(page_of(visit.session))


def _begin(request: HttpRequest, visit: Visit) -> str:
    headphones.begin(visit.session)
    return ""


def _answer(request: HttpRequest, visit: Visit) -> str:
    choice = request.POST.get("choice", "")
    if choice not in {"0", "1", "2"}:
        return gettext("Choose the first, the second or the third.")
    headphones.answer(visit.session, request.POST.get("sound", ""), int(choice))
    return ""


def _decline(request: HttpRequest, visit: Visit) -> str:
    reason = request.POST.get("reason", "")
    if reason not in HeadphoneCheck.Reason.values:
        return gettext("Say why you can’t do the check.")
    headphones.decline(visit.session, reason)
    return ""


def _shown(request: HttpRequest, visit: Visit, problem: str = "") -> HttpResponse:
    here = stand(visit.session)
    if here is None:  # the study was changed meanwhile
        return redirect(page_of(visit.session))
    name = "headphones_over" if here.is_over else f"headphones_{here.phase}"
    if here.phase == "again":
        name = "headphones_begin"
    context = _context(visit, here) | {"problem": problem, "target": _target(request)}
    return show_page(request, visit, name, status=422 if problem else 200, **context)


def _context(visit: Visit, here: Stand) -> dict[str, Any]:
    return {
        "here": here,
        "required": visit.study.screening == REQUIRED,
        "reasons": HeadphoneCheck.Reason.choices,
        "sounds": len(here.rules.layouts),
        "volume_name": f"volume-{here.kind}",
        "mark": headphone_listens.mark(here.sound) if here.sound else "",
        "heard": here.sound is not None and headphone_listens.is_heard(visit.session, here.sound),
    }


def _target(request: HttpRequest) -> str:
    """Return the id of the field that a problem is about."""
    return "reason-0" if request.POST.get("act") == "decline" else "choice-0"
