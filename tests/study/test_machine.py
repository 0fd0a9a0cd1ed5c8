"""Machine listeners: heard while a study is built, or later, once; and gone with their stimuli."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from analysis.machine.files import read_machine
from study.domain import conditions, machine, media, studies, translation
from study.models import StimulusSet, Study
from tests.study.built import build, files
from tests.study.packed import content, names, pack, text
from tests.world import MakeStudy

pytestmark = pytest.mark.django_db

MORE = {"class_count": 2, "examples_per_class": 2, "trial_count": 2}


@pytest.fixture
def built(draft: Study, alice: User) -> Study:
    """A draft of two examples a class and two trials, built with a tiny model."""
    studies.update(draft, by=alice, configuration=MORE)
    build(draft, alice)
    return draft


def heard(stimuli: StimulusSet) -> bytes:
    return machine.content(stimuli)


def stimuli_of(study: Study) -> StimulusSet:
    study.refresh_from_db()
    assert study.stimuli is not None
    return study.stimuli


def test_a_package_holds_what_the_machine_heard(built: Study, tmp_path: Path) -> None:
    package = pack(built, tmp_path, mode="pilot")
    assert text(package, "machine.json").encode() == heard(stimuli_of(built))
    assert "machine-set-2.json" not in names(package)


def test_a_package_tells_that_what_the_machine_heard_has_gone(built: Study, tmp_path: Path) -> None:
    default_storage.delete(str(stimuli_of(built).machine))
    package = pack(built, tmp_path, mode="pilot")
    assert "machine.json" not in names(package)
    assert content(package, "manifest.json")["missing_files"] == ["machine.json"]


def test_a_build_lets_the_machine_listen(built: Study) -> None:
    stimuli = stimuli_of(built)
    found = read_machine(heard(stimuli))
    assert (found.model, found.music, found.classes) == ("synvae", "own", tuple(stimuli.class_names))
    assert [trial.trial for trial in found.trials] == [1, 2]
    for trial in stimuli.trials.all():
        mine = found.trials[trial.number - 1]
        options = list(trial.options.order_by("slot"))
        assert list(mine.option_ids) == [option.stimulus.source_id for option in options]
        assert [mine.true_slot] == [option.slot for option in options if option.is_truth]
        assert mine.looks[mine.true_slot] == 0
    assert [each.id for each in found.examples] == [row.stimulus.source_id for row in stimuli.examples.all()]
    assert {spot.role for spot in found.spots} == {"example", "truth", "option"}


def test_what_is_heard_is_the_exported_clip(built: Study) -> None:
    """The distances are those of the melody file's notes, encoded, from the pictures' own latents."""
    stimuli = stimuli_of(built)
    translator = translation.open_translator("synvae")
    images = translation.load_pictures("folder:shapes", translator)
    trial = read_machine(heard(stimuli)).trials[0]
    midi = stimuli.items.get(source_id=trial.option_ids[trial.true_slot]).midi
    melody = translation._melody(media.content(midi), translator.synvae.music.config.steps)
    rows = [images.ids.index(id_) for id_ in trial.option_ids]
    gaps = translator.hear([melody]) - translator.see(images.pixels[rows])
    assert trial.heard == pytest.approx(np.linalg.norm(gaps, axis=1), rel=1e-4)


def test_building_again_gives_the_same_file_and_removes_the_old(
    built: Study, alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    first = heard(stimuli_of(built))
    with django_capture_on_commit_callbacks(execute=True):
        build(built, alice)
    assert heard(stimuli_of(built)) == first
    assert files() == set(media.file_names(StimulusSet.objects.all()))


def test_each_music_of_a_study_is_heard_for_itself(draft: Study, alice: User) -> None:
    studies.update(draft, by=alice, configuration=MORE)
    conditions.add(draft, by=alice, configuration={"name": "Own"})
    conditions.add(draft, by=alice, configuration={"name": "Control", "music": "exchanged"})
    build(draft, alice)
    own, exchanged = StimulusSet.objects.order_by("pk")
    first, second = read_machine(heard(own)), read_machine(heard(exchanged))
    assert (first.music, second.music) == ("own", "exchanged")
    assert first.sharpness == second.sharpness
    assert {t.features for t in first.trials} == {t.features for t in second.trials}
    assert [t.features for t in first.trials] == [t.features for t in second.trials][::-1]
    StimulusSet.objects.update(machine="")
    for stimuli in machine.unheard(draft):
        machine.run(stimuli.pk)
    again = [read_machine(heard(stimuli)) for stimuli in StimulusSet.objects.order_by("pk")]
    assert again == [first, second]


def test_an_older_study_is_heard_later_and_only_once(built: Study, alice: User) -> None:
    first = heard(stimuli_of(built))
    published = studies.publish(built, by=alice)
    StimulusSet.objects.update(machine="")
    assert [row.pk for row in machine.unheard(published)] == [published.stimuli_id]
    machine.run(published.stimuli_id or 0)
    name = stimuli_of(published).machine.name
    assert heard(stimuli_of(published)) == first
    machine.run(published.stimuli_id or 0)
    assert stimuli_of(published).machine.name == name
    assert machine.unheard(published) == []
    assert studies.content_hash(published) == published.content_hash


def test_pictures_that_are_gone_are_named(built: Study, product: Settings) -> None:
    StimulusSet.objects.update(machine="")
    stimuli = stimuli_of(built)
    trial = stimuli.trials.all()[0]
    lost = trial.options.all()[0].stimulus.source_id
    (product.PICTURE_FOLDERS / "shapes" / lost).unlink()
    machine.run(stimuli.pk)
    stimuli = stimuli_of(built)
    assert (stimuli.machine.name, lost in stimuli.machine_error) == ("", True)


def test_another_model_under_the_same_name_is_refused(built: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    StimulusSet.objects.update(machine="")
    stimuli = stimuli_of(built)
    composed = translation.listen

    def other(*args: object) -> translation.Listened:
        found = composed(*args)  # type: ignore[arg-type]
        return translation.Listened(found.heard, found.visual, found.features, again=0)

    monkeypatch.setattr(translation, "listen", other)
    with pytest.raises(machine.CannotListen, match="would compose other melodies now"):
        machine.make(stimuli)


def test_the_command_listens_and_says_so(built: Study) -> None:
    StimulusSet.objects.update(machine="")
    out = StringIO()
    call_command("listen", str(built.pk), stdout=out)
    assert out.getvalue() == "The machine has listened to 1 kind of music of this study.\n"
    call_command("listen", str(built.pk), stdout=out)
    assert out.getvalue().endswith("The machine has already listened to this study.\n")
    assert json.loads(heard(stimuli_of(built)))["format"] == "earsight.machine/1"


def test_the_command_says_what_is_wrong(make_study: MakeStudy) -> None:
    built = make_study("built", model="gone")
    StimulusSet.objects.update(machine="")
    with pytest.raises(CommandError, match="gone"):
        call_command("listen", str(built.pk))
    with pytest.raises(CommandError, match="build the pictures and music first"):
        call_command("listen", str(make_study("draft").pk))
