"""The beginning of a SynVAE: which latent of the picture lies where among the music's."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from synvae_core.musicvae.model import MusicVae
from synvae_core.training.alignment import align, heard, told
from synvae_core.training.config import VisVaeRecipe
from synvae_core.training.models import load_musicvae
from synvae_core.training.tasks import SynVaeTask
from synvae_core.visvae import VisVae, VisVaeConfig
from tests.synvae_core.training.tiny_recipes import PICTURE, synvae_recipe

IMAGES = torch.rand(40, 1, 28, 28, generator=torch.Generator().manual_seed(2))


@pytest.fixture
def picture() -> VisVae:
    """A tiny VisVAE whose latents tell of images the more, the higher their index."""
    torch.manual_seed(4)
    model = VisVae(VisVaeConfig.model_validate(PICTURE))
    with torch.no_grad():
        model.mean.weight.mul_(torch.arange(1.0, 9.0).unsqueeze(1) ** 3)
    return model


def deaf(music: MusicVae, latents: list[int]) -> MusicVae:
    """The music model, which now encodes nothing in these latents."""
    with torch.no_grad():
        music.encoder.mu.kernel[:, latents] = 0
    return music


def test_the_latents_that_tell_most_go_where_the_music_hears_best(picture: VisVae, music: Path) -> None:
    ears = deaf(load_musicvae(music), [0, 2, 3, 5, 6])
    before = told(picture, IMAGES)
    align(picture, IMAGES, ears)
    ranks = heard(ears).argsort(descending=True)
    torch.testing.assert_close(told(picture, IMAGES)[ranks], before.sort(descending=True).values)


def test_an_aligned_picture_model_rebuilds_the_same_images(picture: VisVae, music: Path) -> None:
    before = picture.decode(picture.encode(IMAGES)[0])
    align(picture, IMAGES, load_musicvae(music))
    torch.testing.assert_close(picture.decode(picture.encode(IMAGES)[0]), before)


def test_a_latent_that_the_music_does_not_encode_is_not_heard(music: Path) -> None:
    found = heard(deaf(load_musicvae(music), [1]))
    assert found[1] == 0
    assert found.abs().max() > 0


def test_synvae_begins_aligned_where_its_recipe_says_so(visual: VisVaeRecipe, music: Path) -> None:
    found = []
    for aligned in (False, True):
        torch.manual_seed(1)
        task = SynVaeTask(synvae_recipe(visual, music, align=aligned))
        found.append(told(task.network, task.train.batch(torch.arange(task.examples))))
    plain, placed = found
    ranks = heard(load_musicvae(music)).argsort(descending=True)
    torch.testing.assert_close(placed[ranks], plain.sort(descending=True).values)
    assert not torch.equal(placed, plain)
