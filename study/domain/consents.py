"""Which consent texts volunteers have agreed to: every version is kept, word for word."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from study.models import ConsentText, Session, Study


@dataclass(frozen=True)
class Agreed:
    """A version of the consent text and how many visits that are still stored agreed to it."""

    sha256: str
    text: str
    language: str
    first_agreed_at: datetime
    visits: int


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text as 64 hexadecimal digits: which version a volunteer agreed to."""
    return hashlib.sha256(text.encode()).hexdigest()


def keep(study: Study, text: str = "", *, language: str = "") -> str:
    """Keep the text that somebody agrees to (the study's own by default) and return its SHA-256."""
    text = text or study.consent_text
    sha256 = text_hash(text)
    ConsentText.objects.get_or_create(
        study=study, sha256=sha256, defaults={"text": text, "language": language}
    )
    return sha256


def versions(study: Study) -> list[Agreed]:
    """Return every version that somebody has agreed to, oldest first."""
    sessions = Session.objects.filter(study=study, consented_at__isnull=False)
    visits = dict(sessions.values_list("consent_hash").annotate(visits=Count("pk")).order_by())
    return [
        Agreed(row.sha256, row.text, row.language, row.first_agreed_at, visits.get(row.sha256, 0))
        for row in study.consent_texts.all()
    ]
