"""Turns every refusal into the same JSON: the error's name, and a sentence."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from study.errors import EarsightError


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return {"error": name, "detail": sentence}; None, as the framework wants it, for what is no refusal."""
    if isinstance(error, EarsightError | ValidationError):
        status, told = refusal(error)
        return Response(told, status=status)
    response = exception_handler(error, context)
    if response is None:
        return None
    name = type(error).__name__ if isinstance(error, APIException) else "NotFound"
    detail = response.data.get("detail", "") if isinstance(response.data, dict) else ""
    told = _told(name, str(detail))
    return Response(told, status=response.status_code, headers=dict(response.headers))


def refusal(error: EarsightError | ValidationError) -> tuple[int, dict[str, str]]:
    """Return the status and the JSON of what our own rules refuse."""
    if isinstance(error, EarsightError):
        return error.status, _told(error.code, str(error))
    return error.status_code, _told("Malformed", " ".join(_sentences(error.detail)))


def _told(name: str, sentence: str) -> dict[str, str]:
    return {"error": name, "detail": sentence}


def _sentences(detail: Any, where: str = "") -> list[str]:
    """Flatten a validation error: "choice: A valid integer is required."."""
    if isinstance(detail, dict):
        return [
            sentence
            for name, inner in detail.items()
            for sentence in _sentences(inner, f"{where}{name}: " if name != "non_field_errors" else where)
        ]
    if isinstance(detail, list):
        return [sentence for inner in detail for sentence in _sentences(inner, where)]
    return [f"{where}{detail}"]
