"""Which visit a volunteer's request belongs to: a cookie per study holds the session's opaque token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.views.decorators.cache import never_cache

from study.domain import deadlines, panels, sessions
from study.errors import NotYours
from study.limits import refuse_many_ids
from study.models import Session, Study
from study.models import visits as rows
from study.web import deadline, panel_ids, speech

COOKIE_AGE = 30 * 24 * 60 * 60  # seconds; long enough to come back to the score

PAGES = {
    "sound": "volunteer_sound",
    "headphones": "volunteer_headphones",
    "instructions": "volunteer_instructions",
    "examples": "volunteer_examples",
    "practice": "volunteer_practice",
    "rest": "volunteer_rest",
    "expired": "volunteer_expired",
    "questions": "volunteer_questions",
    "finish": "volunteer_finish",
    "thanks": "volunteer_thanks",
}


@dataclass(frozen=True)
class Visit:
    """A volunteer's session and where it stands."""

    session: Session
    step: sessions.Step

    @property
    def study(self) -> Study:
        """The study that is visited."""
        return self.session.study


Page = Callable[..., HttpResponse]


def cookie_name(code: str) -> str:
    """Return the name of the cookie that remembers the visit to this study."""
    return f"earsight-{code}"


def remember(response: HttpResponse, session: Session) -> HttpResponse:
    """Set the cookie. Its path is the whole site, since answers go to the API."""
    response.set_cookie(
        cookie_name(session.study.code),
        session.token,
        max_age=COOKIE_AGE,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return response


def study_at(code: str) -> Study:
    """Return the study behind a public link, in whatever state it is.

    Raises:
        NotYours: where there is none.
    """
    study = rows.STUDY.first(code)
    if study is None:
        raise NotYours
    return study


def session_of(request: HttpRequest, code: str) -> Session | None:
    """Return the visit to this study that the browser remembers, if there is one that can go on."""
    token = request.COOKIES.get(cookie_name(code), "")
    try:
        session = sessions.find(token)
    except sessions.NoSuchSession:
        return None
    return session if session.study.code == code and session.consented_at else None


def visit_here(request: HttpRequest, study: Study, mode: str, ids: Mapping[str, str]) -> Session | None:
    """Return the visit that a person goes on with who opens the study's link in this browser.

    A panel's id names the visit, in whatever browser; the browser's own visit may be another person's.

    Raises:
        TooMany: when one network tries many ids: a panel's ids can be guessed.
    """
    if not ids:
        return session_of(request, study.code)
    session = panels.find(study, mode, ids)
    if session is None or not is_own(request, session):
        refuse_many_ids(request)
    return session if session and session.consented_at else None


def is_own(request: HttpRequest, session: Session) -> bool:
    """Return whether this browser holds the visit's token, and does not only name its panel's id."""
    return request.COOKIES.get(cookie_name(session.study.code)) == session.token


def page_of(session: Session, step: sessions.Step | None = None) -> str:
    """Return the address of the page where this session stands."""
    step = step or sessions.current_step(session)
    code = session.study.code
    if step.name == "trial" and step.presentation is not None:
        return reverse("volunteer_trial", args=[code, step.presentation.position])
    return reverse(PAGES.get(step.name, "volunteer_welcome"), args=[code])


def in_visit(view: Page) -> Page:
    """Give the view the visit of this browser; without one the way leads to the welcome page."""

    @never_cache
    @wraps(view)
    def found(request: HttpRequest, code: str, **kwargs: object) -> HttpResponse:
        session = session_of(request, code)
        if session is None:
            study_at(code)
            return redirect("volunteer_welcome", code)
        speech.begin(request, session.study, session)
        return view(request, Visit(session, sessions.current_step(session)), **kwargs)

    return found


def at_step(name: str) -> Callable[[Page], Page]:
    """Show this page only to a visit that stands at the step; others are led to where they stand."""

    def decorate(view: Page) -> Page:
        @in_visit
        @wraps(view)
        def checked(request: HttpRequest, visit: Visit, **kwargs: object) -> HttpResponse:
            if request.method in {"GET", "HEAD"} and visit.step.name != name:
                return redirect(page_of(visit.session, visit.step))
            try:
                return view(request, visit, **kwargs)
            except deadlines.SessionExpired:
                return redirect("volunteer_expired", visit.study.code)

        return checked

    return decorate


def show_page(
    request: HttpRequest, visit: Visit, name: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Render a page of the road, with what every one of them needs."""
    context |= {
        "study": visit.study,
        "session": visit.session,
        "events_url": reverse("api_events", args=[visit.session.token]),
        "panel_code": SimpleLazyObject(lambda: panel_ids.code(request, visit.session)),
        "deadline": deadline.shown(visit.session) if visit.step.presentation or not visit.step.total else {},
    }
    return render(request, f"volunteer/{name}.html", context, status=status)
