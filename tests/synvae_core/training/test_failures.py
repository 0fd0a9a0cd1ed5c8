"""A run that cannot go on says why, keeps what is good, and promises nothing that is not there."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import torch

from synvae_core.cli import main
from synvae_core.training import loop
from synvae_core.training.board import Board
from synvae_core.training.checkpoint import CheckpointError, load_tensors, save_tensors
from synvae_core.training.config import RecipeError, VisVaeRecipe, parse_recipe
from synvae_core.training.loop import run
from synvae_core.training.models import read_config
from synvae_core.training.no_memory import refused_memory
from synvae_core.training.not_finite import NotFinite
from synvae_core.training.state import Run
from synvae_core.training.tasks import VisVaeTask
from tests.synvae_core.training.tiny_recipes import tensors_of


def poisoned(recipe: VisVaeRecipe, folder: Path, places: list[int]) -> Run:
    """A run whose examples at these indices are no numbers."""
    state = loop._begin(recipe, folder, resume=False)
    assert isinstance(state.task, VisVaeTask)
    assert state.task.train.held is not None
    state.task.train.held[places] = torch.nan
    return state


def take_steps(state: Run, number: int) -> None:
    for _ in range(number):
        loop._train_step(state)


def test_a_loss_that_explodes_stops_the_run_and_promises_no_checkpoint(
    visual: VisVaeRecipe, tmp_path: Path
) -> None:
    wild = visual.model_copy(update={"learning_rate": 1e20, "save_every": 100})
    with pytest.raises(
        NotFinite, match=r"not finite .*at step \d.*class.*and 5 more.*Nothing had been saved"
    ):
        run(wild, tmp_path / "run", quiet=True)
    assert not (tmp_path / "run/latest.safetensors").exists()


def test_the_checkpoint_before_an_explosion_is_kept_and_the_cure_works(
    visual: VisVaeRecipe, tmp_path: Path
) -> None:
    run(visual.model_copy(update={"steps": 4, "decay": "none"}), tmp_path / "run", quiet=True)
    wild = visual.model_copy(update={"steps": 4, "decay": "none", "learning_rate": 1e20})
    good = tensors_of(tmp_path / "run/latest.safetensors")
    state = loop._begin(wild, tmp_path / "run", resume=True)
    with pytest.raises(NotFinite, match=r"checkpoint of step 4 is kept.*--resume --set learning_rate=5e\+19"):
        take_steps(state, 3)
    kept = tensors_of(tmp_path / "run/latest.safetensors")
    assert all(torch.equal(good[name], kept[name]) for name in good)
    assert run(
        wild.model_copy(update={"learning_rate": 1e-4}), tmp_path / "run", resume=True, quiet=True
    ).finished


def test_the_examples_that_alone_break_the_loss_are_named(visual: VisVaeRecipe, tmp_path: Path) -> None:
    state = poisoned(visual, tmp_path / "run", list(range(0, 40, 9)))
    with pytest.raises(NotFinite) as caught:
        take_steps(state, 6)
    report = json.loads((tmp_path / "run/not_finite.json").read_text())
    bad = {state.task.names(torch.tensor([place]))[0] for place in range(0, 40, 9)}
    assert set(report["alone_not_finite"]) == bad & set(report["examples"])
    assert len(report["examples"]) == 8
    assert (
        f"because of {len(report['alone_not_finite'])} of its 8 examples: {report['alone_not_finite'][0]}"
        in str(caught.value)
    )


def test_weights_are_not_touched_by_a_step_that_is_not_finite(visual: VisVaeRecipe, tmp_path: Path) -> None:
    state = poisoned(visual, tmp_path / "run", list(range(48)))
    before = {name: tensor.clone() for name, tensor in state.task.network.state_dict().items()}
    with pytest.raises(NotFinite):
        loop._train_step(state)
    assert all(torch.equal(before[name], tensor) for name, tensor in state.task.network.state_dict().items())


@pytest.mark.parametrize(
    ("allowed", "left"), [(3, "Nothing had been saved yet"), (6, "checkpoint of step 2 is kept")]
)
def test_a_disk_that_fills_up_is_told_with_what_is_left(
    visual: VisVaeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: int, left: str
) -> None:
    written = []

    def filling(descriptor: int) -> None:
        written.append(descriptor)
        if len(written) >= allowed:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", filling)
    with pytest.raises(CheckpointError, match=f"No space left on device.*{left}"):
        run(visual, tmp_path / "run", quiet=True)
    assert ("step 2" in left) == (tmp_path / "run/latest.safetensors").exists()


def test_a_log_that_cannot_be_written_is_told(visual: VisVaeRecipe, tmp_path: Path) -> None:
    state = loop._begin(visual, tmp_path / "run", resume=False)
    state.log.unlink()
    state.log.mkdir()
    state.step = 3
    with pytest.raises(CheckpointError, match=r"metrics.jsonl could not be written \(Is a directory\)"):
        loop._after_step(state, {"loss": 1.0}, Board(state))


def test_changed_keys_are_named_when_a_resumed_recipe_is_another(
    visual: VisVaeRecipe, tmp_path: Path
) -> None:
    run(visual, tmp_path / "run", quiet=True)
    other = visual.model_copy(update={"beta": 0.7, "seed": 4})
    with pytest.raises(
        CheckpointError, match=r"another recipe \(beta was 0.5 and is 0.7; seed was 3 and is 4\)"
    ):
        run(other, tmp_path / "run", resume=True, quiet=True)


def test_a_checkpoint_from_before_a_key_existed_is_resumed(visual: VisVaeRecipe, tmp_path: Path) -> None:
    run(visual, tmp_path / "run", quiet=True)
    path = tmp_path / "run/latest.safetensors"
    tensors, notes = load_tensors(path)
    for key in ("device", "accumulate", "tensorboard", "beta_ramp"):
        del notes["recipe"][key]
    save_tensors(path, tensors, notes)
    assert run(visual, tmp_path / "run", resume=True, quiet=True).finished


def test_a_file_that_is_no_checkpoint_of_a_run_is_not_resumed(visual: VisVaeRecipe, tmp_path: Path) -> None:
    run(visual, tmp_path / "run", quiet=True)
    (tmp_path / "run/model.safetensors").replace(tmp_path / "run/latest.safetensors")
    with pytest.raises(CheckpointError, match=r"latest\.safetensors was not written by a training run"):
        run(visual, tmp_path / "run", resume=True, quiet=True)


def test_a_truncated_checkpoint_is_named(visual: VisVaeRecipe, tmp_path: Path) -> None:
    run(visual, tmp_path / "run", quiet=True)
    path = tmp_path / "run/latest.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match=r"latest\.safetensors is damaged .*: copy it again from where"):
        run(visual, tmp_path / "run", resume=True, quiet=True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            '{"kind": "visvae", "model": {"kind": "mnist", "latent": 0}}',
            r"model\.latent: Input should be greater than 0; data: Field required\.$",
        ),
        ('{"kind": "organ"}', r"kind: Input tag 'organ' found using 'kind' does not match .*\.$"),
        ("{", r"is not readable JSON \(.*\): copy it or train it again\.$"),
    ],
)
def test_a_configuration_that_is_none_is_told_by_its_keys(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(CheckpointError, match=said) as caught:
        read_config(tmp_path)
    assert "https://" not in str(caught.value)


@pytest.mark.parametrize("key", ["learning_rate", "beta", "clip"])
def test_endless_numbers_are_no_settings(visual: VisVaeRecipe, key: str) -> None:
    with pytest.raises(RecipeError, match=f"{key}: Input should be a finite number"):
        parse_recipe(visual.model_dump() | {key: float("inf")})


def test_the_command_says_it_in_one_line(
    visual: VisVaeRecipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = tmp_path / "wild.yaml"
    recipe.write_text(json.dumps(visual.model_dump(mode="json") | {"learning_rate": 1e20}))
    assert main(["train", str(recipe), "-o", str(tmp_path / "run")]) == 2
    printed = capsys.readouterr().err
    assert len(printed.splitlines()) == 1
    assert "is not finite" in printed


def refusal() -> RuntimeError:
    """What torch raises when memory is refused."""
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60)
    return caught.value


def test_a_batch_too_large_for_memory_is_told_with_the_setting_that_helps(
    visual: VisVaeRecipe, tmp_path: Path
) -> None:
    state = loop._begin(visual, tmp_path / "run", resume=False)
    assert str(refused_memory(refusal(), state)) == (
        "A batch of 8 examples does not fit into memory: use --set accumulate=2 (the same numbers, in "
        "smaller parts). Nothing had been saved yet: start again."
    )
    smallest = visual.model_copy(update={"accumulate": 8})
    last = loop._begin(smallest, tmp_path / "last", resume=False)
    assert "use --set batch=4." in str(refused_memory(refusal(), last))
    assert refused_memory(RuntimeError("something else"), state) is None
