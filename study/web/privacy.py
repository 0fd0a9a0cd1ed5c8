"""Taking part ends when a volunteer says so; and the researcher's page of how long data stays."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from study.domain import consents, privacy, sessions
from study.forms import PrivacyForm
from study.models import Study
from study.web import panel_ids, speech
from study.web.access import on_study, person
from study.web.visits import cookie_name, page_of, session_of, study_at

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
@never_cache
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Say what would be deleted; a POST deletes it. Works in every state of the study and of the visit."""
    study, session = study_at(code), session_of(request, code)
    speech.begin(request, study, session)
    if session is None:
        return render(request, "volunteer/withdraw_nobody.html", {"study": study})
    if request.method == "POST":
        privacy.withdraw(session)
        box = sessions.text_hash(session.token)[:16]
        response = redirect(f"{reverse('volunteer_withdrawn', args=[code])}?box={box}")
        response.delete_cookie(cookie_name(code))
        return response
    answered, total = sessions.progress(session)
    step = sessions.current_step(session)
    context = {
        "study": study,
        "session": session,
        "answered": answered,
        "total": total,
        "is_finished": session.finished_at is not None,
        "panel_code": panel_ids.code(request, session),
        "back_url": page_of(session, step),
    }
    return render(request, "volunteer/withdraw.html", context)


@require_safe
@never_cache
def withdrawn(request: HttpRequest, code: str) -> HttpResponse:
    """Say that all is deleted; the page's script forgets what the browser still kept of that visit."""
    study = study_at(code)
    speech.begin(request, study, None)
    return render(request, "volunteer/withdrawn.html", {"study": study, "box": request.GET.get("box", "")})


def says(study: Study) -> str:
    """Return what the list of options says about privacy."""
    if study.retention_days is None:
        return "Answers are kept"
    days = study.retention_days
    return f"Answers are deleted after {days} {'day' if days == 1 else 'days'}"


@get_or_post
@on_study
def settings(request: HttpRequest, study: Study) -> HttpResponse:
    """Set how long visits are kept; show the consent texts agreed to and how many visits were deleted."""
    form = PrivacyForm(request.POST if request.method == "POST" else None, instance=study)
    if request.method == "POST" and form.is_valid() and form.save_by(person(request)):
        messages.success(request, "“Privacy” is saved.")
        return redirect("study", study.pk)
    context = {
        "study": study,
        "form": form,
        "versions": consents.versions(study),
        "deleted": privacy.deleted(study)["live"],
        "section": "studies",
    }
    return render(request, "researcher/privacy.html", context, status=422 if form.errors else 200)


volunteer_pages = [
    path("withdraw/", withdraw, name="volunteer_withdraw"),
    path("withdrawn/", withdrawn, name="volunteer_withdrawn"),
]
pages = [path("privacy/", settings, name="study_privacy")]
