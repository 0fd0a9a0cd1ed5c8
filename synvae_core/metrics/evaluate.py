"""Every metric of the trained models over a set of images and of held-out melodies.

The paths (x an image, z_v its visual latent, z_a the latent of a melody):

visvae   z_v drawn from q(z_v|x), as the original evaluates; the image is decoded from it.
latent   the paper's path, SynVAE's own forward pass: z_v drawn, the music decoder's output encoded again in
         the form that the model was trained to pass on (raw logits, as the original, or the hard melody), z_a
         drawn; the image is decoded from z_a.
audible  what listeners can hear: z_v at its mean (what is exported), its most likely melody, re-read from its
         notes, encoded; the image is decoded from the mean of z_a, as `Translator.reconstruct` does.

In each, `mse` is the squared error summed over pixels and `kl` that of the visual encoder in nats (equation 1
has no other), both averaged over images. `p10_sampled` and `p10_mean` are the precision at 10 of one draw
from, and of the means of, the path's last posterior: q(z_v|x) for visvae, q(z_a|melody) for the other two.
`accuracy` is the share of reconstructions in which a classifier trained on originals sees the image's label.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Generator, Tensor

from synvae_core.classifier import Classifier
from synvae_core.data import ImageSet
from synvae_core.errors import SynvaeError
from synvae_core.melody import canonical_tokens
from synvae_core.metrics.music import Tokens, density_ratio, onset_accuracy
from synvae_core.metrics.neighbours import precision_at
from synvae_core.musicvae.model import MusicVae
from synvae_core.synvae import SynVae
from synvae_core.visvae import VisVae, channels_first, kl_to_prior, reconstruction_error

BATCH = 500
Step = Callable[[int], object]  # called with the number of examples just done
Progress = Callable[[str, int], object]  # the same, with the path's name first


def _unheard(done: int) -> None:
    pass


class EvaluationError(SynvaeError):
    """The images, models and classifier do not belong together."""


@dataclass(frozen=True)
class PathMetrics:
    """How well images come through one path; see the module's text."""

    mse: float
    kl: float
    p10_sampled: float
    p10_mean: float
    accuracy: float


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
    """All of it; `as_dict` is what `evaluate --json` prints."""

    visvae: PathMetrics
    synvae: SynVaeMetrics
    music: MusicMetrics

    def as_dict(self) -> dict[str, Any]:
        """Nested plain values."""
        return asdict(self)


class Passage(NamedTuple):
    """A batch at the end of a path."""

    kl: Tensor  # (B,)
    drawn: Tensor  # (B, Z) one draw from the last posterior
    mean: Tensor  # (B, Z) that posterior's means
    image: Tensor  # (B, C, H, W)


def through_visvae(model: VisVae, x: Tensor, generator: Generator) -> Passage:
    """Images (B, C, H, W) through their visual latents."""
    mean, logvar = model.encode(x)
    z = model.sample(mean, logvar, generator)
    return Passage(kl_to_prior(mean, logvar), z, mean, model.decode(z))


def through_latents(model: SynVae, x: Tensor, generator: Generator) -> Passage:
    """The latent path: images (B, C, H, W) through SynVAE as it passes the music on."""
    end = model(x, generator)
    return Passage(kl_to_prior(end.mean, end.logvar), end.heard, end.heard_mean, end.image)


def through_ears(model: SynVae, x: Tensor, generator: Generator) -> Passage:
    """The audible path: images (B, C, H, W) through the exported melodies, re-read from their notes."""
    mean, logvar = model.encode(x)
    notes = canonical_tokens(model.melodies(mean).numpy())
    heard, deviation = model.hear(torch.from_numpy(notes))
    z = _draw(heard, deviation, generator)
    return Passage(kl_to_prior(mean, logvar), z, heard, model.visual.decode(heard))


def _draw(mean: Tensor, deviation: Tensor, generator: Generator) -> Tensor:
    return mean + deviation * torch.randn(mean.shape, generator=generator)


@torch.no_grad()
def measure(
    images: ImageSet, passage: Callable[[Tensor], Passage], classifier: Classifier, step: Step = _unheard
) -> PathMetrics:
    """The metrics of one path over all images, batch by batch."""
    rows = []
    for x in channels_first(images.pixels).split(BATCH):
        end = passage(x)
        error = reconstruction_error(x, end.image)
        rows.append((error, end.kl, end.drawn, end.mean, classifier.predict(end.image)))
        step(len(x))
    error, kl, drawn, mean, seen = (torch.cat(column) for column in zip(*rows, strict=True))
    return PathMetrics(
        mse=float(error.double().mean()),
        kl=float(kl.double().mean()),
        p10_sampled=precision_at(drawn.numpy(), images.labels),
        p10_mean=precision_at(mean.numpy(), images.labels),
        accuracy=float(np.mean(seen.numpy() == images.labels)),
    )


@torch.no_grad()
def measure_music(model: MusicVae, held_out: Tokens, seed: int = 0, step: Step = _unheard) -> MusicMetrics:
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
    images: ImageSet,
    held_out: Tokens,
    *,
    visvae: VisVae,
    synvae: SynVae,
    classifier: Classifier,
    seed: int = 0,
    progress: Progress = lambda path, done: None,
) -> Evaluation:
    """All metrics, the same for the same seed; `held_out` (M, T) are melodies of the MusicVAE's length.

    `progress` is told "visvae", "latent", "audible" or "music" and how many examples were just done.
    Raises EvaluationError when the images are not of the models' shape or the classifier's classes.
    """
    _check(images, visvae, synvae, classifier)

    def over_images(name: str, passage: Callable[[Tensor, Generator], Passage]) -> PathMetrics:
        generator = Generator().manual_seed(seed)
        return measure(images, lambda x: passage(x, generator), classifier, partial(progress, name))

    return Evaluation(
        visvae=over_images("visvae", partial(through_visvae, visvae.eval())),
        synvae=SynVaeMetrics(
            latent=over_images("latent", partial(through_latents, synvae.eval())),
            audible=over_images("audible", partial(through_ears, synvae)),
        ),
        music=measure_music(synvae.music, held_out, seed, partial(progress, "music")),
    )


def _check(images: ImageSet, visvae: VisVae, synvae: SynVae, classifier: Classifier) -> None:
    shape = images.pixels.shape[1:]
    nets = {visvae.config.image_shape, synvae.visual.config.image_shape, classifier.config.model.image_shape}
    if nets != {shape}:
        wanted = ", ".join("x".join(map(str, net)) for net in sorted(nets))
        raise EvaluationError(
            f"The images are {'x'.join(map(str, shape))}, the models read {wanted}; choose models of "
            "one shape and load the images with it."
        )
    if images.class_names != classifier.config.class_names:
        raise EvaluationError(
            f"The classifier knows {', '.join(classifier.config.class_names)}, the images are of "
            f"{', '.join(images.class_names)}; train a classifier on images of the same classes."
        )
