"""A batch shared by parts or by processes trains as the whole batch does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from synvae_core.noise import Share, seeded
from synvae_core.training import loop
from synvae_core.training.config import Recipe, RecipeError, VisVaeRecipe, parse_recipe
from synvae_core.training.device import CPU, DeviceError, choose
from synvae_core.training.loop import make_task, run
from synvae_core.training.processes import Processes, ProcessesError
from synvae_core.training.schedule import batch_indices
from tests.synvae_core.training.tiny_recipes import music_recipe, rows_of, synvae_recipe, tensors_of

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node"]


def gradient(recipe: Recipe, folder: Path) -> torch.Tensor:
    """The gradient of a run's first step, before it is clipped."""
    state = loop._begin(recipe, folder, resume=False)
    chosen = batch_indices(state.task.examples, recipe, 0)
    loop._gradient(state, chosen, ())
    return torch.cat([p.grad.flatten() for p in state.task.network.parameters() if p.grad is not None])


@pytest.mark.parametrize("parts", [2, 3, 8])
def test_accumulated_parts_give_the_gradient_of_the_whole_batch(
    visual: VisVaeRecipe, tmp_path: Path, parts: int
) -> None:
    whole = gradient(visual, tmp_path / "whole")
    split = gradient(visual.model_copy(update={"accumulate": parts}), tmp_path / "parts")
    assert whole.abs().max() > 1
    torch.testing.assert_close(split, whole, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("settings", [{"relaxation": "gumbel"}, {"choose": "drawn"}, {}])
def test_accumulated_parts_of_a_synvae_give_the_gradient_of_the_whole_batch(
    visual: VisVaeRecipe, music: Path, tmp_path: Path, settings: dict[str, object]
) -> None:
    whole = gradient(synvae_recipe(visual, music, **settings), tmp_path / "whole")
    split = gradient(synvae_recipe(visual, music, accumulate=3, **settings), tmp_path / "parts")
    torch.testing.assert_close(split, whole, rtol=1e-3, atol=1e-3)


def test_more_parts_than_examples_are_refused(visual: VisVaeRecipe, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="accumulate 9 is more parts than the batch of 8 has"):
        parse_recipe(visual.model_dump() | {"accumulate": 9})
    with pytest.raises(ProcessesError, match="8 examples cannot be shared by 3 processes of 3 parts"):
        Processes(0, 3).shares(8, 3)


def test_a_musicvae_is_not_trained_in_parts() -> None:
    with pytest.raises(RecipeError, match="normalised over its whole batch"):
        music_recipe(accumulate=2)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 300))
def test_shares_cover_each_example_once_and_none_is_empty(size: int, parts: int, more: int) -> None:
    examples = size * parts + more
    shares = [share for rank in range(size) for share in Processes(rank, size).shares(examples, parts)]
    assert [row for first, last in shares for row in range(first, last)] == list(range(examples))
    assert {last - first for first, last in shares} <= {
        examples // (size * parts),
        examples // (size * parts) + 1,
    }


def test_a_gpu_that_is_not_there_is_told(visual: VisVaeRecipe, tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(DeviceError, match=r"device: cuda, but .*: set device: auto or cpu"):
        run(visual.model_copy(update={"device": "cuda"}), tmp_path / "run", quiet=True)
    assert not (tmp_path / "run").exists()
    assert (choose("auto"), choose("cpu")) == (CPU, CPU)


@pytest.mark.parametrize("task", ["visvae", "synvae", "musicvae", "classifier"])
@pytest.mark.usefixtures("melodies")
def test_every_tensor_of_a_step_is_on_the_runs_device(visual: VisVaeRecipe, music: Path, task: str) -> None:
    recipes: dict[str, Recipe] = {
        "visvae": visual,
        "synvae": synvae_recipe(visual, music, choose="drawn", consistency=0.1),
        "musicvae": music_recipe(),
        "classifier": parse_recipe(visual.model_dump(exclude={"beta", "beta_ramp"}) | {"task": "classifier"}),
    }
    meta = torch.device("meta")  # refuses to be mixed with the CPU, as a GPU does
    made = make_task(recipes[task], meta)
    loss, figures = made.loss(torch.arange(8), 0, Share(seeded(1), 0, 8, 8))
    loss.backward()
    assert {loss.device.type, *(figure.device.type for figure in figures.values())} == {"meta"}
    assert all(p.grad is not None and p.grad.device == meta for p in made.network.parameters())


def start(recipe: Recipe, folder: Path, processes: int, *more: str) -> subprocess.Popen[str]:
    """The command line under torchrun, in a group of its own."""
    path = folder.with_suffix(".yaml")
    path.write_text(recipe.model_dump_json())
    command = [*TORCHRUN, str(processes), "-m", "synvae_core", "train", str(path), "-o", str(folder), *more]
    return subprocess.Popen(
        command,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finished(process: subprocess.Popen[str]) -> None:
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors


@pytest.mark.parametrize("task", ["visvae", "synvae", "musicvae"])
@pytest.mark.usefixtures("melodies")
def test_two_processes_train_as_one_does(
    visual: VisVaeRecipe, music: Path, tmp_path: Path, task: str
) -> None:
    recipes: dict[str, Recipe] = {
        "visvae": visual.model_copy(update={"accumulate": 2}),
        "synvae": synvae_recipe(visual, music, choose="drawn"),
        "musicvae": music_recipe(batch=9),
    }
    recipe = recipes[task]
    finished(start(recipe, tmp_path / "two", 2))
    run(recipe, tmp_path / "one", quiet=True)
    assert [row["step"] for row in rows_of(tmp_path / "two")] == [3, 6]
    for two, one in zip(rows_of(tmp_path / "two"), rows_of(tmp_path / "one"), strict=True):
        assert two["train"] == pytest.approx(one["train"], rel=1e-3)
        assert two["validation"] == pytest.approx(one["validation"], rel=1e-3)
    one, two = (tensors_of(tmp_path / name / "model.safetensors") for name in ("one", "two"))
    for name in one:  # Adam enlarges the rounding of a gradient that is nearly none
        torch.testing.assert_close(two[name], one[name], rtol=1e-3, atol=2e-3)


def wait_for_step(folder: Path, step: int) -> None:
    deadline = time.monotonic() + 100
    log = folder / "metrics.jsonl"
    while time.monotonic() < deadline:
        if log.exists() and f'"step": {step},' in log.read_text():
            return
        time.sleep(0.05)
    raise AssertionError(f"step {step} never came")


def test_a_run_of_two_processes_is_stopped_and_goes_on_in_one(visual: VisVaeRecipe, tmp_path: Path) -> None:
    endless = visual.model_copy(update={"steps": 10**6, "save_every": 10**6, "decay": "none"})
    process = start(endless, tmp_path / "run", 2)
    wait_for_step(tmp_path / "run", 3)
    os.killpg(process.pid, signal.SIGINT)  # what Ctrl-C in a terminal does
    _, errors = process.communicate(timeout=100)
    assert "Stopped and saved" in errors
    state = loop._begin(endless, tmp_path / "run", resume=True)
    assert state.step > 3
    before = state.step
    loop._train_step(state)
    assert state.step == before + 1


def test_a_killed_process_ends_the_others_with_a_sentence(visual: VisVaeRecipe, tmp_path: Path) -> None:
    endless = visual.model_copy(update={"steps": 10**6, "save_every": 2, "decay": "none"})
    process = start(endless, tmp_path / "run", 2)
    wait_for_step(tmp_path / "run", 3)
    os.kill(worker(process.pid, rank=1), signal.SIGKILL)
    _, errors = process.communicate(timeout=100)
    assert process.returncode != 0
    assert "Process 1 of 2 has lost the others" in errors
    assert "--resume" in errors
    assert loop._begin(endless, tmp_path / "run", resume=True).step >= 2


def worker(parent: int, rank: int) -> int:
    """The process id of a rank among a launcher's children."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    wanted = f"RANK={rank}".encode()
    return next(
        int(child) for child in children if wanted in Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
    )


def test_too_few_examples_for_the_processes_are_told(visual: VisVaeRecipe, tmp_path: Path) -> None:
    process = start(visual.model_copy(update={"batch": 1}), tmp_path / "run", 2)
    _, errors = process.communicate(timeout=100)
    assert process.returncode != 0
    assert "synvae_core train: A batch of 1 examples cannot be shared by 2 processes" in errors
    assert not (tmp_path / "run").exists()
