"""Our own log: what went wrong, without the addresses that are a permission."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from study.domain import media
from study.models import Session

pytestmark = pytest.mark.django_db


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the product's handler writes."""
    handler = next(one for one in logging.getLogger().handlers if one.name == "console")
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


def test_no_token_of_a_visit_is_written(visit: Session, client: Client, log: io.StringIO) -> None:
    client.post(reverse("api_answer", args=[visit.token]), "{}", content_type="application/json")
    client.post(reverse("api_answer", args=[visit.token]), "[" * 600, content_type="application/json")
    client.get(media.practice_clip_address(visit))
    client.get(f"/hear/{visit.token}/")
    client.get(f"/shown/p{visit.token}.9")
    lines = [line.partition("django.request: ")[2] for line in log.getvalue().splitlines()]
    assert lines == [
        "Bad Request: /api/v1/sessions/…/answers",
        "Bad Request: /api/v1/sessions/…/answers",
        "Not Found: /media/w….s",
        "Not Found: /hear/…/",
        "Not Found: /shown/….9",
    ]


def test_a_record_with_values_reads_as_before(log: io.StringIO) -> None:
    logging.getLogger("study").warning("%s of %d at %s.", "One", 2, "/s/code/")
    assert log.getvalue().endswith("WARNING study: One of 2 at /s/code/.\n")
