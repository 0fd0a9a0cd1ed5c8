"""Taking data back: what is deleted, what stays, and when a study forgets by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.models import Model
from django.utils import timezone

from study import tasks
from study.domain import asking, consents, events, privacy, sessions, studies
from study.domain.events import Reported
from study.models import (
    Event,
    HeadphoneCheck,
    HeadphoneSound,
    Outcome,
    Participant,
    Question,
    Response,
    Session,
    Study,
    Tombstone,
)
from tests.world import MakeStudy, answer_all, answer_some, at_first_trial, new_client_id

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def rows() -> dict[str, int]:
    """How many rows each of our tables has."""
    models: list[type[Model]] = list(apps.get_app_config("study").get_models())
    return {model.__name__: model._default_manager.count() for model in models}


def stones(study: Study) -> set[tuple[str, str, bool, int]]:
    return set(study.tombstones.values_list("mode", "reason", "was_finished", "count"))


def full_visit(study: Study) -> Session:
    """A visit with a row in every table that can hold something of a visit."""
    Question.objects.get_or_create(study=study, place=1, prompt="Odd?")
    session = at_first_trial(study)
    events.record(session, [Reported(new_client_id(), "play")])
    answer_some(session, 6)
    session = sessions.finish(asking.answer(session, {1: "No."}))
    Participant.objects.create(study=study, session=session, key=session.token)
    Outcome.objects.create(session=session, kind="broken")
    check = HeadphoneCheck.objects.create(session=session, kind="huggins")
    HeadphoneSound.objects.create(headphone_check=check, attempt=1, position=1, layout="012")
    holders = [relation.related_model for relation in Session._meta.related_objects]
    assert all(holder._default_manager.filter(session=session).exists() for holder in holders)
    return session


def test_withdrawing_leaves_what_was_there_before_and_a_count(study: Study) -> None:
    other = full_visit(study)
    before = rows()
    privacy.withdraw(full_visit(study))
    assert rows() == before | {"Tombstone": 1}
    assert stones(study) == {("live", "withdrawn", True, 1)}
    assert Session.objects.get() == other
    assert Response.objects.filter(session=other).count() == 6


def test_a_count_says_nothing_but_how_many() -> None:
    names = {field.name for field in Tombstone._meta.get_fields()}
    assert names == {"id", "study", "mode", "reason", "was_finished", "count"}


def test_counts_are_kept_apart_by_mode_and_end(study: Study) -> None:
    for session in (
        at_first_trial(study),
        at_first_trial(study),
        answer_all(at_first_trial(study)),
        at_first_trial(study, mode=Session.Mode.PILOT),
    ):
        privacy.withdraw(session)
    assert stones(study) == {
        ("live", "withdrawn", False, 2), ("live", "withdrawn", True, 1), ("pilot", "withdrawn", False, 1)
    }  # fmt: skip
    assert privacy.deleted(study) == {
        "live": {"withdrawn": 3, "retention": 0},
        "pilot": {"withdrawn": 1, "retention": 0},
        "simulated": {"withdrawn": 0, "retention": 0},
    }


def test_withdrawing_twice_counts_once(visit: Session) -> None:
    privacy.withdraw(visit)
    with pytest.raises(sessions.NoSuchSession):
        privacy.withdraw(visit)
    assert stones(visit.study) == {("live", "withdrawn", False, 1)}


def test_a_closed_study_lets_volunteers_withdraw(visit: Session, alice: User) -> None:
    studies.close(visit.study, by=alice)
    privacy.withdraw(sessions.find(visit.token))
    assert not Session.objects.exists()


def test_an_answer_to_a_withdrawn_visit_is_refused(visit: Session) -> None:
    privacy.withdraw(visit)
    with pytest.raises(sessions.NoSuchSession):
        sessions.find(visit.token)
    assert not Event.objects.exists()


def ended(study: Study, when: datetime, *, finished: bool = True) -> Session:
    """A visit that ended at this moment: finished, or left after its first answer."""
    session = at_first_trial(study)
    if finished:
        answer_all(session)
        Session.objects.filter(pk=session.pk).update(finished_at=when)
    else:
        answer_some(session, 1)
        session.responses.update(received_at=when)
    Session.objects.filter(pk=session.pk).update(started_at=when - timedelta(hours=5))
    return session


def test_visits_are_forgotten_after_their_time_and_not_before(make_study: MakeStudy) -> None:
    study = make_study(retention_days=30)
    late = [ended(study, NOW - timedelta(days=30, minutes=1), finished=done) for done in (True, False)]
    kept = [ended(study, NOW - timedelta(days=29, hours=23), finished=done) for done in (True, False)]
    untouched = at_first_trial(study)
    Session.objects.filter(pk=untouched.pk).update(started_at=NOW - timedelta(days=31))
    assert privacy.purge(NOW) == 3
    assert set(Session.objects.all()) == set(kept)
    assert late[0] not in kept
    assert stones(study) == {("live", "retention", True, 1), ("live", "retention", False, 2)}
    assert privacy.purge(NOW) == 0


def test_a_study_without_a_time_keeps_everything(study: Study) -> None:
    ended(study, NOW - timedelta(days=3650))
    assert privacy.purge(NOW) == 0
    assert Session.objects.count() == 1


def test_many_visits_are_forgotten_in_portions(
    make_study: MakeStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(privacy, "AT_ONCE", 2)
    study = make_study(retention_days=1)
    for _ in range(5):
        sessions.start(study)
    assert privacy.purge(NOW + timedelta(days=2)) == 5
    assert stones(study) == {("live", "retention", False, 5)}


def test_the_workers_clock_forgets(make_study: MakeStudy, settings: object) -> None:
    ended(make_study(retention_days=1), timezone.now() - timedelta(days=2))
    schedule = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}  # type: ignore[attr-defined]
    assert tasks.purge_visits.name in schedule
    tasks.purge_visits()
    assert not Session.objects.exists()


def test_every_consent_text_that_was_agreed_to_is_kept(make_study: MakeStudy, alice: User) -> None:
    draft = make_study(status="built")
    pilot = Session.Mode.PILOT
    for text in ("I agree.", "I agree to more."):
        draft = studies.update(draft, by=alice, configuration={"consent_text": text})
        at_first_trial(draft, mode=pilot)
    withdrawing = at_first_trial(draft, mode=pilot)
    privacy.withdraw(withdrawing)
    kept = [(row.text, row.visits, row.sha256) for row in consents.versions(draft)]
    assert kept == [
        ("I agree.", 1, sessions.text_hash("I agree.")),
        ("I agree to more.", 1, sessions.text_hash("I agree to more.")),
    ]
    assert {session.consent_hash for session in draft.sessions.all()} == {row[2] for row in kept}


def test_a_deleted_study_takes_its_texts_and_counts_with_it(visit: Session, alice: User) -> None:
    privacy.withdraw(visit)
    studies.delete(studies.close(visit.study, by=alice), by=alice)
    assert (rows()["Tombstone"], rows()["ConsentText"]) == (0, 0)


def test_an_operator_purges_by_hand(make_study: MakeStudy) -> None:
    ended(make_study(retention_days=1), timezone.now() - timedelta(days=2))
    said = StringIO()
    call_command("purge", stdout=said)
    assert said.getvalue() == "1 visit is deleted.\n"
