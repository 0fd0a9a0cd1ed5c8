"""The language of a page: found from the visit or the browser, switched on, and offered to change.

No cookie remembers it. Before there is a visit the address or the form carries the choice, then the visit
does. Researchers' pages are in English.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from study.domain import languages, texts
from study.models import Session, Study

PARAMETER = "language"
IN_ENGLISH = ("/studies/", "/account/", "/accounts/")
ALL = [code for code, _ in settings.LANGUAGES]


@dataclass(frozen=True)
class Tongue:
    """A language as the chooser shows it: under its own name."""

    code: str
    name: str
    is_current: bool


@dataclass
class Speech:
    """The language of one answer, and what it says in the name of its study, where it has one."""

    language: str
    study: Study | None = None
    session: Session | None = None
    query: str = ""  # "?language=de" where the address chose it: links to pages without a study carry it on

    @cached_property
    def book(self) -> texts.Book | None:
        """All that the study says; read when a page first asks for it."""
        return texts.book(self.study) if self.study else None

    @cached_property
    def said(self) -> texts.Said | None:
        """The study's own texts in this language."""
        return self.book.said(self.language) if self.book else None

    @property
    def tongues(self) -> list[Tongue]:
        """The languages to choose from; none where there is but one."""
        offered = self.book.offered if self.book else ALL
        if len(offered) < 2:
            return []
        names = dict(settings.LANGUAGES)
        return [Tongue(code, names[code], code == self.language) for code in offered]


def answer_in(request: HttpRequest, speech: Speech | None) -> None:
    """Switch the language on and let the templates know; None: a page for researchers, in English."""
    translation.activate(speech.language if speech else "en")
    request.speech = speech  # type: ignore[attr-defined]  # for_pages reads it


def of_public(request: HttpRequest) -> Speech | None:
    """Return the best language for a page that belongs to no study; None for a researcher's page."""
    if request.path.startswith(IN_ENGLISH):
        return None
    language = languages.best(ALL, wanted(request), "en")
    asked = request.GET.get(PARAMETER) == language
    return Speech(language, query=f"?{PARAMETER}={language}" if asked else "")


def begin(request: HttpRequest, study: Study, session: Session | None = None) -> Speech:
    """Answer this request in the visit's language, or before a visit in the best that the study offers."""
    if session is not None:
        speech = Speech(languages.of(session), study, session)
    else:
        posted = request.POST.get(PARAMETER, "")
        speech = Speech(study.language, study)
        assert speech.book is not None
        speech.language = languages.best(speech.book.offered, [posted, *wanted(request)], study.language)
    answer_in(request, speech)
    return speech


def for_pages(request: HttpRequest) -> dict[str, Speech | None]:
    """Give every template `speech` (a context processor)."""
    return {"speech": getattr(request, "speech", None)}


def query(request: HttpRequest) -> str:
    """Return what carries the language that the address chose on to the next page without a study."""
    speech = getattr(request, "speech", None)
    return speech.query if speech else ""


def wanted(request: HttpRequest) -> Iterator[str]:
    """Yield what the address asks for, then the languages of the browser, most wanted first."""
    yield request.GET.get(PARAMETER, "")
    yield from _accepted(request.headers.get("Accept-Language", ""))


def _accepted(header: str) -> list[str]:
    """Return the languages of an Accept-Language header, best first; what is malformed is passed over."""
    weighed = []
    for part in header[:500].split(","):
        code, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), code.strip()))
        except ValueError:
            continue
    return [code for weight, code in sorted(weighed, key=lambda pair: pair[0]) if weight < 0]
