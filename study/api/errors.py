"""Turns the product's named errors into JSON with the right status."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler

from study.errors import EarsightError


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return {"error": name, "detail": sentence} for an error of ours; the framework does the others."""
    if isinstance(error, EarsightError):
        return Response({"error": error.code, "detail": str(error)}, status=error.status)
    return exception_handler(error, context)
