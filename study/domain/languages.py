"""Which language a volunteer reads: their choice, else the best of those they know that the study offers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from study.domain import texts
from study.errors import EarsightError
from study.models import Session


class NoSuchLanguage(EarsightError):
    """This test is not offered in that language."""


def best(offered: Sequence[str], wanted: Iterable[str], default: str) -> str:
    """Return the first wanted language that is offered; de-AT is content with de."""
    for language in wanted:
        for code in (language.lower(), language.lower().partition("-")[0]):
            if code in offered:
                return code
    return default


def choose(session: Session, language: str) -> Session:
    """Let the session go on in this language; what was agreed to and answered stays as it is.

    Raises:
        NoSuchLanguage: for one that the study does not offer.
    """
    if language not in texts.book(session.study).offered:
        raise NoSuchLanguage
    Session.objects.filter(pk=session.pk).update(language=language)
    session.language = language
    return session


def of(session: Session) -> str:
    """Return the language of a session; those from before there was a choice read the study's own."""
    return session.language or session.study.language
