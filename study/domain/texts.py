"""A study's own words in every language that it offers.

The columns of the study hold a text in its own language; StudyText holds it in the others. A text of a row (a
question, a description) is known by the words themselves, so that it keeps its translation wherever it moves,
and loses it when it says something else. A language is offered when nothing is missing in it: no volunteer
meets a study that is half translated, least of all its consent text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, override

from study.domain.drafts import Part, changeable
from study.errors import EarsightError
from study.models import Session, Study, StudyText
from study.models.studies import CONSENT

if TYPE_CHECKING:
    from django.contrib.auth.models import User

COLUMNS = ("title", "welcome_text", "consent_text", "instructions_text", "thanks_text", "contact")
OPTIONAL = {"contact"}  # an address says the same in every language
LONGEST = 20_000  # characters


class TextInvalid(EarsightError):
    """This text cannot be kept."""


@dataclass(frozen=True)
class Source:
    """A text that the study says, in the study's own language."""

    name: str
    label: str  # for the researcher who translates it
    text: str
    optional: bool = False  # said as it is where there is no translation


@dataclass(frozen=True)
class Said:
    """The study's texts in one language."""

    language: str
    texts: Mapping[str, str]  # by the name of the source

    @property
    def title(self) -> str:
        """The study's title."""
        return self.texts["title"]

    @property
    def welcome_text(self) -> str:
        """What the welcome page says; empty: our own sentence."""
        return self.texts["welcome_text"]

    @property
    def consent_text(self) -> str:
        """What volunteers agree to; never empty."""
        return self.texts["consent_text"]

    @property
    def instructions_text(self) -> str:
        """What the instructions say; empty: our own."""
        return self.texts["instructions_text"]

    @property
    def thanks_text(self) -> str:
        """What the last page says beside the score."""
        return self.texts["thanks_text"]

    @property
    def contact(self) -> str:
        """Whom volunteers can write to."""
        return self.texts["contact"]

    def words(self, text: str) -> str:
        """Return a row's text in this language: a question's, a description's."""
        return self.texts.get(name_of(text), text)


@dataclass(frozen=True)
class Book:
    """All that a study says, in all languages in which it has been written down."""

    study: Study
    sources: tuple[Source, ...]
    written: Mapping[tuple[str, str], str]  # (language, name) -> text

    @property
    def offered(self) -> list[str]:
        """The languages in which nothing is missing, in the order of settings.LANGUAGES."""
        return [code for code, _ in settings.LANGUAGES if not self.missing(code)]

    def missing(self, language: str) -> list[Source]:
        """Return what a language still needs before volunteers may choose it."""
        if language == self.study.language:
            return []
        return [one for one in self.sources if not one.optional and (language, one.name) not in self.written]

    def said(self, language: str) -> Said:
        """Return the texts in this language; what is not written in it, in the study's own."""
        texts = {name: getattr(self.study, name) for name in COLUMNS}
        if texts["consent_text"] == CONSENT:
            with override(language):
                texts["consent_text"] = gettext(CONSENT)
        texts |= {name: text for (code, name), text in self.written.items() if code == language}
        return Said(language, texts)


def name_of(words: str) -> str:
    """Return the name of a row's text: it is known by what it says."""
    return f"words {hashlib.sha256(words.encode()).hexdigest()[:16]}"


def book(study: Study) -> Book:
    """Return everything that the study says; a study in one language costs one query."""
    rows = study.texts.values_list("language", "name", "text") if study.pk else []
    written = {(language, name): text for language, name, text in rows}
    return Book(study, tuple(sources(study)) if written else tuple(_columns(study)), written)


def read_by(session: Session) -> Said:
    """Return the study's texts in the language of the session."""
    return book(session.study).said(session.language or session.study.language)


def sources(study: Study) -> list[Source]:
    """Return every text that wants a translation, each once."""
    found = [*_columns(study), *_questions(study)]
    return list({source.name: source for source in found}.values())


@transaction.atomic
def translate(study: Study, language: str, texts: Mapping[str, str], *, by: User) -> Study:
    """Keep the study's texts in another language; an empty text takes the translation away.

    Texts of names that are no longer the study's are dropped.

    Raises:
        TextInvalid: for the study's own language, one that the pages do not speak, or a text too long.
        NotYours: for a stranger. StudyFrozen: once published.
    """
    study = changeable(study, by=by)
    _refuse_language(study, language)
    known = {source.name for source in sources(study)}
    wanted = {name: text.strip() for name, text in texts.items() if name in known and text.strip()}
    if any(len(text) > LONGEST for text in wanted.values()):
        raise TextInvalid(f"A text has at most {LONGEST} characters.")
    study.texts.filter(language=language).delete()
    StudyText.objects.bulk_create(
        StudyText(study=study, language=language, name=name, text=text) for name, text in wanted.items()
    )
    return study


def _refuse_language(study: Study, language: str) -> None:
    if language not in dict(settings.LANGUAGES):
        raise TextInvalid("The volunteers’ pages do not speak that language.")
    if language == study.language:
        raise TextInvalid("That is the study’s own language; change the study itself.")


def _columns(study: Study) -> Iterator[Source]:
    for name in COLUMNS:
        text = getattr(study, name)
        if text and text != CONSENT:  # ours is in our catalogs
            label = str(Study._meta.get_field(name).verbose_name)
            yield Source(name, label.capitalize(), text, optional=name in OPTIONAL)


def _questions(study: Study) -> Iterator[Source]:
    for question in study.questions.all() if study.pk else ():
        where = f"Question {question.place}"
        parts = {where: question.prompt, f"{where}, hint": question.hint}
        if question.kind == question.Kind.CHOICE:
            parts |= {f"{where}, choice {n}": text for n, text in enumerate(question.choices, start=1)}
        if question.kind == question.Kind.SCALE:
            parts |= {f"{where}, lowest": question.low_label, f"{where}, highest": question.high_label}
        yield from (Source(name_of(text), label, text) for label, text in parts.items() if text)


def _value(study: Study) -> list[dict[str, Any]]:
    return list(study.texts.values("language", "name", "text"))


def _copy(study: Study, to: Study) -> None:
    StudyText.objects.bulk_create(
        StudyText(study=to, language=row.language, name=row.name, text=row.text) for row in study.texts.all()
    )


PART = Part("texts", _value, _copy)
