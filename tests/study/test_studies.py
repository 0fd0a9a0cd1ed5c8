"""A study's life: drafted, built, published and frozen, paused, closed, copied, deleted."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from pytest_django import DjangoCaptureOnCommitCallbacks

from study.domain import media, sessions, studies
from study.errors import NotAllowed, NotYours
from study.models import Session, StimulusSet, Study
from tests.world import MakeStudy, answer_all, at_first_trial, give_stimuli

pytestmark = pytest.mark.django_db


def test_a_study_starts_as_the_papers_design(alice: User) -> None:
    study = studies.create(by=alice, configuration={"title": "Birds"})
    assert study.is_draft
    assert (study.class_count, study.examples_per_class, study.trial_count) == (3, 4, 20)
    assert (study.class_rule, study.chosen_classes, study.owner) == ("perimeter", [], alice)


@pytest.mark.parametrize(
    ("configuration", "sentence"),
    [
        ({"title": ""}, "blank"),
        ({"class_count": 1}, "greater than or equal to 2"),
        ({"trial_count": 0}, "greater than or equal to 1"),
        ({"trial_count": 61}, "less than or equal to 60"),
        ({"class_rule": "dearest"}, "dearest"),
        ({"seed": -1}, "greater than or equal to 0"),
        ({"chosen_classes": ["a", "a", "b"]}, "chosen twice"),
        ({"chosen_classes": ["a", "b"]}, "2 classes are chosen, but the study asks for 3"),
        ({"chosen_classes": "abc"}, "list of names"),
        ({"chosen_classes": [1, 2, 3]}, "list of names"),
        ({"data": "folder:../../etc"}, "not the name"),
        ({"data": "folder:/etc"}, "not the name"),
        ({"data": "folder:.."}, "not the name"),
        ({"data": "folder:"}, "not the name"),
        ({"model": "/root/model"}, "not the name"),
        ({"model": "..\\model"}, "not the name"),
        ({"minimum_listens": 11}, "less than or equal to 10"),
        ({"screening": "maybe"}, "maybe"),
        ({"resume_hours": 0}, "greater than or equal to 1"),
        ({"retention_days": 0}, "greater than or equal to 1"),
        ({"participant_parameters": "PID"}, "list of names"),
        ({"participant_parameters": ["PID", "PID"]}, "named twice"),
        ({"participant_parameters": ["a b"]}, "not the name of a parameter"),
        ({"completion_code": "http://example.org"}, "begins with https"),
        ({"completion_code": "javascript:alert(1)"}, "begins with https"),
        ({"status": "published"}, "no setting called status"),
        ({"owner": 1}, "no setting called owner"),
    ],
)
def test_what_does_not_hold_together_is_refused(
    alice: User, configuration: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(studies.StudyInvalid, match=sentence):
        studies.create(by=alice, configuration={"title": "Birds"} | configuration)
    assert not Study.objects.exists()


def test_texts_may_change_without_building_again(make_study: MakeStudy, bob: User) -> None:
    built = make_study(status="built")
    changed = studies.update(built, by=bob, configuration={"welcome_text": "Hello!"})
    assert (changed.welcome_text, changed.stimuli) == ("Hello!", built.stimuli)


def test_another_design_needs_another_build(make_study: MakeStudy, alice: User) -> None:
    built = make_study(status="built")
    changed = studies.update(built, by=alice, configuration={"trial_count": 5})
    assert changed.stimuli is None
    with pytest.raises(studies.StudyNotReady):
        studies.publish(changed, by=alice)


def test_a_study_always_says_what_volunteers_agree_to(alice: User) -> None:
    study = studies.create(by=alice, configuration={"title": "Birds", "consent_text": "  "})
    assert study.consent_text.startswith("Taking part is voluntary.")


def test_a_published_study_is_frozen(study: Study, alice: User) -> None:
    with pytest.raises(studies.StudyFrozen):
        studies.update(study, by=alice, configuration={"title": "Other"})
    assert studies.content_hash(study) == study.content_hash


def test_the_hash_covers_texts_design_and_stimuli(make_study: MakeStudy, alice: User) -> None:
    draft = make_study(status="built")
    hashes = [studies.content_hash(draft)]
    for changes in ({"title": "Other"}, {"consent_text": "Yes."}, {"seed": 8}):
        draft = studies.update(draft, by=alice, configuration=changes)
        hashes.append(studies.content_hash(draft))
    give_stimuli(draft, alice)
    hashes.append(studies.content_hash(draft))
    assert len(set(hashes)) == 5


def test_a_study_of_the_time_before_options_keeps_its_hash(make_study: MakeStudy) -> None:
    study = make_study("built", organiser="", minimum_listens=0, rest_half_way=False, resume_hours=720)
    assert study.stimuli
    design = {name: getattr(study, name) for name in Study.DESIGN}
    content = {"configuration": design, "stimuli": study.stimuli.content_hash, "version": 1}
    written = json.dumps(content, sort_keys=True, ensure_ascii=False)
    assert studies.content_hash(study) == hashlib.sha256(written.encode()).hexdigest()


def test_each_option_changes_the_hash(make_study: MakeStudy, alice: User) -> None:
    draft = make_study(status="draft", **Study.BEFORE)
    others = {
        "organiser": "The Listening Lab",
        "minimum_listens": 1, "screening": "required", "screening_kind": "huggins", "practice": True,
        "instructions_text": "Listen.", "rest_half_way": True, "resume_hours": 24,
        "participant_parameters": ["PROLIFIC_PID"],
        "keep_participant_ids": True, "completion_code": "C1", "screened_out_code": "C1",
        "failed_check_code": "C1", "broken_code": "https://example.org/?cc=C1", "retention_days": 30,
        "gallery": True, "described_options": True, "language": "de",
        "exclusion_rules": {"median_ms_at_least": 300}, "planned_volunteers": 40, "stopping_rule": "pocock",
        "looks": 4,
    }  # fmt: skip
    assert tuple(others) == Study.OPTIONS
    hashes = {studies.content_hash(draft)}
    for name, value in others.items():
        changed = studies.update(draft, by=alice, configuration={name: value})
        hashes.add(studies.content_hash(changed))
    assert len(hashes) == 1 + len(others)


@pytest.mark.parametrize("missing", ["organiser", "contact"])
def test_nobody_is_asked_to_take_part_by_somebody_without_a_name(
    make_study: MakeStudy, alice: User, missing: str
) -> None:
    draft = make_study("built", **{missing: ""})
    with pytest.raises(studies.NobodyNamed, match="who runs the study"):
        studies.publish(draft, by=alice)
    named = studies.update(draft, by=alice, configuration={missing: "lab@example.org"})
    assert studies.publish(named, by=alice).is_open


def test_what_happens_only_in_its_state(study: Study, alice: User) -> None:
    verbs = (studies.publish, studies.pause, studies.resume, studies.close)
    allowed: dict[str, set[str]] = {}
    for status in ("published", "paused", "closed"):
        allowed[status] = set()
        for verb in verbs:
            Study.objects.filter(pk=study.pk).update(status=status)
            try:
                verb(study, by=alice)
            except studies.WrongStatus:
                continue
            allowed[status].add(verb.__name__)
    assert allowed == {"published": {"pause", "close"}, "paused": {"resume", "close"}, "closed": set()}


def test_a_new_version_is_a_draft_of_the_same(study: Study, bob: User) -> None:
    copy = studies.new_version(study, by=bob)
    assert copy.configuration() == study.configuration()
    assert (copy.version, copy.previous, copy.status, copy.stimuli) == (2, study, "draft", None)
    assert (copy.owner, list(copy.collaborators.all())) == (study.owner, [bob])
    assert copy.code != study.code


def test_deleting_removes_rows_and_files(
    study: Study, alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    answer_all(at_first_trial(study))
    names = media.file_names(StimulusSet.objects.all())
    closed = studies.close(study, by=alice)
    with django_capture_on_commit_callbacks(execute=True):
        studies.delete(closed, by=alice)
    assert (Study.objects.count(), Session.objects.count(), StimulusSet.objects.count()) == (0, 0, 0)
    assert not any(default_storage.exists(name) for name in names)
    assert default_storage.listdir("stimuli") == ([], [])


def test_an_open_study_is_not_deleted(study: Study, alice: User) -> None:
    with pytest.raises(studies.WrongStatus):
        studies.delete(study, by=alice)


def test_only_the_owner_shares_and_deletes(study: Study, bob: User, charlie: User) -> None:
    with pytest.raises(NotAllowed):
        studies.add_collaborator(study, charlie, by=bob)
    with pytest.raises(NotAllowed):
        studies.remove_collaborator(study, bob, by=bob)
    with pytest.raises(NotAllowed):
        studies.delete(study, by=bob)


@pytest.mark.parametrize(
    "verb",
    [studies.publish, studies.pause, studies.resume, studies.close, studies.new_version, studies.delete],
)
def test_strangers_can_do_nothing(study: Study, charlie: User, verb: Any) -> None:
    with pytest.raises(NotYours):
        verb(study, by=charlie)


def test_sessions_carry_the_hash_and_version_they_saw(study: Study) -> None:
    session = sessions.start(study)
    assert (session.study_hash, session.study_version) == (study.content_hash, 1)
