"""Pictures in words: written for all, refused where they tell a class, frozen and copied with the study."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from study.domain import descriptions, drafts, sessions, studies
from study.errors import NotYours
from study.models import Description, Session, Study
from tests.world import MakeStudy, describe_all, give_stimuli

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(make_study: MakeStudy) -> Study:
    """A draft with stimuli, that wants written descriptions."""
    return make_study("built", described_options=True)


def ids(study: Study) -> list[str]:
    return [stimulus.source_id for stimulus in descriptions.pictures(study)]


def test_pictures_come_trial_by_trial_then_the_examples(built: Study) -> None:
    shown = descriptions.pictures(built)
    trials = [stimulus.option.trial.number for stimulus in shown[:18]]
    assert trials == [number for number in range(1, 7) for _ in range(3)]
    assert [stimulus.class_index for stimulus in shown[18:]] == [0, 0, 1, 1, 2, 2]


def test_descriptions_are_kept_tidied_and_counted(built: Study, bob: User) -> None:
    first, second, *_ = ids(built)
    found = descriptions.describe(built, {first: "  a ring \n and a dot ", second: "lines"}, by=bob)
    assert descriptions.texts_of(built) == {first: "a ring and a dot", second: "lines"}
    assert (found.written, found.total, found.missing) == (2, 24, 22)
    assert found == descriptions.progress(built)


def test_writing_again_changes_and_emptying_takes_away(built: Study, alice: User) -> None:
    first, second, third, *_ = ids(built)
    descriptions.describe(built, {first: "a ring", second: "lines"}, by=alice)
    descriptions.describe(built, {first: " ", second: "thick lines", third: "dots"}, by=alice)
    assert descriptions.texts_of(built) == {second: "thick lines", third: "dots"}


def test_a_class_word_is_refused_and_nothing_is_saved(built: Study, alice: User) -> None:
    assert built.stimuli is not None
    first, second, *_ = ids(built)
    name = built.stimuli.class_names[2]
    with pytest.raises(descriptions.DescriptionsRefused) as refused:
        descriptions.describe(built, {first: "lines", second: f"two {name.upper()}s"}, by=alice)
    sentence = f"“{name.upper()}s” tells the class “{name}”: say what is to be seen without naming the class."
    assert refused.value.problems == {second: sentence}
    assert descriptions.texts_of(built) == {}


def test_two_pictures_of_a_trial_must_differ(built: Study, alice: User) -> None:
    first, _, third, fourth, *_ = ids(built)
    descriptions.describe(built, {first: "A ring", fourth: "a ring"}, by=alice)  # of two trials
    with pytest.raises(descriptions.DescriptionsRefused) as refused:
        descriptions.describe(built, {third: "a ring"}, by=alice)
    assert list(refused.value.problems) == [third]
    assert "trial 1" in refused.value.problems[third]


def test_what_is_too_long_says_how_long(built: Study, alice: User) -> None:
    with pytest.raises(descriptions.DescriptionsRefused) as refused:
        descriptions.describe(built, {ids(built)[0]: "x" * 301}, by=alice)
    assert list(refused.value.problems.values()) == [
        "A description has at most 300 characters; this one has 301."
    ]


def test_ids_of_no_picture_are_passed_over(built: Study, alice: User) -> None:
    descriptions.describe(built, {"nowhere": "a ring"}, by=alice)
    assert Description.objects.count() == 0


def test_there_is_nothing_to_describe_before_a_build(make_study: MakeStudy, alice: User) -> None:
    with pytest.raises(descriptions.NothingToDescribe):
        descriptions.describe(make_study("draft"), {}, by=alice)


def test_a_published_study_keeps_its_descriptions(study: Study, alice: User, charlie: User) -> None:
    with pytest.raises(drafts.StudyFrozen):
        descriptions.describe(study, {ids(study)[0]: "a ring"}, by=alice)
    with pytest.raises(NotYours):
        descriptions.describe(study, {}, by=charlie)


def test_publishing_waits_for_every_description(built: Study, alice: User) -> None:
    with pytest.raises(descriptions.DescriptionsMissing, match="24 of 24 pictures"):
        studies.publish(built, by=alice)
    describe_all(built, alice)
    assert studies.publish(built, by=alice).status == Study.Status.PUBLISHED


def test_a_class_that_a_new_build_brings_is_noticed_at_publishing(built: Study, alice: User) -> None:
    describe_all(built, alice)
    Description.objects.filter(source_id=ids(built)[0]).update(text="a quokka")
    assert built.stimuli is not None
    built.stimuli.class_names = ["quokka", "zeppelin", "marzipan"]
    built.stimuli.save()
    with pytest.raises(descriptions.DescriptionsMissing, match="quokka"):
        studies.publish(built, by=alice)


def test_a_study_without_the_option_needs_none(make_study: MakeStudy, alice: User) -> None:
    assert studies.publish(make_study("built"), by=alice).status == Study.Status.PUBLISHED


def test_descriptions_are_hashed_kept_by_a_new_build_and_copied(built: Study, alice: User) -> None:
    before = studies.content_hash(built)
    describe_all(built, alice)
    written = descriptions.texts_of(built)
    assert studies.content_hash(built) != before
    give_stimuli(built, alice)
    assert descriptions.texts_of(built) == written
    studies.publish(built, by=alice)
    copy = studies.new_version(built, by=alice)
    assert descriptions.texts_of(copy) == written


def test_a_session_by_descriptions_is_recorded(built: Study, alice: User) -> None:
    describe_all(built, alice)
    studies.publish(built, by=alice)
    chosen = [sessions.start(built, described=described).described for described in (True, False)]
    assert chosen == [True, False]


@pytest.mark.parametrize("complete", [True, False])
def test_descriptions_that_are_not_offered_are_refused(
    make_study: MakeStudy, alice: User, complete: bool
) -> None:
    """Switched off though written; or switched on and not all written, in a pilot."""
    draft = make_study("built", described_options=not complete)
    if complete:
        describe_all(draft, alice)
    with pytest.raises(descriptions.NotDescribed):
        sessions.start(draft, mode=Session.Mode.PILOT, described=True)
    assert Session.objects.count() == 0


def test_a_session_finds_the_words_of_its_options_and_examples(built: Study, alice: User) -> None:
    describe_all(built, alice)
    session = sessions.start(built, mode=Session.Mode.PILOT, described=True)
    written = descriptions.texts_of(built)
    options = {
        (option.trial_id, option.slot): written[option.stimulus.source_id]
        for trial in session.stimuli.trials.all()
        for option in trial.options.select_related("stimulus")
    }
    examples = {row.pk: written[row.stimulus.source_id] for row in session.stimuli.examples.all()}
    assert descriptions.of_options(session) == options
    assert descriptions.of_examples(session) == examples
