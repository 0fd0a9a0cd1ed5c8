"""A file made for this request, saved under a name or shown in the page."""

from __future__ import annotations

from django.http import HttpResponse


def download(content: str | bytes, kind: str, name: str, *, shown: bool = False) -> HttpResponse:
    """Return the file: to be saved under its name, or `shown`, and under its name where somebody saves it."""
    response = HttpResponse(content, content_type=kind)
    place = "inline" if shown else "attachment"
    response["Content-Disposition"] = f'{place}; filename="{name}"'
    return response
