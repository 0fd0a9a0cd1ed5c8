"""A build: the whole pipeline with a tiny model, once at a time, and never of a published study."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoCaptureOnCommitCallbacks

from sampling import Latents, StudyPlan, verify_plan
from study.domain import building, media, sessions, studies
from study.models import Session, Stimulus, StimulusSet, Study
from tests.study.built import build, files
from tests.world import MakeStudy

pytestmark = pytest.mark.django_db


def test_a_build_makes_the_study_that_was_asked_for(draft: Study, alice: User) -> None:
    stages: list[str] = []
    done = build(draft, alice, watch=lambda build: stages.append(build.stage))
    stimuli = draft.stimuli
    assert (done.status, done.error) == ("done", "")
    assert stimuli is not None
    assert len(stimuli.class_names) == 2
    assert [example.class_index for example in stimuli.examples.all()] == [0, 1]
    assert [(t.number, t.options.count()) for t in stimuli.trials.all()] == [(1, 2)]
    assert stimuli.items.count() == 4
    assert list(dict.fromkeys(stages)) == [
        "Loading the model and the pictures",
        "Looking at the pictures",
        "Choosing pictures without bias",
        "Composing the melodies",
        "Recording the clips",
        "Letting the machine listen",
        "Storing the study",
    ]


def test_files_are_pictures_and_clips(draft: Study, alice: User) -> None:
    build(draft, alice)
    stimulus = Stimulus.objects.all()[0]
    contents = {}
    for name in ("image", "clip", "master", "midi"):
        with getattr(stimulus, name).open() as file:
            contents[name] = file.read()
    starts = {name: content[:4] for name, content in contents.items()}
    assert starts | {"clip": b""} == {"image": b"\x89PNG", "clip": b"", "master": b"fLaC", "midi": b"MThd"}
    assert len(contents["clip"]) > 1000
    assert stimulus.seconds > 1


def test_building_again_gives_the_same_content_and_removes_the_old(
    draft: Study, alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    build(draft, alice)
    first = StimulusSet.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        build(draft, alice)
    second = StimulusSet.objects.get()
    assert (second.pk != first.pk, second.content_hash) == (True, first.content_hash)
    assert files() == set(media.file_names(StimulusSet.objects.all()))


def test_stimuli_that_a_pilot_has_seen_are_kept(draft: Study, alice: User) -> None:
    build(draft, alice)
    pilot = sessions.start(draft, mode=Session.Mode.PILOT)
    build(draft, alice)
    assert StimulusSet.objects.filter(pk=pilot.stimuli_id).exists()
    assert draft.stimuli_id != pilot.stimuli_id


def test_one_build_at_a_time(draft: Study, alice: User) -> None:
    building.request(draft, by=alice)
    with pytest.raises(building.AlreadyBuilding):
        building.request(draft, by=alice)


def test_a_published_study_is_not_built_again(study: Study, alice: User) -> None:
    with pytest.raises(studies.StudyFrozen):
        building.request(study, by=alice)


def test_a_study_is_not_published_while_a_build_would_replace_its_stimuli(
    make_study: MakeStudy, alice: User
) -> None:
    """Else the published study would change under its hash when the build ends."""
    built = make_study(status="built")
    waiting = building.request(built, by=alice)
    with pytest.raises(studies.StillBuilding):
        studies.publish(built, by=alice)
    building.cancel(waiting, by=alice)
    assert studies.publish(built, by=alice).is_open


def test_a_study_published_meanwhile_is_not_built_again(make_study: MakeStudy, alice: User) -> None:
    built = make_study(status="built")
    studies.publish(Study.objects.get(pk=built.pk), by=alice)
    with pytest.raises(studies.StudyFrozen):
        building.request(built, by=alice)


def test_the_latents_of_a_build_are_those_of_its_plan(draft: Study, alice: User) -> None:
    build(draft, alice)
    assert draft.stimuli is not None
    latents = Latents.load(draft.stimuli.latents.path)
    assert (len(latents), latents.class_names) == (12, ("dots", "lines", "rings"))
    verify_plan(latents, StudyPlan.from_json(json.dumps(draft.stimuli.plan)))


def test_two_workers_cannot_have_the_same_build(draft: Study, alice: User) -> None:
    waiting = building.request(draft, by=alice)
    assert building.claim(waiting.pk) is not None
    assert building.claim(waiting.pk) is None
    assert building.run(waiting.pk) is None


def test_changing_the_draft_cancels_its_build(draft: Study, alice: User) -> None:
    waiting = building.request(draft, by=alice)
    studies.update(draft, by=alice, configuration={"seed": 8})
    waiting.refresh_from_db()
    assert waiting.status == "cancelled"
