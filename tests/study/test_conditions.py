"""The arms of a study: changed in a draft, built beside each other, frozen with it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from study.domain import conditions, sessions, studies
from study.domain.drafts import StudyFrozen
from study.errors import NotYours
from study.models import Condition, Session, Stimulus, StimulusSet, Study
from tests.world import MakeStudy, give_stimuli

pytestmark = pytest.mark.django_db


def add(study: Study, by: User, name: str, **configuration: Any) -> Condition:
    return conditions.add(study, by=by, configuration={"name": name} | configuration)


@pytest.fixture
def two_arms(make_study: MakeStudy, alice: User) -> Study:
    """A draft with a condition of its own music and one of exchanged music, not built yet."""
    study = make_study(status="draft")
    add(study, alice, "Music")
    add(study, alice, "Control", music="exchanged")
    return study


def test_a_condition_is_what_was_asked_for(make_study: MakeStudy, alice: User) -> None:
    made = add(make_study(status="draft"), alice, " Music ", quota=30, minimum_listens=2)
    assert made.configuration() == {
        "place": 1, "name": "Music", "translator": "", "music": "own", "minimum_listens": 2, "quota": 30,
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 61},
        {"name": "Music"},
        {"translator": "no-such-model"},
        {"translator": "../mnist"},
        {"music": "louder"},
        {"quota": 0},
        {"minimum_listens": 11},
        {"colour": "blue"},
    ],
)
def test_what_does_not_hold_together_is_refused(two_arms: Study, alice: User, wrong: dict[str, Any]) -> None:
    with pytest.raises(conditions.ConditionInvalid):
        conditions.add(two_arms, by=alice, configuration={"name": "Third"} | wrong)
    assert two_arms.conditions.count() == 2


def test_the_studys_own_translator_needs_no_name(two_arms: Study, alice: User) -> None:
    assert add(two_arms, alice, "Same", translator=two_arms.model).translator == ""


def test_a_stranger_changes_nothing(two_arms: Study, charlie: User) -> None:
    arm = two_arms.conditions.get(name="Control")
    for refused in (
        lambda: add(two_arms, charlie, "Third"),
        lambda: conditions.change(arm, by=charlie, configuration={"name": "Mine"}),
        lambda: conditions.remove(arm, by=charlie),
        lambda: conditions.switch(arm, on=False, by=charlie),
    ):
        with pytest.raises(NotYours):
            refused()
    assert [*two_arms.conditions.values_list("name", flat=True)] == ["Music", "Control"]


def test_a_published_study_keeps_its_conditions(two_arms: Study, alice: User) -> None:
    give_stimuli(two_arms, alice)
    study = studies.publish(two_arms, by=alice)
    arm = study.conditions.get(name="Control")
    for refused in (
        lambda: add(study, alice, "Third"),
        lambda: conditions.change(arm, by=alice, configuration={"quota": 5}),
        lambda: conditions.remove(arm, by=alice),
    ):
        with pytest.raises(StudyFrozen):
            refused()
    assert conditions.switch(arm, on=False, by=alice).is_on is False


def test_one_condition_stays_on(two_arms: Study, alice: User) -> None:
    music, control = two_arms.conditions.all()
    conditions.switch(control, on=False, by=alice)
    with pytest.raises(conditions.ConditionInvalid, match="pause"):
        conditions.switch(music, on=False, by=alice)
    assert conditions.switch(control, on=True, by=alice).is_on


def test_a_place_is_never_given_twice(two_arms: Study, alice: User) -> None:
    conditions.remove(two_arms.conditions.get(name="Music"), by=alice)
    assert add(two_arms, alice, "Another").place == 3


def test_a_condition_that_a_pilot_took_stays(two_arms: Study, alice: User) -> None:
    give_stimuli(two_arms, alice)
    taken = sessions.start(two_arms, mode=Session.Mode.PILOT).condition
    assert taken is not None
    with pytest.raises(conditions.ConditionTaken):
        conditions.remove(taken, by=alice)


def test_music_that_is_not_built_holds_back_publishing(two_arms: Study, alice: User) -> None:
    give_stimuli(two_arms, alice)
    add(two_arms, alice, "More listening", minimum_listens=3)  # plays what is built
    conditions.change(
        two_arms.conditions.get(name="Music"), by=alice, configuration={"translator": "mnist"}
    )  # the study's own
    conditions.refuse_without_music(two_arms)
    Condition.objects.filter(name="Music").update(translator="other")
    with pytest.raises(conditions.MusicMissing, match="“Music”"):
        studies.publish(two_arms, by=alice)


def test_every_kind_of_music_has_the_same_pictures_and_trials(two_arms: Study, alice: User) -> None:
    Condition.objects.create(study=two_arms, place=9, name="Other", translator="other")
    give_stimuli(two_arms, alice)
    made = conditions.stimuli_of(two_arms)
    assert sorted(made) == [("", "exchanged"), ("", "own"), ("other", "own")]
    laid_out = {
        kind: [
            (trial.number, [(option.stimulus.source_id, option.is_truth) for option in trial.options.all()])
            for trial in stimuli.trials.prefetch_related("options__stimulus")
        ]
        for kind, stimuli in made.items()
    }
    assert laid_out["", "own"] == laid_out["", "exchanged"] == laid_out["other", "own"]
    assert len({stimuli.content_hash for stimuli in made.values()}) == 3


def test_exchanged_music_is_the_same_clips_for_other_pictures(two_arms: Study, alice: User) -> None:
    give_stimuli(two_arms, alice)
    made = conditions.stimuli_of(two_arms)
    own, control = made["", "own"], made["", "exchanged"]
    for heard in ({"option__is_truth": True}, {"example__isnull": False}):
        before = dict(Stimulus.objects.filter(set=own, **heard).values_list("source_id", "clip_sha256"))
        after = dict(Stimulus.objects.filter(set=control, **heard).values_list("source_id", "clip_sha256"))
        assert before.keys() == after.keys()
        assert sorted(before.values()) == sorted(after.values())
        assert all(before[id_] != after[id_] for id_ in before)
    files = Stimulus.objects.filter(set__in=made.values())
    assert files.values("image").distinct().count() == files.count()  # no two rows share a file


def test_the_frozen_hash_covers_the_conditions(two_arms: Study, alice: User) -> None:
    give_stimuli(two_arms, alice)
    before = studies.content_hash(two_arms)
    Condition.objects.filter(name="Control").update(quota=7)
    assert studies.content_hash(two_arms) != before


def test_a_study_without_conditions_hashes_as_ever(make_study: MakeStudy) -> None:
    from study.domain import frozen

    assert "conditions" not in frozen.content(make_study(status="built"))


def test_a_new_version_has_the_conditions_that_were_on(two_arms: Study, alice: User) -> None:
    add(two_arms, alice, "Third", quota=4)
    conditions.switch(two_arms.conditions.get(name="Control"), on=False, by=alice)
    copy = studies.new_version(two_arms, by=alice)
    assert [arm.configuration() for arm in copy.conditions.all()] == [
        arm.configuration() for arm in two_arms.conditions.switched_on()
    ]


def test_building_again_leaves_one_build(two_arms: Study, alice: User) -> None:
    give_stimuli(two_arms, alice)
    give_stimuli(two_arms, alice)
    assert StimulusSet.objects.count() == 2
    assert StimulusSet.objects.values("build").distinct().count() == 1
