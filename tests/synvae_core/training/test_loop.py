"""The training loop on tiny models: it learns, stops, resumes exactly, and refuses what it should."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from synvae_core.corpus import build as corpus_build
from synvae_core.corpus import load_corpus
from synvae_core.musicvae.config import MusicVaeConfig
from synvae_core.musicvae.model import MusicVae
from synvae_core.synvae import LatentMismatch
from synvae_core.training import loop
from synvae_core.training.checkpoint import CheckpointError, load_tensors, write_whole
from synvae_core.training.config import (
    RECIPES,
    MusicVaeRecipe,
    RecipeError,
    ReverseRecipe,
    VisVaeRecipe,
    parse_recipe,
    read_recipe,
)
from synvae_core.training.loop import run
from synvae_core.training.models import (
    StoredMusicVae,
    load_musicvae,
    load_reverse,
    load_synvae,
    load_visvae,
    save_model,
    weights_digest,
)
from synvae_core.training.music_task import MusicVaeTask, transposed
from synvae_core.training.schedule import batch_indices, learning_rate
from synvae_core.training.state import Run
from tests.synvae_core.training.tiny_recipes import (
    LOOP,
    MUSIC,
    PICTURE,
    music_recipe,
    rows_of,
    synvae_recipe,
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


@pytest.mark.usefixtures("melodies")
def test_musicvae_learns_scales_and_its_folded_mean_is_the_trained_one(tmp_path: Path) -> None:
    recipe = music_recipe(
        steps=60, validate_every=30, learning_rate=0.01, first_stages=[{"bars": 1, "steps": 10}]
    )
    run(recipe, tmp_path / "run", quiet=True)
    rows = [json.loads(line) for line in (tmp_path / "run/metrics.jsonl").read_text().splitlines()]
    assert rows[-1]["validation"]["cross_entropy"] < 0.8 * 32 * np.log(90)
    task = loop.make_task(recipe)
    assert isinstance(task, MusicVaeTask)
    latest = tensors_of(tmp_path / "run/latest.safetensors")
    task.network.load_state_dict({n[8:]: t for n, t in latest.items() if n.startswith("network.")})
    task.network.eval()
    symbols = task.held_out[:4]
    mean, _ = task.network.encode(torch.nn.functional.one_hot(symbols, 90).float())
    stored, tensors = task.export()
    assert isinstance(stored, StoredMusicVae)
    model = MusicVae(stored.model)
    model.load_state_dict(tensors)
    torch.testing.assert_close(model.encode_symbols(symbols)[0], mean, atol=1e-4, rtol=1e-4)
    assert stored.model == MusicVaeConfig.model_validate(MUSIC)


@pytest.mark.usefixtures("melodies")
def test_latents_that_are_not_active_stay_at_the_prior(tmp_path: Path) -> None:
    run(music_recipe(active=3), tmp_path / "run", quiet=True)
    model = load_musicvae(tmp_path / "run")
    symbols = torch.from_numpy(load_corpus(2).test[:6]).long()
    mean, deviation = model.encode_symbols(symbols)
    torch.testing.assert_close(mean[:, 3:], torch.zeros(6, 5))
    torch.testing.assert_close(deviation[:, 3:], torch.ones(6, 5))
    assert (mean[:, :3].std(dim=0) > 0.01).all()
    assert (deviation[:, :3] < 0.9).all()


@pytest.mark.usefixtures("melodies")
@pytest.mark.parametrize("relaxation", ["logits", "straight_through"])
def test_synvae_trains_its_visual_half_only(visual: VisVaeRecipe, tmp_path: Path, relaxation: str) -> None:
    run(music_recipe(), tmp_path / "music", quiet=True)
    recipe = parse_recipe(
        LOOP
        | {"task": "synvae", "data": visual.data, "model": PICTURE, "music": str(tmp_path / "music")}
        | {"relaxation": relaxation}
    )
    run(recipe, tmp_path / "syn", quiet=True)
    model, before = load_synvae(tmp_path / "syn"), load_musicvae(tmp_path / "music")
    assert all(torch.equal(a, b) for a, b in zip(model.music.parameters(), before.parameters(), strict=True))
    first = loop.make_task(recipe).network.state_dict()
    assert not any(torch.equal(first[name], value) for name, value in model.visual.state_dict().items())


@pytest.mark.usefixtures("melodies")
def test_a_synvae_refuses_another_musicvae_than_its_own(visual: VisVaeRecipe, tmp_path: Path) -> None:
    run(music_recipe(), tmp_path / "music", quiet=True)
    values = {"task": "synvae", "data": visual.data, "model": PICTURE, "music": str(tmp_path / "music")}
    run(parse_recipe(LOOP | values), tmp_path / "syn", quiet=True)
    run(music_recipe(seed=4), tmp_path / "other", quiet=True)
    (tmp_path / "other/model.safetensors").replace(tmp_path / "music/model.safetensors")
    with pytest.raises(CheckpointError, match="trained with other weights"):
        load_synvae(tmp_path / "syn")


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


def test_an_unknown_key_of_a_recipe_is_refused_by_name() -> None:
    with pytest.raises(RecipeError, match="learningrate: Extra inputs are not permitted"):
        parse_recipe(LOOP | {"task": "visvae", "learningrate": 1})


def test_a_missing_recipe_names_the_shipped_ones() -> None:
    with pytest.raises(RecipeError, match=r"classifier-cifar, classifier-mnist, .*, visvae-paintings"):
        read_recipe("nosuch")


@pytest.mark.parametrize("name", sorted(path.stem for path in RECIPES.glob("*.yaml")))
def test_shipped_recipes_are_understood_and_their_nets_fit_their_images(name: str) -> None:
    recipe = read_recipe(name)
    kinds = {"mnist": "mnist", "cifar10": "cifar", "folder:paintings": "bam"}
    assert isinstance(recipe, MusicVaeRecipe | ReverseRecipe) or recipe.model.kind == kinds[recipe.data]


def test_each_pass_shows_each_example_at_most_once() -> None:
    schedule = read_recipe("visvae-mnist").model_copy(update={"batch": 10})
    seen = torch.cat([batch_indices(55, schedule, step) for step in range(5)])
    again = torch.cat([batch_indices(55, schedule, step) for step in range(5, 10)])
    assert len(seen.unique()) == 50
    assert not torch.equal(seen, again)


def test_the_learning_rate_warms_up_and_falls_to_zero() -> None:
    schedule = read_recipe("musicvae").model_copy(
        update={"steps": 10, "warm_up": 2, "learning_rate": 1.0, "decay": "linear"}
    )
    assert [round(learning_rate(schedule, step), 3) for step in (0, 1, 5, 9)] == [0.5, 0.9, 0.5, 0.1]


def test_transposing_moves_notes_alone_and_only_within_the_range() -> None:
    symbols = torch.tensor([[2, 0, 40, 1], [88, 0, 89, 1]])
    moved = transposed(symbols, torch.tensor([3, 3]))
    assert moved.tolist() == [[5, 0, 43, 1], [88, 0, 89, 1]]


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


@pytest.mark.usefixtures("melodies")
def test_a_synvae_whose_halves_do_not_fit_is_refused(visual: VisVaeRecipe, tmp_path: Path) -> None:
    run(music_recipe(), tmp_path / "music", quiet=True)
    run(visual, tmp_path / "visual", quiet=True)
    wider = PICTURE | {"latent": 9}
    values = LOOP | {"task": "synvae", "data": visual.data, "model": wider, "music": str(tmp_path / "music")}
    with pytest.raises(LatentMismatch, match="9 dimensions and the music latent 8"):
        run(parse_recipe(values), tmp_path / "syn", quiet=True)
    with pytest.raises(CheckpointError, match="make them the same, or leave out start_from"):
        run(parse_recipe(values | {"start_from": str(tmp_path / "visual")}), tmp_path / "syn", quiet=True)
    assert not (tmp_path / "syn").exists()


def test_a_model_without_weights_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"has no model.safetensors"):
        weights_digest(tmp_path)


def test_a_folder_is_no_recipe(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").mkdir()
    with pytest.raises(RecipeError, match="give a YAML file"):
        read_recipe(tmp_path / "recipe.yaml")


def test_the_corpus_of_these_tests_is_read_as_the_real_one(melodies: None) -> None:
    assert corpus_build.load_corpus(2).train.shape == (60, 32)


@pytest.mark.usefixtures("melodies")
def test_a_reverse_synvae_trains_its_musical_half_only_and_is_loaded_again(
    visual: VisVaeRecipe, tmp_path: Path
) -> None:
    run(visual, tmp_path / "visual", quiet=True)
    fresh = {"start_from": None, "learning_rate": 0.01, "steps": 30}
    recipe = LOOP | {"task": "reverse", "model": MUSIC, "pictures": str(tmp_path / "visual")} | fresh
    assert run(parse_recipe(recipe), tmp_path / "reverse", quiet=True).finished
    rows = rows_of(tmp_path / "reverse")
    assert rows[-1]["validation"]["cross_entropy"] < 0.9 * rows[0]["validation"]["cross_entropy"]
    model, before = load_reverse(tmp_path / "reverse"), load_visvae(tmp_path / "visual")
    assert all(torch.equal(a, b) for a, b in zip(model.visual.parameters(), before.parameters(), strict=True))
    symbols = corpus_build.load_corpus(2).test[:3].astype(np.int64)
    assert model.express(model.encode(torch.from_numpy(symbols))[0]).shape == (3, 1, 28, 28)
    run(visual.model_copy(update={"seed": 9}), tmp_path / "other", quiet=True)
    (tmp_path / "other/model.safetensors").replace(tmp_path / "visual/model.safetensors")
    with pytest.raises(CheckpointError, match="trained with other weights"):
        load_reverse(tmp_path / "reverse")


def test_a_run_does_not_go_on_with_other_pictures(visual: VisVaeRecipe, tmp_path: Path) -> None:
    run(visual, tmp_path / "run", quiet=True)
    pictures = sorted((tmp_path / "pictures/class0").iterdir())
    for picture in pictures[:9]:
        picture.rename(picture.with_stem(f"renamed{picture.stem}"))
    with pytest.raises(CheckpointError, match="pictures is not what it was when the run in"):
        run(visual, tmp_path / "run", resume=True, quiet=True)


def test_a_synvae_does_not_go_on_through_another_musicvae(
    visual: VisVaeRecipe, music: Path, tmp_path: Path
) -> None:
    recipe = synvae_recipe(visual, music)
    run(recipe, tmp_path / "run", quiet=True)
    save_model(music, StoredMusicVae(model=MusicVaeConfig.model_validate(MUSIC)), other_music())
    with pytest.raises(CheckpointError, match="music is not what it was"):
        run(recipe, tmp_path / "run", resume=True, quiet=True)


def other_music() -> dict[str, torch.Tensor]:
    torch.manual_seed(5)
    return MusicVae(MusicVaeConfig.model_validate(MUSIC)).state_dict()
