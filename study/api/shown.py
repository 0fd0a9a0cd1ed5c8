"""Serves what is public: pictures and clips of galleries, and what was made of people's own pictures."""

from __future__ import annotations

import mimetypes

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from study.api.media import whole_or_part
from study.domain import shown

mimetypes.add_type("audio/midi", ".mid")  # some systems know it by a phone's name


@require_safe
def serve(request: HttpRequest, address: str) -> HttpResponse:
    """Answer as `media` does; search engines leave these files alone."""
    response = whole_or_part(request, shown.file_at(address))
    seconds = shown.seconds_kept(address)
    response["Cache-Control"] = f"private, max-age={seconds}" if seconds else "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
