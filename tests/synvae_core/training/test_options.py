"""Optional settings of the objective: off unless asked for, and what they do when they are on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from synvae_core.musicvae.model import drawn
from synvae_core.noise import Share, seeded
from synvae_core.relaxation import GumbelChoice, relaxed, straight_through
from synvae_core.training.board import NoTensorBoard
from synvae_core.training.config import VisVaeRecipe
from synvae_core.training.loop import run
from synvae_core.training.schedule import ramped, temperature
from synvae_core.training.tasks import SynVaeTask, VisVaeTask
from tests.synvae_core.training.tiny_recipes import rows_of, synvae_recipe

CHOSEN = torch.arange(8)


def share(first: int = 0, last: int = 8) -> Share:
    return Share(seeded(5), first, last, 8)


def figures(task: VisVaeTask | SynVaeTask, step: int = 0) -> dict[str, float]:
    return {name: float(value) for name, value in task.loss(CHOSEN, step, share())[1].items()}


def test_consistency_adds_the_squared_distance_of_the_two_means(visual: VisVaeRecipe, music: Path) -> None:
    torch.manual_seed(0)
    task = SynVaeTask(synvae_recipe(visual, music, consistency=0.3))
    loss, _ = task.loss(CHOSEN, 0, share())
    found = figures(task)
    end = task.synvae(task.train.batch(CHOSEN), share())
    distance = ((end.mean - end.heard_mean) ** 2).sum(1).mean()
    assert found["distance"] == pytest.approx(distance.item(), rel=1e-5)
    assert loss.item() == pytest.approx(found["mse"] + 0.5 * found["kl"] + 0.3 * distance.item(), rel=1e-5)


def test_without_consistency_the_loss_is_equation_1(visual: VisVaeRecipe, music: Path) -> None:
    found = figures(SynVaeTask(synvae_recipe(visual, music)))
    assert found["loss"] == pytest.approx(found["mse"] + 0.5 * found["kl"], rel=1e-5)


def test_consistency_draws_the_two_latents_together(
    visual: VisVaeRecipe, music: Path, tmp_path: Path
) -> None:
    ends = []
    for weight in (0.0, 50.0):
        recipe = synvae_recipe(
            visual, music, consistency=weight, steps=60, learning_rate=0.01, validate_every=60
        )
        run(recipe, tmp_path / f"run{weight}", quiet=True)
        ends.append(rows_of(tmp_path / f"run{weight}")[-1]["validation"]["distance"])
    assert ends[1] < 0.8 * ends[0]


@pytest.mark.parametrize("task", ["visvae", "synvae"])
def test_beta_grows_over_its_ramp_and_is_whole_in_validation(
    visual: VisVaeRecipe, music: Path, task: str
) -> None:
    made = (
        VisVaeTask(visual.model_copy(update={"beta_ramp": 10}))
        if task == "visvae"
        else SynVaeTask(synvae_recipe(visual, music, beta_ramp=10))
    )
    for step, beta in ((0, 0.0), (5, 0.25), (10, 0.5), (99, 0.5)):
        found = figures(made, step)
        assert found["loss"] == pytest.approx(found["mse"] + beta * found["kl"], rel=1e-5)
    held_out = made.validate()
    assert held_out["loss"] == pytest.approx(held_out["mse"] + 0.5 * held_out["kl"], rel=1e-5)


def test_without_a_ramp_beta_is_whole_from_the_first_step() -> None:
    assert [ramped(0.5, 0, 0), ramped(0.5, 4, 1), ramped(0.5, 4, 4)] == [0.5, 0.125, 0.5]


def test_the_temperature_falls_geometrically(visual: VisVaeRecipe, music: Path) -> None:
    recipe = synvae_recipe(visual, music, steps=3, temperature=4.0, temperature_end=0.25)
    assert [temperature(recipe, step) for step in (0, 1, 2)] == pytest.approx([4.0, 1.0, 0.25])
    assert temperature(synvae_recipe(visual, music, temperature=0.7), 5) == 0.7


def test_gumbel_chooses_as_often_as_the_chances_say() -> None:
    logits = torch.tensor([0.0, 1.0, 2.0, 3.0]).expand(20_000, 4)
    counts = GumbelChoice(seeded(1))(logits).bincount(minlength=4) / 20_000
    torch.testing.assert_close(counts, torch.softmax(logits[0], 0), atol=0.01, rtol=0)


def test_a_gumbel_melody_is_the_largest_of_its_noisy_logits_in_every_step(
    visual: VisVaeRecipe, music: Path
) -> None:
    synvae = SynVaeTask(synvae_recipe(visual, music, relaxation="gumbel")).synvae
    choose = GumbelChoice(share())
    symbols, logits = synvae.music.decode(torch.randn(8, 8, generator=seeded(2)), choose)
    noise = choose.noise(logits)
    assert torch.equal((logits + noise).argmax(-1), symbols)
    heard = relaxed(symbols, logits, "gumbel", choose, 0.5)
    torch.testing.assert_close(heard, straight_through(symbols, logits + noise, 0.5))
    assert torch.equal(heard.argmax(-1), symbols)


def test_gumbel_draws_in_training_and_exports_the_most_likely_in_validation(
    visual: VisVaeRecipe, music: Path
) -> None:
    gumbel = SynVaeTask(synvae_recipe(visual, music, relaxation="gumbel"))
    plain = SynVaeTask(synvae_recipe(visual, music, relaxation="straight_through"))
    plain.network.load_state_dict(gumbel.network.state_dict())
    assert gumbel.validate() == plain.validate()
    assert figures(gumbel) != figures(plain)


def test_gumbel_gives_the_encoder_a_gradient(visual: VisVaeRecipe, music: Path) -> None:
    task = SynVaeTask(synvae_recipe(visual, music, relaxation="gumbel", beta=0, temperature=2.0))
    task.loss(CHOSEN, 0, share())[0].backward()
    gradient = task.network.mean.weight.grad
    assert gradient is not None
    assert gradient.abs().max() > 0


@pytest.mark.parametrize("settings", [{}, {"relaxation": "gumbel"}, {"choose": "drawn"}])
def test_noise_of_a_part_is_that_of_the_whole(
    visual: VisVaeRecipe, music: Path, settings: dict[str, object]
) -> None:
    torch.manual_seed(0)
    task = SynVaeTask(synvae_recipe(visual, music, **settings))
    whole = task._translate(task.train.batch(CHOSEN), 0, share())
    part = task._translate(task.train.batch(CHOSEN[3:5]), 0, share(3, 5))
    assert torch.equal(part.symbols, whole.symbols[3:5])
    torch.testing.assert_close(part.heard, whole.heard[3:5], atol=1e-5, rtol=1e-5)


def test_drawn_symbols_are_those_of_multinomial() -> None:
    logits = torch.randn(40, 90, generator=seeded(3))
    expected = torch.multinomial(torch.softmax(logits / 0.7, -1), 1, generator=seeded(4)).squeeze(-1)
    assert torch.equal(drawn(0.7, seeded(4))(logits), expected)


def test_curves_are_drawn_for_tensorboard_where_asked(visual: VisVaeRecipe, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run(visual.model_copy(update={"tensorboard": True, "steps": 20}), tmp_path / "run", quiet=True)
    drawn_curves = EventAccumulator(str(tmp_path / "run/tensorboard")).Reload()
    points = [(point.step, point.value) for point in drawn_curves.Scalars("loss/validation")]
    rows = rows_of(tmp_path / "run")
    assert points == [(row["step"], pytest.approx(row["validation"]["loss"])) for row in rows]
    assert [point.step for point in drawn_curves.Scalars("loss/train")] == [10, 20]


def test_without_tensorboard_a_recipe_that_asks_for_it_is_told_so(
    visual: VisVaeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)  # as if it were not installed
    with pytest.raises(NoTensorBoard, match="run 'pip install tensorboard'"):
        run(visual.model_copy(update={"tensorboard": True}), tmp_path / "run", quiet=True)
    assert not (tmp_path / "run/tensorboard").exists()
