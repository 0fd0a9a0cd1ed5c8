"""Conditions are given evenly, also to many at once; quotas hold; every assignment can be derived again."""

from __future__ import annotations

import datetime
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.utils import timezone

from study.domain import assignment, conditions, sessions, studies, verification
from study.models import Condition, Outcome, Session, Study
from tests.world import MakeStudy, answer_all, at_first_trial, give_stimuli

AT_ONCE = 200


def open_study(make_study: MakeStudy, alice: User, *arms: dict[str, Any], **options: Any) -> Study:
    """A published study with these conditions, called A, B, ..."""
    study = make_study(status="draft", **options)
    for name, arm in zip("ABCDE", arms, strict=False):
        conditions.add(study, by=alice, configuration={"name": name} | arm)
    give_stimuli(study, alice)
    return studies.publish(study, by=alice)


def taken(study: Study, mode: str = "live") -> dict[str, int]:
    """How many sessions each condition has."""
    return Counter(study.sessions.filter(mode=mode).values_list("condition__name", flat=True))


def long_ago(session: Session, hours: int) -> None:
    """Let a session have begun so long ago."""
    begun = timezone.now() - datetime.timedelta(hours=hours)
    end = begun + datetime.timedelta(hours=session.study.resume_hours)
    Session.objects.filter(pk=session.pk).update(started_at=begun, expires_at=end)


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the many wait for SQLite's one lock as long as it takes on a machine that is busy otherwise."""
    if connection.vendor == "sqlite":
        monkeypatch.setitem(connections.settings["default"]["OPTIONS"], "timeout", 300)


@pytest.mark.django_db
def test_a_study_without_conditions_gives_none(study: Study) -> None:
    session = sessions.start(study)
    assert (session.condition, session.places_held, session.stimuli) == (None, {}, study.stimuli)


@pytest.mark.django_db
def test_conditions_are_given_in_turn(make_study: MakeStudy, alice: User) -> None:
    study = open_study(make_study, alice, {}, {"music": "exchanged"}, {"minimum_listens": 2})
    for number in range(1, 10):
        sessions.start(study)
        counts = taken(study).values()
        assert max(counts) - (min(counts) if len(counts) == 3 else 0) <= 1, number


@pytest.mark.django_db
def test_a_session_plays_the_music_of_its_condition(make_study: MakeStudy, alice: User) -> None:
    study = open_study(make_study, alice, {}, {"music": "exchanged"})
    made = conditions.stimuli_of(study)
    for session in (sessions.start(study), sessions.start(study)):
        assert session.condition is not None
        stimuli = made["", session.condition.music]
        assert session.stimuli == stimuli
        assert {row.trial.set_id for row in session.presentations.select_related("trial")} == {stimuli.pk}


@pytest.mark.django_db
def test_who_stays_away_too_long_frees_the_place(make_study: MakeStudy, alice: User) -> None:
    study = open_study(make_study, alice, {}, {}, resume_hours=2)
    first, second = sessions.start(study), sessions.start(study)
    assert sorted(assignment.places_held(study, "live").values()) == [1, 1]
    long_ago(first, hours=3)
    long_ago(second, hours=1)
    assert assignment.places_held(study, "live") == Counter({second.condition_id: 1})
    assert sessions.start(study).condition == first.condition


@pytest.mark.django_db
def test_who_has_finished_keeps_the_place(make_study: MakeStudy, alice: User) -> None:
    study = open_study(make_study, alice, {}, {}, resume_hours=2)
    done = answer_all(at_first_trial(study))
    long_ago(done, hours=300)
    assert assignment.places_held(study, "live")[done.condition_id or 0] == 1


@pytest.mark.django_db
@pytest.mark.parametrize("kind", Outcome.Kind.values)
def test_who_was_sent_away_frees_the_place(make_study: MakeStudy, alice: User, kind: str) -> None:
    study = open_study(make_study, alice, {"quota": 1})
    away = sessions.start(study)
    with pytest.raises(assignment.StudyFullForNow):
        sessions.start(study)
    Outcome.objects.create(session=away, kind=kind)
    assert sessions.start(study).condition == away.condition


@pytest.mark.django_db
def test_quotas_fill_and_then_the_study_is_full(make_study: MakeStudy, alice: User) -> None:
    study = open_study(make_study, alice, {"quota": 1}, {"quota": 3})
    every = [answer_all(at_first_trial(study)) for _ in range(4)]
    assert taken(study) == {"A": 1, "B": 3}
    for refused in (lambda: sessions.start(study), lambda: assignment.refuse_full(study, "live")):
        with pytest.raises(assignment.StudyFull) as full:
            refused()
        assert type(full.value) is assignment.StudyFull
    assert study.sessions.count() == len(every)


@pytest.mark.django_db
def test_pilots_and_rehearsals_fill_no_quota(make_study: MakeStudy, alice: User) -> None:
    study = open_study(make_study, alice, {"quota": 1}, {"quota": 1})
    for mode in (Session.Mode.PILOT, Session.Mode.SIMULATED):
        for _ in range(4):
            sessions.start(study, mode=mode)
        assert taken(study, mode) == {"A": 2, "B": 2}
    sessions.start(study)
    sessions.start(study)
    assert taken(study) == {"A": 1, "B": 1}


@pytest.mark.django_db
def test_a_condition_that_is_off_is_given_to_nobody_new(make_study: MakeStudy, alice: User) -> None:
    study = open_study(make_study, alice, {}, {})
    conditions.switch(study.conditions.get(name="A"), on=False, by=alice)
    for _ in range(3):
        sessions.start(study)
    assert taken(study) == {"B": 3}


@pytest.mark.django_db
def test_each_assignment_is_derived_again_from_what_is_stored(make_study: MakeStudy, alice: User) -> None:
    study = open_study(make_study, alice, {}, {}, {"quota": 1})
    for seed in range(9):
        sessions.start(study, seed=seed)
    rows = Session.objects.filter(study=study).select_related("condition")
    assert [row.condition and row.condition.place for row in rows] == [
        assignment.derived(row.seed, row.places_held) for row in rows
    ]
    assert rows[0].places_held == {"1": 0, "2": 0, "3": 0}
    assert [*rows.order_by("-pk")[0].places_held] == ["1", "2"]  # the third was full


@pytest.mark.django_db
def test_an_assignment_that_was_changed_afterwards_is_found(make_study: MakeStudy, alice: User) -> None:
    study = open_study(make_study, alice, {}, {})
    first, _ = sessions.start(study), sessions.start(study)
    assert verification.sessions_out_of_order(study) == []
    assert first.condition is not None
    other = study.conditions.exclude(pk=first.condition.pk).get()
    Session.objects.filter(pk=first.pk).update(condition=other)
    assert verification.sessions_out_of_order(study) == [first]


@pytest.mark.django_db
def test_seeds_share_a_tie_out_evenly() -> None:
    given = Counter(assignment.derived(seed, {"1": 4, "2": 4, "3": 5}) for seed in range(1000))
    assert set(given) == {1, 2}
    assert abs(given[1] - 500) < 80  # five standard deviations


@pytest.mark.django_db(transaction=True)
def test_two_hundred_who_arrive_at_once_are_shared_evenly(
    make_study: MakeStudy, alice: User, patience: None
) -> None:
    study = open_study(make_study, alice, {}, {}, {"music": "exchanged"}, trial_count=2)

    def arrive(seed: int) -> None:
        try:
            sessions.start(study, seed=seed)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        list(crowd.map(arrive, range(AT_ONCE)))
    counts = taken(study)
    assert sum(counts.values()) == AT_ONCE
    assert max(counts.values()) - min(counts.values()) <= 1


@pytest.mark.django_db(transaction=True)
def test_a_quota_holds_when_many_arrive_at_once(make_study: MakeStudy, alice: User, patience: None) -> None:
    study = open_study(make_study, alice, {"quota": 3}, {"quota": 2}, trial_count=2)

    def arrive(seed: int) -> bool:
        try:
            return bool(sessions.start(study, seed=seed).pk)
        except assignment.StudyFull:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(24) as crowd:
        admitted = sum(crowd.map(arrive, range(24)))
    assert (admitted, taken(study)) == (5, {"A": 3, "B": 2})
    assert Condition.objects.count() == 2
