"""SynVAE takes its two modalities as parameters: images through music, and music through images."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from synvae_core.modality import Modality
from synvae_core.musicvae.config import MusicVaeConfig
from synvae_core.musicvae.model import MusicVae, kl_to_prior, most_likely
from synvae_core.noise import seeded
from synvae_core.synvae import LatentMismatch, SynVae
from synvae_core.visvae import VisVae, VisVaeConfig
from tests.synvae_core.tiny import MUSICAL, VISUAL


@pytest.fixture
def visual() -> VisVae:
    torch.manual_seed(1)
    return VisVae(VISUAL)


@pytest.fixture
def music() -> MusicVae:
    torch.manual_seed(2)
    model = MusicVae(MUSICAL)
    for parameter in model.parameters():  # larger than a fresh network's, so that melodies differ
        nn.init.normal_(parameter, std=0.5)
    return model


def images() -> Tensor:
    """32 pictures of a bright bar, (B, C, H, W)."""
    x = torch.zeros(32, 1, 28, 28)
    for index in range(32):
        x[index, :, index % 8 * 3 : index % 8 * 3 + 4] = 1
    return x


def melodies() -> Tensor:
    """32 scales, (B, T)."""
    steps = torch.arange(MUSICAL.steps)
    return torch.where(steps % 4 == 0, 20 + torch.arange(32).unsqueeze(1) + steps // 4, 0)


def losses(synvae: SynVae, x: Tensor, steps: int = 40) -> list[float]:
    """The loss of each step of training on all of x."""
    trained = [p for p in synvae.parameters() if p.requires_grad]
    optimizer, found = torch.optim.Adam(trained, lr=0.01), []
    for step in range(steps):
        optimizer.zero_grad()
        loss = synvae.loss(x, synvae(x, seeded(step), sample_heard=False), beta=0.1).total
        loss.backward()
        optimizer.step()
        found.append(loss.item())
    return found


@pytest.mark.parametrize("direction", ["images through music", "music through images"])
def test_both_directions_learn_and_leave_the_inner_modality_as_it_was(
    visual: VisVae, music: MusicVae, direction: str
) -> None:
    outer: Modality = visual
    inner: Modality = music
    x = images()
    if direction == "music through images":
        outer, inner, x = music, visual, melodies()
    synvae = SynVae(outer, inner)
    assert isinstance(synvae.inner, nn.Module)
    before = {name: tensor.clone() for name, tensor in synvae.inner.state_dict().items()}
    found = losses(synvae, x)
    assert min(found[-5:]) < 0.8 * found[0]
    assert all(torch.equal(before[name], tensor) for name, tensor in synvae.inner.state_dict().items())
    assert all(parameter.grad is None for parameter in synvae.inner.parameters())


def test_each_direction_gives_what_people_get_and_what_was_rebuilt(visual: VisVae, music: MusicVae) -> None:
    forth = SynVae(visual, music)(images(), seeded(1))
    assert forth.symbols.shape == (32, MUSICAL.steps)
    assert forth.image.shape == images().shape
    back = SynVae(music, visual)(melodies(), seeded(1))
    assert back.expressed.shape == images().shape
    assert 0 <= back.expressed.min() <= back.expressed.max() <= 1
    assert back.rebuilt.shape == (32, MUSICAL.steps, 90)


def test_a_picture_comes_through_music_by_the_parts_of_both(visual: VisVae, music: MusicVae) -> None:
    synvae, x = SynVae(visual, music), images()
    end = synvae(x, seeded(3), sample_heard=False)
    mean, logvar = visual.encode(x)
    z = visual.sample(mean, logvar, seeded(3))
    symbols, _ = music.decode(z)
    heard, deviation = music.encode_symbols(symbols)
    assert torch.equal(end.seen, z)
    assert torch.equal(end.symbols, symbols)
    assert torch.equal(synvae.express(z), synvae.melodies(z))
    torch.testing.assert_close(end.heard, heard)
    torch.testing.assert_close(end.heard_deviation, deviation)
    torch.testing.assert_close(end.image, visual.decode(heard))


def test_a_melody_comes_through_a_picture_by_the_parts_of_both(visual: VisVae, music: MusicVae) -> None:
    synvae, x = SynVae(music, visual), melodies()
    end = synvae(x, seeded(3), sample_heard=False)
    mean, deviation = music.encode_symbols(x)
    picture = visual.decode(end.seen)
    seen, _ = visual.encode(picture)
    torch.testing.assert_close(end.mean, mean)
    torch.testing.assert_close(end.expressed, picture)
    torch.testing.assert_close(end.heard, seen)
    torch.testing.assert_close(end.rebuilt, music.logits(seen, music.teacher(x)))
    loss = synvae.loss(x, end, beta=2.0)
    torch.testing.assert_close(loss.kl, kl_to_prior(mean, deviation).mean(), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(loss.total, loss.reconstruction + 2 * loss.kl)
    assert (synvae.visual, synvae.music) == (visual, music)


def test_modalities_of_different_latents_are_not_joined(visual: VisVae, music: MusicVae) -> None:
    wider = VisVae(VisVaeConfig(kind="mnist", latent=9, widths=(2, 2)))
    with pytest.raises(LatentMismatch, match="image latent has 9 dimensions and the music latent 8"):
        SynVae(wider, music)
    with pytest.raises(LatentMismatch, match="music latent has 8 dimensions and the image latent 9"):
        SynVae(music, wider)


def test_any_two_modalities_can_be_joined_and_say_what_they_lack(music: MusicVae) -> None:
    torch.manual_seed(4)
    deeper = MusicVaeConfig(steps=16, latent=8, encoder=(6,), decoder=(5,))
    synvae = SynVae(music, MusicVae(deeper))
    end = synvae(melodies(), seeded(1), choose=most_likely)
    assert end.expressed.shape == (32, 16)
    with pytest.raises(LatentMismatch, match="has no image half"):
        _ = synvae.visual
