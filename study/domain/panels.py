"""People whom a panel sends: one visit for each id, and a code to take back.

The ids stand in the address that the panel makes, under the names of the study's `participant_parameters`.
The first of them names the person. What is stored is a hash under this server's secret key, different for
every study, unless the study keeps the ids; without the key nobody can compute it or link two studies by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac

from study.domain import outcomes, sessions
from study.domain.drafts import locked
from study.domain.outcomes import Ending
from study.errors import Conflict
from study.models import Participant, Session, Study

PRESETS = {
    "prolific": ("PROLIFIC_PID", "STUDY_ID", "SESSION_ID"),
    "mturk": ("workerId", "assignmentId", "hitId"),
    "sona": ("id",),
}
# What a panel replaces by an id in the address that it is given.
PLACEHOLDERS = {
    "PROLIFIC_PID": "{{%PROLIFIC_PID%}}",
    "STUDY_ID": "{{%STUDY_ID%}}",
    "SESSION_ID": "{{%SESSION_ID%}}",
    "id": "%SURVEY_CODE%",
}
# Visible ASCII without what stands for an id that was not filled in.
_ID = re.compile(r"[!-$&-z|~]{1,200}")
_NOT_ACCEPTED = "ASSIGNMENT_ID_NOT_AVAILABLE"  # MTurk, while somebody only looks at a task


class ParticipantIdMissing(Conflict):
    """This test is for people whom a panel has sent. Open it again from the panel's page."""


@dataclass(frozen=True)
class Code:
    """What somebody takes back to the panel: a code to copy, or an address to go to."""

    text: str
    address: str = ""
    is_whole: bool = True  # False: the address wants an id that this browser has not brought

    @property
    def host(self) -> str:
        """The name of the place that the address leads to."""
        return urlsplit(self.address).hostname or ""


def ids_in(study: Study, found: Mapping[str, str]) -> dict[str, str]:
    """Return the study's parameters among what an address holds; nothing unless it names the person."""
    names = study.participant_parameters
    ids = {name: found[name] for name in names if _ID.fullmatch(found.get(name, ""))}
    if not names or names[0] not in ids or _NOT_ACCEPTED in ids.values():
        return {}
    return ids


def key_of(study: Study, participant: str) -> str:
    """Return the keyed hash of a person's id in this study, 64 hexadecimal digits."""
    return salted_hmac("study.participant", f"{study.pk}/{participant}", algorithm="sha256").hexdigest()


def query(study: Study) -> str:
    """Return what the study's link carries for the panel to fill in, or nothing."""
    names = study.participant_parameters
    pairs = [f"{name}={PLACEHOLDERS.get(name, f'{{{{{name}}}}}')}" for name in names]
    return f"?{'&'.join(pairs)}" if pairs else ""


def find(study: Study, mode: str, ids: Mapping[str, str]) -> Session | None:
    """Return the visit of the person with these ids, if they have begun one."""
    if not ids:
        return None
    key = key_of(study, ids[study.participant_parameters[0]])
    row = Participant.objects.filter(study=study, mode=mode, key=key).first()
    return sessions.find(row.session.token) if row else None


def refuse_without_ids(study: Study, mode: str, ids: Mapping[str, str]) -> None:
    """Refuse a volunteer without an id where the study asks a panel for people; pilots need none.

    Raises:
        ParticipantIdMissing.
    """
    if study.participant_parameters and not ids and mode == Session.Mode.LIVE:
        raise ParticipantIdMissing


@transaction.atomic
def begin(
    study: Study,
    *,
    mode: Session.Mode,
    ids: Mapping[str, str] | None = None,
    described: bool = False,
    visit_id: UUID | None = None,
    again: bool = False,
) -> Session:
    """Begin a visit; who has begun one gets that one back, in whatever state it is.

    They are known by the panel's ids, or else by the id of the form that they have sent before.

    Raises:
        ParticipantIdMissing: as refuse_without_ids. As sessions.start.
    """
    ids = dict(ids or {})
    refuse_without_ids(study, mode, ids)
    study = locked(study)  # of two requests for one visit, the second sees what the first has begun
    form = None if ids else visit_id
    known = find(study, mode, ids) or _sent_before(study, form)
    if known is not None:
        return known
    session = sessions.start(study, mode=mode, described=described, visit_id=form, again=again and not ids)
    if ids:
        Participant.objects.create(
            study=study,
            session=session,
            mode=mode,
            key=key_of(study, ids[study.participant_parameters[0]]),
            ids=ids if study.keep_participant_ids else {},
        )
    return session


def _sent_before(study: Study, visit_id: UUID | None) -> Session | None:
    row = Session.objects.filter(study=study, visit_id=visit_id).first() if visit_id else None
    return sessions.find(row.token) if row else None


def code_for(session: Session, ids: Mapping[str, str]) -> Code | None:
    """Return what this volunteer takes back to the panel now; nothing while they are under way.

    The completion code exists only once the server has counted every answer.
    """
    return made_code(session.study, outcomes.of(session), ids or _kept_ids(session))


def made_code(study: Study, ending: Ending, ids: Mapping[str, str]) -> Code | None:
    """Return the study's code for an ending; {NAME} in an address is filled with the id of that name."""
    text = outcomes.code_of(study, ending).strip()
    if not text:
        return None
    if not text.lower().startswith("https://"):
        return Code(text)
    wanted = [name for name in study.participant_parameters if f"{{{name}}}" in text]
    for name in wanted:
        text = text.replace(f"{{{name}}}", quote(ids.get(name, ""), safe=""))
    return Code("", text, is_whole=all(name in ids for name in wanted))


def _kept_ids(session: Session) -> dict[str, str]:
    if not session.study.keep_participant_ids:
        return {}
    row = Participant.objects.filter(session=session).first()
    return dict(row.ids) if row else {}
