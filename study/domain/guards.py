"""What a visit's verbs ask of it first: its consent, its answers, an open study."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.utils.translation import ngettext

from study.errors import Conflict, Gone
from study.models import Session, Study

P = ParamSpec("P")


class StudyClosed(Gone):
    """This study has been closed; thank you for coming."""


class ConsentMissing(Conflict):
    """Please read and accept the consent text first."""


class AnswersMissing(Conflict):
    """Some trials are not answered yet."""


def until_finished(
    verb: Callable[Concatenate[Session, P], Session],
) -> Callable[Concatenate[Session, P], Session]:
    """Leave a session that has ended as it is."""

    @wraps(verb)
    def checked(session: Session, /, *args: P.args, **kwargs: P.kwargs) -> Session:
        return session if session.finished_at is not None else verb(session, *args, **kwargs)

    return checked


def while_open(
    verb: Callable[Concatenate[Session, P], Session],
) -> Callable[Concatenate[Session, P], Session]:
    """Refuse the verb once the study is closed; a session that has ended stays as it is."""

    @until_finished
    @wraps(verb)
    def checked(session: Session, /, *args: P.args, **kwargs: P.kwargs) -> Session:
        refuse_closed(session)
        return verb(session, *args, **kwargs)

    return checked


def refuse_without_consent(session: Session) -> None:
    """Raise ConsentMissing before consent."""
    if session.consented_at is None:
        raise ConsentMissing


def refuse_unanswered(session: Session) -> None:
    """Raise AnswersMissing while a trial has no answer, with how many; StudyClosed where it gets none."""
    missing = session.presentations.filter(response__isnull=True).count()
    if missing:
        refuse_closed(session)
        raise AnswersMissing(
            ngettext(
                "%(count)s trial is not answered yet.", "%(count)s trials are not answered yet.", missing
            )
            % {"count": missing}
        )


def refuse_closed(session: Session) -> None:
    """Raise StudyClosed once the study has ended. A paused study lets those who started go on."""
    if session.study.status == Study.Status.CLOSED:
        raise StudyClosed
