"""Coming back: on another device by the personal code, more time for who asks, and the page after the end.

A personal link carries its code behind the "#", which browsers never send: no log and no Referer holds it.
The page's script puts it into the form; whoever opens the link still has to press the button, so that a
preview of the link in a chat takes up nothing.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from study.domain import deadlines, resuming, sessions
from study.limits import refuse_many_starts
from study.web import speech, trial_page
from study.web.visits import Visit, at_step, in_visit, page_of, remember, session_of, show_page, study_at


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def resume(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for the personal code; a POST with it makes this browser the visit's."""
    study = study_at(code)
    here = session_of(request, code)
    speech.begin(request, study, here)
    context: dict[str, Any] = {"study": study, "here": here}
    if request.method == "POST":
        refuse_many_starts(request)
        typed = request.POST.get("code", "")
        try:
            session = resuming.by_code(study, typed)
        except resuming.CodeUnknown as error:
            context |= {"problem": str(error), "typed": typed[:300]}
            return render(request, "volunteer/resume.html", context, status=422)
        return remember(redirect(page_of(session)), session)
    return render(request, "volunteer/resume.html", context)


@require_POST
@in_visit
def extend(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Give the visit its whole time again and go on."""
    try:
        session = deadlines.extend(visit.session)
    except deadlines.SessionExpired:
        return redirect("volunteer_expired", visit.study.code)
    return remember(redirect(page_of(session)), session)


@require_safe
@at_step("expired")
def expired(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Say that the visit's time is over and what is saved of it; answers that waited here are still sent."""
    answered, total = sessions.progress(visit.session)
    data = trial_page.outbox_data(visit.session) | {"answered": answered}
    return show_page(request, visit, "expired", over=True, answered=answered, total=total, page_data=data)
