"""Opens a researcher's page: signed in, and on a study they may work on."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from study import permissions
from study.errors import EarsightError, NotAllowed, NotYours
from study.models import Study

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Page = Callable[..., HttpResponseBase]
Button = Callable[..., HttpResponse | None]


def person(request: HttpRequest) -> User:
    """Return who is signed in; only for views behind `login_required`."""
    return cast("User", request.user)


def on_study(view: Page) -> Page:
    """Give the view the study with the number in the address, if this person may work on it.

    To anybody else the study does not exist (404).
    """

    @login_required
    @wraps(view)
    def opened(request: HttpRequest, pk: int, **kwargs: object) -> HttpResponseBase:
        return view(request, permissions.study_for(person(request), pk), **kwargs)

    return opened


def back_to_study(view: Button) -> Page:
    """For buttons on the study's page: say what happened, or why it did not, and go back there.

    The view returns the response to show instead, or leaves the way back to us by returning None.
    """

    @wraps(view)
    def said(request: HttpRequest, study: Study, **kwargs: object) -> HttpResponse:
        try:
            return view(request, study, **kwargs) or redirect("study", study.pk)
        except (NotYours, NotAllowed):
            raise
        except EarsightError as error:
            messages.error(request, str(error))
            return redirect("study", study.pk)

    return said
