"""Hear your own picture: send one, watch it become music, hear it, delete it. Open to everybody."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from study import limits, tasks
from study.domain import own_pictures
from study.errors import TooMany
from study.forms import OwnPictureForm
from study.forms.own_picture import MEGABYTE, too_large
from study.web import own_music, speech

OVERHEAD = 100_000  # bytes of a form around its file
PATIENCE = 4  # times the size allowed, read and thrown away: browsers read no answer while they still send
GULP = 65_536


@csrf_exempt  # _hear checks it: whoever asks Django for the token has unpacked the whole request already
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hear(request: HttpRequest) -> HttpResponse:
    """Refuse what is far too large before it lands on the disk; the rest is for the form.

    Every visit deletes what is older than an hour, so that nothing stays longer for want of a worker.
    """
    own_pictures.purge_overdue()
    if not own_pictures.is_open():
        raise own_pictures.HearingClosed(_("Pictures cannot be sent to this site."))
    most = settings.HEAR_MEGABYTES * MEGABYTE + OVERHEAD
    if request.method == "POST" and _length(request) > most:
        _swallow(request, PATIENCE * most)
        return _refused_unread(request)
    answer: HttpResponse = _hear(request)
    return answer


@csrf_protect
def _hear(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, OwnPictureForm())
    form = OwnPictureForm(request.POST, request.FILES)
    try:
        limits.refuse_many_pictures(request)
    except TooMany:
        form.add_error(None, _("Many pictures came from your network. Please try again in an hour."))
        form.status = 429
    picture = form.send() if form.is_valid() else None
    if picture is None:
        return _page(request, form)
    transaction.on_commit(lambda: tasks.enqueue_picture(picture.pk))
    return redirect(reverse("own_picture", args=[picture.token]) + speech.query(request))


@require_safe
def picture(request: HttpRequest, token: str) -> HttpResponse:
    """Show how far the picture is, or its music, or why there is none."""
    found = own_pictures.find(token)
    context = {"picture": found, "is_open": own_pictures.is_open()}
    if found.is_active:
        context |= {"progress": own_music.progress(found)}
        return _private(render(request, "hear/progress.html", context))
    if found.status == found.Status.FAILED:
        context |= {"reason": own_music.reason(found)}
        return _private(render(request, "hear/failed.html", context))
    context |= {"music": own_music.music(found)}
    return _private(render(request, "hear/music.html", context))


@require_safe
def progress(request: HttpRequest, token: str) -> HttpResponse:
    """Say how far the picture is, for the page's script."""
    found = own_pictures.find(token)
    told = own_music.progress(found)
    data = {"active": found.is_active, "words": told.words, "step": told.step, "steps": told.steps}
    return _private(JsonResponse(data))


@require_POST
def delete(request: HttpRequest, token: str) -> HttpResponse:
    """Delete the picture and its music at once, waiting or ready."""
    own_pictures.delete(token)
    messages.success(request, _("Your picture and its music are deleted."))
    return redirect(reverse("hear" if own_pictures.is_open() else "home") + speech.query(request))


def _page(request: HttpRequest, form: OwnPictureForm) -> HttpResponse:
    context = {
        "form": form,
        "most": settings.HEAR_MEGABYTES,
        "most_bytes": settings.HEAR_MEGABYTES * MEGABYTE,
    }
    context |= {"too_large": too_large(), "section": "hear"}
    return render(request, "hear/hear.html", context, status=form.status if form.errors else 200)


def _refused_unread(request: HttpRequest) -> HttpResponse:
    form = OwnPictureForm.refused(too_large(), status=413)
    return _page(request, form)


def _length(request: HttpRequest) -> int:
    told = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(told) if told.isdecimal() else 0


def _swallow(request: HttpRequest, most: int) -> None:
    """Read the request and keep nothing, within reason."""
    while most > 0 and (part := request.read(GULP)):
        most -= len(part)


def _private(response: HttpResponse) -> HttpResponse:
    """Whoever has the address may look; nobody else is told of it."""
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "no-store"
    return response
