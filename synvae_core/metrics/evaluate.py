"""Every metric of the trained models over a set of images and of held-out melodies.

The paths are told in `paths`, the metrics of each in `measuring.PathMetrics`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Generator

from synvae_core.classifier import Classifier
from synvae_core.data import ImageSource
from synvae_core.errors import SynvaeError
from synvae_core.metrics.fitting import Step, unheard
from synvae_core.metrics.measuring import Measuring, PathMetrics, Progress, silent
from synvae_core.metrics.music import Tokens, density_ratio, onset_accuracy
from synvae_core.metrics.mutual_information import FEWEST
from synvae_core.metrics.paths import BATCH, musical_paths, visual_path
from synvae_core.musicvae.model import MusicVae
from synvae_core.synvae import SynVae
from synvae_core.visvae import VisVae

FEWEST_TO_LEARN = 5 * FEWEST  # a fifth of them chooses the epoch of mutual information's critic


class EvaluationError(SynvaeError):
    """The images, models and classifier do not belong together."""


@dataclass(frozen=True)
class SynVaeMetrics:
    """The same metrics on the paper's path and on what listeners hear."""

    latent: PathMetrics
    audible: PathMetrics


@dataclass(frozen=True)
class MusicMetrics:
    """MusicVAE alone: onsets of held-out melodies found again, and how busy its samples are beside them."""

    onset_accuracy: float
    density_ratio: float


@dataclass(frozen=True)
class Evaluation:
    """All of it, over so many images, by one seed; `as_dict` is what `evaluate --json` prints."""

    visvae: PathMetrics
    synvae: SynVaeMetrics
    music: MusicMetrics
    images: int
    training_images: int
    seed: int

    def as_dict(self) -> dict[str, Any]:
        """Nested plain values."""
        return asdict(self)


@torch.no_grad()
def measure_music(model: MusicVae, held_out: Tokens, seed: int = 0, step: Step = unheard) -> MusicMetrics:
    """MusicVAE on held-out melodies (N, T): their means decoded running free, and as many prior samples.

    Both take the most likely symbol at each step, as every exported melody does.
    """
    true = torch.from_numpy(np.asarray(held_out, dtype=np.int64))
    generator = Generator().manual_seed(seed)
    decoded, sampled = [], []
    for part in true.split(BATCH):
        mean, _ = model.encode_symbols(part)
        decoded.append(model.play(mean))
        sampled.append(model.play(torch.randn(mean.shape, generator=generator)))
        step(len(part))
    return MusicMetrics(
        onset_accuracy=onset_accuracy(true.numpy(), torch.cat(decoded).numpy()),
        density_ratio=density_ratio(torch.cat(sampled).numpy(), true.numpy()),
    )


def evaluate(
    images: ImageSource,
    held_out: Tokens,
    *,
    visvae: VisVae,
    synvae: SynVae,
    classifier: Classifier,
    training: ImageSource | None = None,
    queries: int | None = None,
    cache: Path | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Evaluation:
    """All metrics, the same for the same seed; `held_out` (M, T) are melodies of the MusicVAE's length.

    `training`, `queries` and `cache` are those of `Measuring`. Raises EvaluationError when the images are not
    of the models' shape or the classifier's classes, or when some are both trained on and scored.
    """
    check(images, training, classifier, (visvae, synvae.visual))
    measuring = Measuring(images, classifier, training, queries, cache, seed, progress)
    latent, audible = musical_paths(synvae)
    of_visvae = measuring.measure(visual_path(visvae))
    of_synvae = SynVaeMetrics(measuring.measure(latent), measuring.measure(audible))
    with progress("music: held-out melodies", len(held_out)) as step:
        of_music = measure_music(synvae.music, held_out, seed, step)
    return Evaluation(of_visvae, of_synvae, of_music, len(images), len(training or ()), seed)


def check(
    images: ImageSource, training: ImageSource | None, classifier: Classifier, nets: tuple[VisVae, ...]
) -> None:
    """Raises EvaluationError unless images, classifier and nets belong together."""
    shapes = {net.config.image_shape for net in nets} | {classifier.config.model.image_shape}
    if shapes != {images.shape}:
        wanted = ", ".join("x".join(map(str, shape)) for shape in sorted(shapes))
        raise EvaluationError(
            f"The images are {'x'.join(map(str, images.shape))}, the models read {wanted}; choose models of "
            "one shape and load the images with it."
        )
    for source in (images, training or images):
        if source.class_names != classifier.config.class_names:
            raise EvaluationError(
                f"The classifier knows {', '.join(classifier.config.class_names)}, the images are of "
                f"{', '.join(source.class_names)}; train a classifier on images of the same classes."
            )
    if training is not None:
        _check_training(images, training)


def _check_training(images: ImageSource, training: ImageSource) -> None:
    """Refuses before the long work what its parts would refuse after it."""
    classes = len(np.unique(training.labels))
    if len(images) < FEWEST or len(training) < FEWEST_TO_LEARN or classes < 2:
        raise EvaluationError(
            f"A full evaluation learns from {FEWEST_TO_LEARN} images of two classes or more and scores "
            f"{FEWEST} or more; there are {len(training)} of {classes} and {len(images)}: give more, or "
            "leave out --full."
        )
    both = set(images.ids) & set(training.ids)
    if both:
        raise EvaluationError(
            f"{len(both)} images would be learned from and scored, such as {min(both)}: evaluate another "
            "split than the one to train on."
        )
