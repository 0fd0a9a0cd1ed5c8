"""What the database itself refuses, whatever the code above it does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from study.models import (
    Build,
    Event,
    Presentation,
    Response,
    Session,
    StimulusSet,
    Study,
    Trial,
    TrialOption,
)
from tests.world import answer_all

pytestmark = pytest.mark.django_db

BROKEN: dict[str, Callable[[], object]] = {
    "an unknown status": lambda: Study.objects.update(status="open"),
    "a published study without hash": lambda: Study.objects.update(content_hash=""),
    "a published study without date": lambda: Study.objects.update(published_at=None),
    "a study of one class": lambda: Study.objects.update(class_count=1),
    "a study without trials": lambda: Study.objects.update(trial_count=0),
    "a study without a consent text": lambda: Study.objects.update(consent_text=""),
    "an unknown rule": lambda: Study.objects.update(class_rule="dearest"),
    "a build that failed without saying why": lambda: Build.objects.update(status="failed"),
    "an unknown build status": lambda: Build.objects.update(status="half"),
    "progress beyond its total": lambda: Build.objects.update(progress=2, total=1),
    "stimuli without hash": lambda: StimulusSet.objects.update(content_hash=""),
    "a second truth": lambda: TrialOption.objects.update(is_truth=True),
    "two options in one slot": lambda: TrialOption.objects.update(slot=0),
    "two trials of one number": lambda: Trial.objects.update(number=1),
    "trial number zero": lambda: Trial.objects.filter(number=1).update(number=0),
    "an unknown mode": lambda: Session.objects.update(mode="test"),
    "consent without a text": lambda: Session.objects.update(consent_hash=""),
    "an end without consent": lambda: Session.objects.update(consented_at=None),
    "two presentations in one place": lambda: Presentation.objects.update(position=1),
    "an empty client id": lambda: Response.objects.filter(presentation__position=1).update(client_id=""),
    "one client id for two answers": lambda: Response.objects.update(client_id="the-same-id"),
    "a response without hash": lambda: Response.objects.update(study_hash=""),
    "an unknown event": lambda: Event.objects.update(kind="thought"),
    "a picture in two places": lambda: TrialOption.objects.update(
        stimulus=TrialOption.objects.all()[0].stimulus_id
    ),
    "a picture twice in a set": lambda: StimulusSet.objects.get().items.update(source_id="same"),
}


@pytest.fixture
def everything(visit: Session) -> Session:
    """A finished session with an event: a row in every table."""
    Event.objects.create(session=visit, kind="play", client_id="an-event-1")
    return answer_all(visit)


@pytest.mark.parametrize("what", BROKEN)
def test_the_database_refuses(everything: Session, what: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        BROKEN[what]()


def test_one_active_build_per_study(everything: Session) -> None:
    Build.objects.create(study=everything.study)
    with pytest.raises(IntegrityError), transaction.atomic():
        Build.objects.create(study=everything.study, status="running", heartbeat_at=timezone.now())


def test_a_trial_is_presented_once_per_session(everything: Session) -> None:
    shown = everything.presentations.get(position=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Presentation.objects.create(
            session=everything, trial=shown.trial, position=99, option_order=[0, 1, 2]
        )


def test_an_event_is_stored_once(everything: Session) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.create(session=everything, kind="ended", client_id="an-event-1")
