"""The straight way to a receipt, without the framework's machinery, which costs as much as storing an answer.

A page's script sends a POST of plain JSON and takes JSON. Whatever comes otherwise goes to the framework's
view, which also stands in the schema; both do the same work and refuse in the same words.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import ValidationError
from rest_framework.utils import json

from study.api.errors import refusal
from study.api.parsing import loads
from study.errors import EarsightError

Work = Callable[[Any, str], tuple[int, dict[str, Any]]]  # what was sent, the session's token -> status, JSON
View = Callable[..., HttpResponseBase]
LARGEST = 100_000  # bytes; 200 reports of a page have 30,000
PLACE = "/api/v1/sessions/"  # where every straight view has its address


def straight(work: Work) -> Callable[[View], View]:
    """Let a view do its work at once for an ordinary request.

    Like the view itself it asks for no token against forged requests: no cookie gives a right here, but the
    address.
    """

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def answered(request: HttpRequest, token: str) -> HttpResponseBase:
            try:
                sent = loads(request.body.decode()) if _is_ordinary(request) else None
            except ValueError:
                sent = None
            if sent is None:
                return view(request, token)
            try:
                status, told = work(sent, token)
            except (EarsightError, ValidationError) as error:
                status, told = refusal(error)
            return HttpResponse(
                json.dumps(told, ensure_ascii=False, separators=(",", ":")),
                status=status,
                content_type="application/json",
                headers={"Cache-Control": "no-store"},
            )

        answered.is_straight = True  # type: ignore[attr-defined]  # for is_straight
        return answered

    return decorate


def is_straight(view: View) -> bool:
    """Return whether a view asks nothing about who is signed in, so that no middleware need find out."""
    return getattr(view, "is_straight", False)


def _is_ordinary(request: HttpRequest) -> bool:
    length = request.META.get("CONTENT_LENGTH") or ""
    return (
        request.method == "POST"
        and request.META.get("CONTENT_TYPE") == "application/json"
        and request.META.get("HTTP_ACCEPT", "*/*") == "*/*"
        and length.isdecimal()
        and int(length) <= LARGEST
    )
