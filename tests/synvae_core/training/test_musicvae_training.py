"""A MusicVAE in training: it learns scales, and latents that it does not use stay at the prior."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from synvae_core.corpus import build as corpus_build
from synvae_core.corpus import load_corpus
from synvae_core.musicvae.config import MusicVaeConfig
from synvae_core.musicvae.model import MusicVae
from synvae_core.training import loop
from synvae_core.training.loop import run
from synvae_core.training.models import (
    StoredMusicVae,
    load_musicvae,
)
from synvae_core.training.music_task import MusicVaeTask, transposed
from tests.synvae_core.training.tiny_recipes import (
    MUSIC,
    music_recipe,
    tensors_of,
)


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


def test_transposing_moves_notes_alone_and_only_within_the_range() -> None:
    symbols = torch.tensor([[2, 0, 40, 1], [88, 0, 89, 1]])
    moved = transposed(symbols, torch.tensor([3, 3]))
    assert moved.tolist() == [[5, 0, 43, 1], [88, 0, 89, 1]]


def test_the_corpus_of_these_tests_is_read_as_the_real_one(melodies: None) -> None:
    assert corpus_build.load_corpus(2).train.shape == (60, 32)
