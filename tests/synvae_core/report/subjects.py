"""A tiny untrained model and images in three classes, one of them with a hostile name, to report on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from synvae_core.classifier import Classifier, ClassifierConfig
from synvae_core.data import ImageSet
from synvae_core.metrics.classification import classified
from synvae_core.metrics.evaluate import Evaluation, MusicMetrics, SynVaeMetrics
from synvae_core.metrics.measuring import PathMetrics
from synvae_core.metrics.neighbours import Precision
from synvae_core.report import Subject
from synvae_core.translator import Translator
from tests.synvae_core.tiny import VISUAL

NAMES = ("dots", "<script>alert(1)</script>", 'quotes" onload="x')
SEEN = classified(np.array([0, 1, 2, 2]), np.array([0, 1, 2, 0]), NAMES)
RANKS = (Precision(1, 0.75, 0.0, 24), Precision(10, 0.5, 0.01, 24))
PATH = PathMetrics(20.04, 12.5, 0.5, 0.5, 0.75, 0.31, RANKS[:1], RANKS, SEEN)
EVALUATION = Evaluation(PATH, SynVaeMetrics(PATH, PATH), MusicMetrics(0.7, 0.9), 24, 0, 0)


def images(count: int = 24) -> ImageSet:
    """Noise, darker or lighter by class, `count` images in all."""
    labels = np.arange(count) % len(NAMES)
    noise = np.random.default_rng(0).random((count, 28, 28, 1))
    pixels = (noise < 0.2 + 0.3 * labels[:, None, None, None]).astype(np.float32)
    return ImageSet(pixels, labels, NAMES, tuple(f"picture-{place:02}" for place in range(count)))


def subject(model: Path, **changes: Any) -> Subject:
    """What a test reports on."""
    with torch.random.fork_rng():
        torch.manual_seed(2)
        judge = Classifier(ClassifierConfig(model=VISUAL, class_names=NAMES))
    values: dict[str, Any] = {
        "model": "tiny",
        "data": "noise",
        "translator": Translator.load(model),
        "images": images(),
        "judge": judge.eval(),
        "evaluation": EVALUATION,
        "pictures": 3,
    }
    return Subject(**values | changes)
