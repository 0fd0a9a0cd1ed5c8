"""Pictures and melodies to train on."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from synvae_core.musicvae.config import MusicVaeConfig
from synvae_core.musicvae.model import MusicVae
from synvae_core.training.config import VisVaeRecipe
from synvae_core.training.models import StoredMusicVae, save_model
from tests.synvae_core.tiny import save_noise, save_tiny_corpus
from tests.synvae_core.training.tiny_recipes import LOOP, MUSIC, PICTURE


@pytest.fixture
def visual(tmp_path: Path) -> VisVaeRecipe:
    """A recipe for a tiny VisVAE on a folder of noise."""
    data = f"folder:{save_noise(tmp_path / 'pictures', 60)}"
    return VisVaeRecipe.model_validate(LOOP | {"task": "visvae", "data": data, "model": PICTURE})


@pytest.fixture
def melodies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A corpus of scales of two bars in the data folder."""
    monkeypatch.setenv("EARSIGHT_DATA", str(tmp_path / "data"))
    save_tiny_corpus(tmp_path / "data")


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """The folder of an untrained tiny MusicVAE whose melodies differ."""
    torch.manual_seed(1)
    config = MusicVaeConfig.model_validate(MUSIC)
    model = MusicVae(config)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.6)
    save_model(tmp_path / "music", StoredMusicVae(model=config), model.state_dict())
    return tmp_path / "music"
