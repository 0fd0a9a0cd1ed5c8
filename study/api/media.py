"""Serves pictures and clips at their opaque addresses, with byte ranges as Safari needs them."""

from __future__ import annotations

import mimetypes
import re
from urllib.parse import quote

from django.conf import settings
from django.db.models.fields.files import FieldFile
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from study.domain import headphones, listening, media

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)  # no file has more bytes
ONE_DAY = 86_400


@require_safe
def serve(request: HttpRequest, address: str) -> HttpResponse:
    """Answer with the whole file (200), the part asked for (206), or 416 for a part that does not exist.

    No Last-Modified and no ETag: the times and digests of two files could pair them. A page without script is
    noted in the log when it plays a clip: the one GET that leaves a trace, as it would in a server's own log.
    """
    file = media.file_at(address, request.user)
    if request.method == "GET" and (token := media.plain_token(address)):
        listening.note_fetch(token)
    response = whole_or_part(request, file)
    response["Cache-Control"] = f"private, max-age={ONE_DAY}, immutable"
    return response


def whole_or_part(request: HttpRequest, file: FieldFile) -> HttpResponse:
    """Return the file, or the part of it that is asked for; who serves it says how long it may be kept."""
    kind = mimetypes.guess_type(str(file.name))[0] or "application/octet-stream"
    if settings.ACCEL_PREFIX:
        response = HttpResponse(content_type=kind)
        response["X-Accel-Redirect"] = settings.ACCEL_PREFIX.rstrip("/") + "/" + quote(str(file.name))
    else:
        response = _ranged(request.headers.get("Range", ""), media.content(file), kind)
    response["Accept-Ranges"] = "bytes"
    return response


@require_safe
def serve_headphone_sound(request: HttpRequest, name: str) -> HttpResponse:
    """Answer with a sound of a headphone check, lossless: a lossy file would spoil its phases."""
    response = _ranged(request.headers.get("Range", ""), headphones.sound_file(name), "audio/wav")
    response["Cache-Control"] = f"private, max-age={ONE_DAY}, immutable"
    response["Accept-Ranges"] = "bytes"
    return response


def _ranged(asked: str, content: bytes, kind: str) -> HttpResponse:
    span = _span(asked, len(content))
    if span is None:
        return HttpResponse(content, content_type=kind)
    first, last = span
    if first > last:
        response = HttpResponse(status=416, content_type=kind)
        response["Content-Range"] = f"bytes */{len(content)}"
        return response
    response = HttpResponse(content[first : last + 1], status=206, content_type=kind)
    response["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return response


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """Return the first and last byte asked for; first > last: no such part; None: the whole file."""
    match = RANGE.fullmatch(asked.strip())
    if match is None or match.group(0) == "bytes=-":
        return None  # no range, several ranges or another unit: RFC 9110 allows the whole file
    start, end = match.groups()
    if not start:  # the last `end` bytes
        length = min(int(end), size)
        return size - length, size - 1
    if int(start) >= size:
        return 1, 0
    last = min(int(end), size - 1) if end else size - 1
    return (int(start), last) if not end or int(end) >= int(start) else None
