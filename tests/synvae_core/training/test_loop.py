"""The training loop on a tiny VisVAE: it stops, resumes exactly, and refuses what it should."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from synvae_core.training import loop
from synvae_core.training.checkpoint import CheckpointError, load_tensors, write_whole
from synvae_core.training.config import (
    VisVaeRecipe,
)
from synvae_core.training.loop import run
from synvae_core.training.models import (
    load_visvae,
    weights_digest,
)
from synvae_core.training.state import Run
from tests.synvae_core.training.tiny_recipes import (
    tensors_of,
)


def test_a_stopped_and_resumed_run_equals_one_that_was_never_stopped(
    visual: VisVaeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(visual, tmp_path / "whole", quiet=True)
    original = loop._train_step

    def interrupted(state: Run, received: Sequence[int]) -> dict[str, float]:
        if state.step == 3:
            os.kill(os.getpid(), signal.SIGINT)
        return original(state, received)

    monkeypatch.setattr(loop, "_train_step", interrupted)
    stopped = run(visual, tmp_path / "parts", quiet=True)
    monkeypatch.undo()
    assert (stopped.step, stopped.finished) == (4, False)
    assert run(visual, tmp_path / "parts", resume=True, quiet=True).finished
    whole, parts = (tensors_of(tmp_path / name / "latest.safetensors") for name in ("whole", "parts"))
    assert whole.keys() == parts.keys()
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    assert (tmp_path / "whole/metrics.jsonl").read_text() == (tmp_path / "parts/metrics.jsonl").read_text()


def test_a_killed_run_forgets_the_rows_it_will_write_again(visual: VisVaeRecipe, tmp_path: Path) -> None:
    run(visual, tmp_path / "run", quiet=True)
    log = tmp_path / "run/metrics.jsonl"
    with log.open("a") as file:
        file.write(json.dumps({"step": 99}) + "\n")
    run(visual, tmp_path / "run", resume=True, quiet=True)
    assert [json.loads(line)["step"] for line in log.read_text().splitlines()] == [3, 6]


def test_the_saved_model_rebuilds_from_its_folder(visual: VisVaeRecipe, tmp_path: Path) -> None:
    run(visual, tmp_path / "run", quiet=True)
    model = load_visvae(tmp_path / "run")
    stored = tensors_of(tmp_path / "run/model.safetensors")
    assert all(torch.equal(value, stored[name]) for name, value in model.state_dict().items())


def test_a_folder_with_a_run_is_not_overwritten(visual: VisVaeRecipe, tmp_path: Path) -> None:
    run(visual, tmp_path / "run", quiet=True)
    with pytest.raises(CheckpointError, match="already holds a training run"):
        run(visual, tmp_path / "run", quiet=True)


def test_resuming_with_another_recipe_is_refused(visual: VisVaeRecipe, tmp_path: Path) -> None:
    run(visual, tmp_path / "run", quiet=True)
    other = visual.model_copy(update={"beta": 0.7})
    with pytest.raises(CheckpointError, match="another recipe"):
        run(other, tmp_path / "run", resume=True, quiet=True)


def test_resuming_nothing_says_so(visual: VisVaeRecipe, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no checkpoint at"):
        run(visual, tmp_path / "none", resume=True, quiet=True)


def test_a_full_disk_keeps_the_checkpoint_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "latest.safetensors"
    write_whole(path, b"before")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CheckpointError, match=r"No space left on device.*free some space"):
        write_whole(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not tensors")
    with pytest.raises(CheckpointError, match="damaged"):
        load_tensors(tmp_path / "model.safetensors")


def test_resuming_after_a_kill_forgets_a_row_that_was_cut(visual: VisVaeRecipe, tmp_path: Path) -> None:
    run(visual, tmp_path / "run", quiet=True)
    log = tmp_path / "run" / "metrics.jsonl"
    whole = log.read_text()
    log.write_text(whole + '{"step": 6, "tra')
    run(visual, tmp_path / "run", resume=True, quiet=True)
    assert log.read_text() == whole


def test_resuming_without_the_log_goes_on(visual: VisVaeRecipe, tmp_path: Path) -> None:
    run(visual, tmp_path / "run", quiet=True)
    (tmp_path / "run" / "metrics.jsonl").unlink()
    assert run(visual, tmp_path / "run", resume=True, quiet=True).finished


def test_a_run_in_a_place_that_is_no_folder_is_refused(visual: VisVaeRecipe, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CheckpointError, match="could not be written"):
        run(visual, tmp_path / "file" / "run", quiet=True)


def test_a_model_without_weights_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"has no model.safetensors"):
        weights_digest(tmp_path)


def test_a_run_does_not_go_on_with_other_pictures(visual: VisVaeRecipe, tmp_path: Path) -> None:
    run(visual, tmp_path / "run", quiet=True)
    pictures = sorted((tmp_path / "pictures/class0").iterdir())
    for picture in pictures[:9]:
        picture.rename(picture.with_stem(f"renamed{picture.stem}"))
    with pytest.raises(CheckpointError, match="pictures is not what it was when the run in"):
        run(visual, tmp_path / "run", resume=True, quiet=True)
