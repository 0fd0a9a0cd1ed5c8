"""Somebody agrees to take part: their visit begins and holds what they agreed to, or nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from study.domain import languages, panels, sessions
from study.models import Session, Study


@transaction.atomic
def agree(
    study: Study,
    *,
    mode: Session.Mode,
    language: str,
    ids: Mapping[str, str],
    described: bool,
    visit_id: UUID | None,
    again: bool = False,
) -> Session:
    """Begin a visit whose volunteer has read the consent text in this language, and accepted it.

    Sending the same form again, by a second click or because the reply was lost, changes nothing.

    Raises:
        As panels.begin, languages.choose and sessions.consent.
    """
    session = panels.begin(study, mode=mode, ids=ids, described=described, visit_id=visit_id, again=again)
    if session.consented_at is not None:
        return session
    return sessions.consent(languages.choose(session, language))
