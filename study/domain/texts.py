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
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, override

from study.domain import descriptions
from study.domain.drafts import Part, changeable
from study.errors import EarsightError
from study.models import Session, Study, StudyText, visits
from study.models.studies import CONSENT

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LABELS = {
    "title": "Title", "welcome_text": "Welcome", "consent_text": "Consent",
    "instructions_text": "Instructions", "thanks_text": "Thanks", "contact": "Contact",
    "organiser": "Who runs it",
}  # fmt: skip
OPTIONAL = {"contact", "organiser"}  # an address and a name say the same in every language
LONGEST = 20_000  # characters


Key = TypeVar("Key")


class TextInvalid(EarsightError):
    """This text cannot be kept."""


@dataclass(frozen=True)
class Source:
    """A text that the study says, in the study's own language."""

    name: str
    label: str  # for the researcher who translates it
    text: str
    optional: bool = False  # said as it is where there is no translation
    hides_class: bool = False  # of a picture: no word may tell its class


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

    @property
    def organiser(self) -> str:
        """Who runs the study."""
        return self.texts["organiser"]

    def words(self, text: str) -> str:
        """Return a row's text in this language: a question's, a description's."""
        return self.texts.get(name_of(text), text)


@dataclass(frozen=True)
class Book:
    """All that a study says, in all languages in which it has been written down."""

    study: Study
    written: Mapping[tuple[str, str], str]  # (language, name) -> text

    @cached_property
    def sources(self) -> list[Source]:
        """Every text that wants a translation; read when first asked for."""
        return sources(self.study)

    @property
    def offered(self) -> list[str]:
        """The languages in which nothing is missing, in the order of settings.LANGUAGES."""
        begun = {code for code, _ in self.written} | {self.study.language}
        return [code for code, _ in settings.LANGUAGES if code in begun and not self.missing(code)]

    def missing(self, language: str) -> list[Source]:
        """Return what a language still needs before volunteers may choose it."""
        if language == self.study.language:
            return []
        return [one for one in self.sources if not one.optional and (language, one.name) not in self.written]

    def said(self, language: str) -> Said:
        """Return the texts in this language; what is not written in it, in the study's own."""
        texts = {name: getattr(self.study, name) for name in LABELS}
        if texts["consent_text"] == CONSENT:
            with override(language):
                texts["consent_text"] = gettext(CONSENT)
        if language != self.study.language:
            texts |= {name: text for (code, name), text in self.written.items() if code == language}
        return Said(language, texts)


def name_of(words: str) -> str:
    """Return the name of a row's text: it is known by what it says."""
    return f"words-{hashlib.sha256(words.encode()).hexdigest()[:16]}"


def book(study: Study) -> Book:
    """Return everything that the study says; a study in one language costs one query."""
    rows = visits.TEXTS.all(study.pk) if study.pk else []
    written = {(language, name): text for language, name, text in rows}
    return Book(study, written)


def read_by(session: Session) -> Said:
    """Return the study's texts in the language of the session."""
    return book(session.study).said(session.language or session.study.language)


def translated(session: Session, words: dict[Key, str]) -> dict[Key, str]:
    """Return texts of rows (descriptions, say) in the language of the session, under the same keys."""
    if not words:
        return words
    said = read_by(session)
    return {key: said.words(text) for key, text in words.items()}


def sources(study: Study) -> list[Source]:
    """Return every text that wants a translation, each once."""
    found = [*_columns(study), *_questions(study), *_descriptions(study)]
    return list({source.name: source for source in found}.values())


@transaction.atomic
def translate(study: Study, language: str, texts: Mapping[str, str], *, by: User) -> Study:
    """Keep the study's texts in another language; an empty text takes the translation away.

    Texts of names that are no longer the study's are dropped.

    Raises:
        TextInvalid: for the study's own language, one that the pages do not speak, a text too long, or a
        description that tells a class or is the same as another of its trial.
        NotYours: for a stranger. StudyFrozen: once published.
    """
    study = changeable(study, by=by)
    _refuse_language(study, language)
    known = {source.name: source for source in sources(study)}
    wanted = {name: text.strip() for name, text in texts.items() if name in known and text.strip()}
    for name, text in wanted.items():
        _refuse_long(known[name], text)
    _refuse_descriptions(study, language, wanted)
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


def _refuse_long(source: Source, text: str) -> None:
    if len(text) > LONGEST:
        raise TextInvalid(f"{source.label}: a text has at most {LONGEST} characters.")


def refuse_unready(study: Study) -> None:
    """Refuse to publish translated descriptions that tell a class, or that nobody can tell apart.

    Raises:
        TextInvalid: with the first of them, of the languages that volunteers may choose.
    """
    said = book(study)
    for language in said.offered:
        written = {name: text for (code, name), text in said.written.items() if code == language}
        _refuse_descriptions(study, language, written)


def _refuse_descriptions(study: Study, language: str, written: Mapping[str, str]) -> None:
    if not study.described_options or study.stimuli is None:
        return
    originals = descriptions.texts_of(study)
    words = {id_: written.get(name_of(text), "") for id_, text in originals.items()}
    said = {id_: " ".join(text.split()) for id_, text in words.items() if text}
    for id_, sentence in descriptions.problems(study.stimuli, said).items():
        name = name_of(originals[id_])
        label = next(source.label for source in _descriptions(study) if source.name == name)
        raise TextInvalid(f"{label}, {dict(settings.LANGUAGES)[language]}: {sentence}")


def _columns(study: Study) -> Iterator[Source]:
    for name in LABELS:
        text = getattr(study, name)
        if text and text != CONSENT:  # ours is in our catalogs
            yield Source(name, LABELS[name], text, optional=name in OPTIONAL)


def _questions(study: Study) -> Iterator[Source]:
    for question in study.questions.all() if study.pk else ():
        where = f"Question {question.place}"
        parts = {where: question.prompt, f"{where}, hint": question.hint}
        if question.kind == question.Kind.CHOICE:
            parts |= {f"{where}, choice {n}": text for n, text in enumerate(question.choices, start=1)}
        if question.kind == question.Kind.SCALE:
            parts |= {f"{where}, lowest": question.low_label, f"{where}, highest": question.high_label}
        yield from (Source(name_of(text), label, text) for label, text in parts.items() if text)


def _descriptions(study: Study) -> Iterator[Source]:
    written = descriptions.texts_of(study) if study.described_options else {}
    for number, text in enumerate(written.values(), start=1):
        yield Source(name_of(text), f"Description {number}", text, hides_class=True)


def _value(study: Study) -> list[dict[str, Any]]:
    return [{**row} for row in study.texts.values("language", "name", "text")]


def _copy(study: Study, to: Study) -> None:
    StudyText.objects.bulk_create(
        StudyText(study=to, language=row.language, name=row.name, text=row.text) for row in study.texts.all()
    )


PART = Part("texts", _value, _copy, check=refuse_unready)
