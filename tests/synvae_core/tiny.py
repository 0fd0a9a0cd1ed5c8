"""Tiny untrained models on disk, complete enough to translate with."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from synvae_core.classifier import Classifier, ClassifierConfig
from synvae_core.musicvae.config import MusicVaeConfig
from synvae_core.musicvae.model import MusicVae
from synvae_core.training.models import StoredMusicVae, StoredSynVae, StoredVisVae, save_model, weights_digest
from synvae_core.visvae import VisVae, VisVaeConfig

LATENT, BARS = 8, 2
VISUAL = VisVaeConfig(kind="mnist", latent=LATENT, widths=(3, 4))
MUSICAL = MusicVaeConfig(
    steps=16 * BARS, latent=LATENT, encoder=(12,), decoder=(10,), bars=BARS, bar_start="empty"
)


PAINTED = VisVaeConfig(kind="bam", latent=LATENT, widths=(2, 2, 2, 2))


def save_tiny_synvae(folder: Path, *, with_visvae: bool = True, visual: VisVaeConfig = VISUAL) -> Path:
    """A SynVAE's folder, its MusicVAE beside it, and a VisVAE inside; weights drawn from fixed seeds."""
    torch.manual_seed(1)
    music = MusicVae(MUSICAL)
    for parameter in music.parameters():  # larger than a fresh network's, so that melodies differ
        torch.nn.init.normal_(parameter, std=0.6)
    save_model(folder / "music", StoredMusicVae(model=MUSICAL), music.state_dict())
    stored = StoredSynVae(
        model=visual,
        data="mnist",
        music=str(folder / "music"),
        music_digest=weights_digest(folder / "music"),
        relaxation="straight_through",
    )
    save_model(folder / "synvae", stored, VisVae(visual).state_dict())
    if with_visvae:
        weights = VisVae(visual).state_dict()
        save_model(folder / "synvae" / "visvae", StoredVisVae(model=visual, data="mnist"), weights)
    return folder / "synvae"


def save_tiny_classifier(folder: Path) -> Path:
    """An untrained judge of the ten digits."""
    torch.manual_seed(2)
    config = ClassifierConfig(model=VISUAL, class_names=tuple("0123456789"))
    save_model(folder, config, Classifier(config).state_dict())
    return folder


def save_noise(folder: Path, number: int) -> Path:
    """Pictures of 28 x 28 grey pixels without meaning, by turns of two classes."""
    generator = np.random.default_rng(1)
    for index in range(number):
        path = folder / f"class{index % 2}" / f"{index}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(generator.integers(0, 256, (28, 28), dtype=np.uint8)).save(path)
    return folder


def save_tiny_corpus(data: Path) -> None:
    """A corpus of 80 rising scales of two bars in a data folder, 60 of them to train with."""
    starts = np.random.default_rng(1).integers(20, 60, (80, 1))
    windows = np.where(np.arange(32) % 4 == 0, starts + np.arange(32) // 4, 0).astype(np.uint8)
    splits = {"train": windows[:60], "validation": windows[60:70], "test": windows[70:]}
    pieces = {f"{name}_pieces": np.arange(len(split)).astype(str) for name, split in splits.items()}
    (data / "corpus").mkdir(parents=True)
    np.savez(data / "corpus" / "2bar.npz", allow_pickle=False, **splits, **pieces)
