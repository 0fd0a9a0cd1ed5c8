"""Studies with conditions and people of a panel, for the browser's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from study.domain import conditions, panels, sessions, steps, studies
from study.models import Session, Study
from tests.world import MakeStudy, answer_all, give_stimuli

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CODES = {
    "completion_code": "https://panel.example/done?cc=HEARD&id={id}",
    "screened_out_code": "NO-PLACE",
    "broken_code": "BROKE",
}


def make_arms(make_study: MakeStudy, alice: User) -> Study:
    """A published study: music against exchanged music, three people of a panel in each, one under way."""
    draft = make_study("draft", title="Two arms", participant_parameters=["id"], **CODES)
    add(draft, alice, "Music", quota=20)
    add(draft, alice, "Control", music="exchanged")
    give_stimuli(draft, alice)
    study = studies.publish(draft, by=alice)
    for number in range(6):
        take(study, f"person-{number}", knows=number % 2)
    begin(study, "person-6")
    return study


def make_full(make_study: MakeStudy, alice: User) -> Study:
    """A published study whose only place is held by somebody under way."""
    draft = make_study("draft", title="Full", participant_parameters=["id"], **CODES)
    add(draft, alice, "Everybody", quota=1)
    give_stimuli(draft, alice)
    study = studies.publish(draft, by=alice)
    begin(study, "person-0")
    return study


def add(study: Study, alice: User, name: str, **configuration: object) -> None:
    """Give the study a condition."""
    conditions.add(study, by=alice, configuration={"name": name} | configuration)


def begin(study: Study, participant: str) -> Session:
    """Let somebody of the panel agree."""
    session = panels.begin(study, mode=Session.Mode.LIVE, ids={"id": participant})
    return sessions.consent(session)


def take(study: Study, participant: str, *, knows: int) -> Session:
    """Let somebody of the panel take the whole test, knowing everything or half of it."""
    session = begin(study, participant)
    for verb in (sessions.confirm_sound, steps.read_instructions, sessions.finish_examples):
        session = verb(session)
    return answer_all(session, right=lambda position: bool(knows or position % 2))
