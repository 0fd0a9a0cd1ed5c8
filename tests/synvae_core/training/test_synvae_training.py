"""A SynVAE in training, either way round: one half learns, the other is frozen, named and checked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from synvae_core.corpus import build as corpus_build
from synvae_core.musicvae.config import MusicVaeConfig
from synvae_core.musicvae.model import MusicVae
from synvae_core.synvae import LatentMismatch
from synvae_core.training import loop
from synvae_core.training.checkpoint import CheckpointError
from synvae_core.training.config import (
    VisVaeRecipe,
    parse_recipe,
)
from synvae_core.training.loop import run
from synvae_core.training.models import (
    StoredMusicVae,
    load_musicvae,
    load_reverse,
    load_synvae,
    load_visvae,
    save_model,
)
from tests.synvae_core.training.tiny_recipes import (
    LOOP,
    MUSIC,
    PICTURE,
    music_recipe,
    rows_of,
    synvae_recipe,
)


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


@pytest.mark.usefixtures("melodies")
def test_a_synvae_whose_halves_do_not_fit_is_refused(visual: VisVaeRecipe, tmp_path: Path) -> None:
    run(music_recipe(), tmp_path / "music", quiet=True)
    run(visual, tmp_path / "visual", quiet=True)
    wider = PICTURE | {"latent": 9}
    values = LOOP | {"task": "synvae", "data": visual.data, "model": wider, "music": str(tmp_path / "music")}
    with pytest.raises(LatentMismatch, match="9 dimensions and the music latent 8"):
        run(parse_recipe(values), tmp_path / "syn", quiet=True)
    with pytest.raises(CheckpointError, match="make them the same, or set start_from: null"):
        run(parse_recipe(values | {"start_from": str(tmp_path / "visual")}), tmp_path / "syn", quiet=True)
    assert not (tmp_path / "syn").exists()


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
