"""The three ways on which images are scored (x an image, z_v its visual latent, z_a the latent of a melody).

visvae   z_v drawn from q(z_v|x), as the original evaluates; the image is decoded from it.
latent   the paper's path, SynVAE's own forward pass: z_v drawn, the music decoder's output encoded again in
         the form that the model was trained to pass on (raw logits, as the original, or the hard melody), z_a
         drawn; the image is decoded from z_a.
audible  what listeners can hear: z_v at its mean (what is exported), its most likely melody, re-read from its
         notes, encoded; the image is decoded from the mean of z_a, as `Translator.reconstruct` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import zip_longest
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from synvae_core.classifier import Classifier
from synvae_core.data import ImageSource
from synvae_core.melody import canonical_tokens
from synvae_core.metrics.finite import require_finite
from synvae_core.metrics.fitting import Step, unheard
from synvae_core.modality import Manner
from synvae_core.musicvae.model import most_likely
from synvae_core.noise import normal
from synvae_core.synvae import SynVae
from synvae_core.visvae import VisVae, channels_first, kl_to_prior, reconstruction_error

BATCH = 500
WORDS = {"error": "squared errors of reconstructions", "kl": "KL divergences"}  # others are latents


class Passage(NamedTuple):
    """A batch at the end of a path."""

    kl: Tensor  # (B,)
    drawn: Tensor  # (B, Z) one draw from the last posterior
    mean: Tensor  # (B, Z) the last posterior's means where nothing was drawn before either
    image: Tensor  # (B, C, H, W)
    visual: Tensor  # (B, Z) the z_v that went on: to the music, or straight to the image
    melody: Tensor | None = None  # (B, T) tokens of the music in between


Way = Callable[[Tensor, Generator], Passage]  # images (B, C, H, W) and the source of all draws


def through_visvae(model: VisVae, x: Tensor, generator: Generator) -> Passage:
    """Images (B, C, H, W) through their visual latents."""
    mean, logvar = model.encode(x)
    z = model.sample(mean, logvar, generator)
    return Passage(kl_to_prior(mean, logvar), z, mean, model.decode(z), z)


def through_latents(model: SynVae, x: Tensor, generator: Generator) -> Passage:
    """The latent path: images (B, C, H, W) through SynVAE as it passes the music on."""
    end = model(x, generator)
    kl = kl_to_prior(end.mean, end.logvar)
    return Passage(kl, end.heard, _heard_undrawn(model, end.mean), end.image, end.seen, end.symbols)


def _heard_undrawn(model: SynVae, mean: Tensor) -> Tensor:
    """Means of z_v (B, Z) -> means of z_a (B, Z), passed on as on the latent path, with nothing drawn."""
    _, passed_on = model.inner.express(mean, Manner(most_likely, model.relaxation))
    return model.inner.posterior(passed_on).mean


def through_ears(model: SynVae, x: Tensor, generator: Generator) -> Passage:
    """The audible path: images (B, C, H, W) through the exported melodies, re-read from their notes."""
    mean, logvar = model.encode(x)
    notes = torch.from_numpy(canonical_tokens(model.melodies(mean).numpy()))
    heard, deviation = model.hear(notes)
    z = heard + deviation * normal(heard, generator)
    return Passage(kl_to_prior(mean, logvar), z, heard, model.visual.decode(heard), mean, notes)


def ways(visvae: VisVae, synvae: SynVae) -> dict[str, Way]:
    """The three paths of a pair of models by name."""
    return {path.name: path.way for path in (visual_path(visvae), *musical_paths(synvae))}


@dataclass(frozen=True, eq=False)
class ModelPath:
    """A path of one model: its name, the way of a batch along it, and the model it goes through."""

    name: Literal["visvae", "latent", "audible"]
    way: Way
    model: VisVae | SynVae

    @property
    def digest(self) -> str:
        """SHA-256 of everything that the path depends on: the model's weights, and what it passes on."""
        relaxation = self.model.relaxation if isinstance(self.model, SynVae) else ""
        found = sha256(relaxation.encode())
        for name, tensor in sorted(self.model.state_dict().items()):
            found.update(name.encode() + tensor.detach().cpu().contiguous().numpy().tobytes())
        return found.hexdigest()


def visual_path(model: VisVae) -> ModelPath:
    """The path of a VisVAE."""
    return ModelPath("visvae", partial(through_visvae, model.eval()), model)


def musical_paths(model: SynVae) -> tuple[ModelPath, ModelPath]:
    """The latent and the audible path of a SynVAE."""
    latent, audible = partial(through_latents, model.eval()), partial(through_ears, model.eval())
    return ModelPath("latent", latent, model), ModelPath("audible", audible, model)


@dataclass(frozen=True, eq=False)
class Arrivals:
    """All images of a source at the end of a path; row i of every field speaks of image i.

    error     (N,) squared error summed over pixels
    kl        (N,) KL of the visual posterior from the prior, in nats
    drawn     (N, Z) one draw from the path's last posterior
    mean      (N, Z) the last posterior's means where nothing was drawn before either
    visual    (N, Z) the z_v that went on
    labels    (N,) the images' classes
    melodies  (N, T) uint8 tokens, None for visvae
    images    (N, C, H, W) uint8 reconstructions in 256 steps, as picture files have; None if not kept
    seen      (N,) the class that each judge sees in the reconstruction, by the judge's name
    """

    error: NDArray[np.float64]
    kl: NDArray[np.float64]
    drawn: NDArray[np.float32]
    mean: NDArray[np.float32]
    visual: NDArray[np.float32]
    labels: NDArray[np.int64]
    melodies: NDArray[np.uint8] | None
    images: NDArray[np.uint8] | None
    seen: Mapping[str, NDArray[np.int64]]

    def __len__(self) -> int:
        return len(self.labels)


@torch.no_grad()
def travel(
    source: ImageSource,
    way: Way,
    *,
    judges: Mapping[str, Classifier] | None = None,
    keep_images: bool = False,
    seed: int = 0,
    step: Step = unheard,
) -> Arrivals:
    """Sends every image of the source down a path, batch by batch, all draws by `seed`.

    Raises NotFinite when what arrives is not finite.
    """
    generator, rows = Generator().manual_seed(seed), []
    parts = np.array_split(np.arange(len(source)), range(BATCH, len(source), BATCH))
    for part, following in zip_longest(parts, parts[1:]):
        x = channels_first(source.read(part))
        if following is not None:
            source.prefetch(following)
        end = way(x, generator)
        rows.append(_row(x, end, judges or {}, keep_images))
        step(len(part))
    return _joined(rows, source.labels)


Row = dict[str, NDArray[np.generic]]


def _row(x: Tensor, end: Passage, judges: Mapping[str, Classifier], keep_images: bool) -> Row:
    row: Row = {
        "error": reconstruction_error(x, end.image).double().numpy(),
        "kl": end.kl.double().numpy(),
        "drawn": end.drawn.numpy(),
        "mean": end.mean.numpy(),
        "visual": end.visual.numpy(),
    }
    for name, values in row.items():
        require_finite(values, WORDS.get(name, "latents"))
    if end.melody is not None:
        row["melodies"] = end.melody.to(torch.uint8).numpy()
    if keep_images:
        row["images"] = (end.image * 255).round().to(torch.uint8).numpy()
    return row | {f"seen {name}": judge.predict(end.image).numpy() for name, judge in judges.items()}


def _joined(rows: list[Row], labels: NDArray[np.int64]) -> Arrivals:
    columns = {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
    judged = [name for name in columns if name.startswith("seen ")]
    seen = {name.removeprefix("seen "): columns.pop(name) for name in judged}
    fields = {"melodies": None, "images": None} | columns
    return Arrivals(labels=np.asarray(labels), seen=seen, **fields)  # type: ignore[arg-type]
