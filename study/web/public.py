"""The start page, and the page about one's own account."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from study.domain import demonstration, galleries, own_pictures
from study.models import Study
from study.web import trial_page


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what Earsight is, with the demonstration study where there is one."""
    shown = Study.objects.open_to_volunteers().filter(
        owner__username=demonstration.NAME, title=demonstration.TITLE
    )
    study = shown.order_by("-version", "pk").first()
    minutes = trial_page.minutes(study) if study else 0
    context = {
        "demonstration": study,
        "minutes": minutes,
        "open_signup": settings.OPEN_SIGNUP,
        "can_hear": own_pictures.is_open(),
        "has_gallery": galleries.any_to_find(),
    }
    return render(request, "public/home.html", context)


@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """List what can be changed about the account."""
    return render(request, "account/home.html", {"section": "account"})
