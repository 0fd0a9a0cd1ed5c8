"""One build makes the music of every condition with the real pipeline, over the same pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from study.domain import building, conditions, media
from study.models import Build, Stimulus, Study
from tests.synvae_core.tiny import save_tiny_synvae

pytestmark = pytest.mark.django_db


def test_a_build_makes_the_music_of_every_condition(
    draft: Study, alice: User, product: Settings, tmp_path: Path
) -> None:
    (product.MODEL_FOLDERS / "another").symlink_to(save_tiny_synvae(tmp_path / "another"))
    for name, changes in (("A", {}), ("B", {"translator": "another"}), ("C", {"music": "exchanged"})):
        conditions.add(draft, by=alice, configuration={"name": name} | changes)
    done = building.run(building.request(draft, by=alice).pk)
    assert done is not None
    assert (done.status, done.error) == (Build.Status.DONE, "")
    draft.refresh_from_db()
    conditions.refuse_without_music(draft)
    made = conditions.stimuli_of(draft)
    assert sorted(made) == [("", "exchanged"), ("", "own"), ("another", "own")]
    pictures = [
        dict(Stimulus.objects.filter(set=stimuli).values_list("source_id", "image_sha256"))
        for stimuli in made.values()
    ]
    assert pictures[0] == pictures[1] == pictures[2]
    for stimulus in Stimulus.objects.filter(set=made["another", "own"]):
        assert media.content(stimulus.clip)
        assert stimulus.seconds > 0
    assert made["another", "own"].provenance["model"] == "another"
    assert made["", "exchanged"].provenance["music"] == "exchanged"
    assert [kind for kind, stimuli in made.items() if stimuli.latents] == [("", "own")]
