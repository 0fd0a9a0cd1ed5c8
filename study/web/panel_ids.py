"""What a panel's people bring in the address: kept by their own browser alone, for the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing

from study.domain import panels
from study.domain.panels import Code
from study.models import Session, Study

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

SALT = "study.panel-ids"
COOKIE_AGE = 30 * 24 * 60 * 60  # seconds, as the visit's


def cookie_name(study: Study) -> str:
    """Return the name of the cookie with the ids that somebody brought to this study."""
    return f"earsight-{study.code}-panel"


def ids_of(request: HttpRequest, study: Study) -> dict[str, str]:
    """Return the panel's ids in the address, or else those that this browser has brought before."""
    named = panels.ids_in(study, request.GET.dict())
    return named or panels.ids_in(study, _remembered(request, study))


def ids_for(request: HttpRequest, study: Study, mode: str) -> dict[str, str]:
    """Return the ids by which a person is known; none for a pilot, who may come as often as they like."""
    return {} if mode == Session.Mode.PILOT else ids_of(request, study)


def remember_ids(response: HttpResponse, study: Study, ids: dict[str, str]) -> HttpResponse:
    """Let the browser keep the ids, so that they outlast the address; the server does not."""
    if ids:
        response.set_cookie(
            cookie_name(study),
            signing.dumps(ids, salt=SALT, compress=True),
            max_age=COOKIE_AGE,
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
    return response


def code(request: HttpRequest, session: Session) -> Code | None:
    """Return what this volunteer takes back to the panel now, if anything."""
    return panels.code_for(session, ids_of(request, session.study))


def _remembered(request: HttpRequest, study: Study) -> dict[str, str]:
    try:
        return dict(signing.loads(request.COOKIES.get(cookie_name(study), ""), salt=SALT))
    except signing.BadSignature:
        return {}
