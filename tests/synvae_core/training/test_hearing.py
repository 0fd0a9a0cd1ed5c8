"""A MusicVAE that learns to hear its own melodies: the turned latents, and the last part of a training."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from synvae_core.musicvae.config import MusicVaeConfig
from synvae_core.musicvae.model import MusicVae
from synvae_core.training import loop
from synvae_core.training.board import Board
from synvae_core.training.config import Hearing, MusicVaeRecipe, RecipeError
from synvae_core.training.hearing import best_heard_first, excess, hear
from synvae_core.training.models import load_musicvae
from synvae_core.training.music_task import MusicVaeTask
from synvae_core.training.schedule import learning_rate
from tests.synvae_core.training.tiny_recipes import MUSIC, music_recipe, rows_of, tensors_of

HEARING = {"steps": 3, "latents": 2, "weight": 0.5, "notes": 1, "learning_rate": 0.005}
FLAT = {"steps": 32, "latent": 8, "encoder": [6], "decoder": [5, 4]}


def hearing_recipe(**changes: object) -> MusicVaeRecipe:
    """A tiny MusicVAE whose last three of six steps teach it to hear itself."""
    recipe = music_recipe(**{"active": 5, "hearing": HEARING, **changes})
    assert isinstance(recipe, MusicVaeRecipe)
    return recipe


def rotation(size: int) -> Tensor:
    """Some rotation of a space."""
    turned: Tensor = torch.linalg.qr(torch.randn(size, size, generator=torch.Generator().manual_seed(5)))[0]
    return turned


@pytest.mark.parametrize("config", [MUSIC, FLAT], ids=["hierarchical", "flat"])
def test_a_turned_decoder_plays_turned_latents_as_before(config: dict[str, object]) -> None:
    torch.manual_seed(1)
    music = MusicVae(MusicVaeConfig.model_validate(config))
    z = 3 * torch.randn(6, 8, generator=torch.Generator().manual_seed(2))
    before, logits = music.decode(z)
    turn = rotation(8)
    music.decoder.turn(turn)
    after, turned_logits = music.decode(z @ turn)
    torch.testing.assert_close(turned_logits, logits, atol=1e-4, rtol=1e-4)
    assert torch.equal(after, before)


@pytest.mark.usefixtures("melodies")
def test_turning_the_latent_space_keeps_what_is_encoded() -> None:
    task = loop.make_task(hearing_recipe())
    assert isinstance(task, MusicVaeTask)
    network = task.network
    melodies = torch.nn.functional.one_hot(task.train, 90).float()
    for _ in range(200):  # the running moments settle
        network.means(melodies)
    network.eval()
    before = network.means(melodies)
    turn = torch.eye(8)
    turn[:5, :5] = rotation(5)
    network.turn(turn)
    torch.testing.assert_close(network.means(melodies), before @ turn, atol=1e-5, rtol=1e-4)


@pytest.mark.usefixtures("melodies")
def test_the_latent_that_alone_is_heard_becomes_the_first() -> None:
    task = loop.make_task(hearing_recipe())
    assert isinstance(task, MusicVaeTask)
    torch.manual_seed(3)
    secret = torch.nn.functional.normalize(torch.randn(5), dim=0)
    played: list[Tensor] = []

    class Music(MusicVae):
        """One that tells what it is asked to play."""

        def play(self, z: Tensor, choose: object = None) -> Tensor:
            played.append(z)
            return torch.zeros(len(z), 32, dtype=torch.long)

    def one_direction(melodies: Tensor) -> Tensor:
        z = played[-1]
        return torch.cat((torch.outer(z[:, :5] @ secret, secret), z[:, 5:]), dim=1)

    turn = best_heard_first(Music(MusicVaeConfig.model_validate(MUSIC)), one_direction, 5)
    torch.testing.assert_close(turn.T @ turn, torch.eye(8), atol=1e-5, rtol=0)
    assert torch.equal(turn[5:], torch.eye(8)[5:])
    assert abs(turn[:5, 0] @ secret) == pytest.approx(1, abs=1e-3)


def test_only_the_first_latents_are_to_be_heard_and_the_gradient_reaches_the_decoder() -> None:
    music = MusicVae(MusicVaeConfig.model_validate(MUSIC))
    z = torch.randn(3, 8, generator=torch.Generator().manual_seed(2))
    said = torch.nn.functional.pad(torch.tensor([[1.0, 2.0], [0, 0], [0, 1]]), (0, 6), value=9)
    wanted = 0.5 * (z[:, :2] - said[:, :2]).square().sum(dim=1)
    hearing = Hearing.model_validate(HEARING)
    torch.testing.assert_close(hear(music, lambda _: said, z, hearing).distance, wanted)
    hear(music, lambda melodies: music.encode(melodies)[0], z, hearing).distance.sum().backward()
    gradient = music.decoder.initial.map.kernel.grad
    assert gradient is not None
    assert gradient.abs().max() > 0


def test_notes_are_counted_as_they_are_played_and_against_those_of_tunes() -> None:
    torch.manual_seed(6)
    music = MusicVae(MusicVaeConfig.model_validate(MUSIC))
    z = 3 * torch.randn(4, 8, generator=torch.Generator().manual_seed(2))
    heard = hear(music, lambda melodies: music.encode(melodies)[0], z, Hearing.model_validate(HEARING))
    assert heard.notes.item() == pytest.approx((music.decode(z)[0] >= 2).sum().item(), rel=1e-5)
    tunes = torch.tensor([[2, 0, 40, 1], [0, 0, 89, 1]])
    assert excess(torch.tensor(4.5), tunes).item() == pytest.approx(0.5)
    assert excess(torch.tensor(0.0), tunes).item() == -1


def test_the_learning_rate_falls_twice() -> None:
    recipe = hearing_recipe(learning_rate=0.01, warm_up=0)
    rates = [learning_rate(recipe, step) for step in range(6)]
    assert rates == pytest.approx([0.01, 0.01 * 2 / 3, 0.01 / 3, 0.005, 0.005 * 2 / 3, 0.005 / 3])


@pytest.mark.usefixtures("melodies")
def test_a_run_stopped_in_any_step_of_it_ends_as_one_that_was_not(tmp_path: Path) -> None:
    recipe = hearing_recipe(save_every=1)
    loop.run(recipe, tmp_path / "whole", quiet=True)
    for stop in (3, 4):
        folder = tmp_path / f"stopped-{stop}"
        state = loop._begin(recipe, folder, resume=False)
        for _ in range(stop):
            loop._after_step(state, loop._train_step(state), Board(state))
        loop.run(recipe, folder, resume=True, quiet=True)
        whole, stopped = (tensors_of(f / "latest.safetensors") for f in (tmp_path / "whole", folder))
        assert whole.keys() == stopped.keys()
        assert all(torch.equal(whole[name], stopped[name]) for name in whole)


@pytest.mark.usefixtures("melodies")
def test_own_melodies_are_heard_better_after_it(tmp_path: Path) -> None:
    recipe = hearing_recipe(
        steps=90,
        hearing={**HEARING, "steps": 40, "learning_rate": 0.02},
        learning_rate=0.01,
        validate_every=50,
    )
    loop.run(recipe, tmp_path / "run", quiet=True)
    before, after = (row["validation"]["misheard"] for row in rows_of(tmp_path / "run"))
    assert after < before
    assert load_musicvae(tmp_path / "run").config == recipe.model


@pytest.mark.parametrize(
    ("hearing", "said"),
    [
        ({**HEARING, "steps": 6}, "leaves none of 6 steps"),
        ({**HEARING, "latents": 6}, "more than the 5 that carry"),
        ({**HEARING, "weight": 0}, "greater than 0"),
        ({**HEARING, "volume": 1}, "not permitted"),
    ],
)
def test_a_hearing_that_cannot_be_is_refused(hearing: dict[str, object], said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        music_recipe(active=5, hearing=hearing)
