"""The published sizes, against the original's full list of variables and the published counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from pydantic import ValidationError

from synvae_core.musicvae.config import CONFIGS, MusicVaeConfig
from synvae_core.musicvae.model import MusicVae
from synvae_core.musicvae.tf_names import tensorflow_names


def shapes(name: str) -> dict[str, list[int]]:
    """The shapes of a configuration's parameters by TensorFlow name; no memory is taken."""
    with torch.device("meta"):
        model = MusicVae(CONFIGS[name])
    names = tensorflow_names(CONFIGS[name])
    return {names[ours]: list(parameter.shape) for ours, parameter in model.named_parameters()}


@pytest.mark.parametrize("name", ["cat-mel_2bar_big", "hierdec-mel_4bar", "hierdec-mel_16bar"])
def test_full_size_variables_are_the_originals(name: str, fixtures_dir: Path) -> None:
    recorded = json.loads((fixtures_dir / "magenta/full_size_variables.json").read_text())[name]
    assert shapes(name) == recorded["variables"]


def test_the_flat_model_of_16_bars_has_the_published_sizes() -> None:
    found = shapes("flat-mel_16bar")
    assert CONFIGS["flat-mel_16bar"].steps == 256
    assert found["encoder/mu/kernel"] == [2 * 2048, 512]
    cell = "bidirectional_rnn/fw/multi_rnn_cell/cell_0/lstm_cell/kernel"
    assert found[f"encoder/cell_1/{cell}"] == [2 * 2048 + 2048, 4 * 2048]
    assert found["decoder/multi_rnn_cell/cell_2/lstm_cell/kernel"] == [2 * 2048, 4 * 2048]
    assert found["decoder/z_to_initial_state/kernel"] == [512, 2 * 3 * 2048]


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("cat-mel_2bar_small", 4_423_770),  # the published JavaScript checkpoint
        ("cat-mel_2bar_big", 134_571_098),
        ("hierdec-mel_4bar", 176_061_530),
        ("hierdec-mel_8bar", 176_061_530),
        ("hierdec-mel_16bar", 176_061_530),
    ],
)
def test_parameter_counts_are_the_published_ones(name: str, parameters: int) -> None:
    with torch.device("meta"):
        assert sum(p.numel() for p in MusicVae(CONFIGS[name]).parameters()) == parameters


def test_steps_that_bars_do_not_divide_are_refused() -> None:
    with pytest.raises(ValidationError, match="60 steps cannot be cut into 8 equal bars"):
        MusicVaeConfig(steps=60, latent=2, encoder=(2,), decoder=(2,), bars=8)
