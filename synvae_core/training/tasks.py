"""What the one training loop needs to know of the models, and the two that are trained on pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Generic, NamedTuple, Protocol, TypeVar

import torch
from torch import Tensor, nn

from synvae_core.musicvae.decoders import Choice
from synvae_core.musicvae.model import MusicVae, drawn, most_likely
from synvae_core.noise import Source, seeded
from synvae_core.relaxation import GumbelChoice
from synvae_core.synvae import SynVae, Translation
from synvae_core.training.alignment import align
from synvae_core.training.checkpoint import CheckpointError
from synvae_core.training.config import PictureRecipe, ReverseRecipe, SynVaeRecipe, VisVaeRecipe
from synvae_core.training.device import CPU
from synvae_core.training.models import (
    Stored,
    StoredSynVae,
    StoredVisVae,
    load_musicvae,
    load_visvae,
    model_folder,
    weights_digest,
)
from synvae_core.training.pictures import Pictures, opened
from synvae_core.training.schedule import epoch_of, ramped, temperature
from synvae_core.visvae import VisVae, loss

Figures = dict[str, float]
Parts = dict[str, Tensor]  # figures as scalars on the device, without a gradient
SPLITS = "train", "validation"
VALIDATION_BATCH = 500


class Task(Protocol):
    """A model in training on `examples` examples."""

    examples: int

    @property
    def network(self) -> nn.Module:
        """What a checkpoint must keep to go on exactly."""

    def inputs(self) -> dict[str, str]:
        """A digest of each thing that training reads and that must be the same when it goes on."""

    def names(self, chosen: Tensor) -> tuple[str, ...]:
        """The ids of the examples at the indices `chosen` (B,)."""

    def expect(self, chosen: Tensor, step: int) -> None:
        """Says that these examples (B,) are wanted next."""

    def loss(self, chosen: Tensor, step: int, noise: Source) -> tuple[Tensor, Parts]:
        """The loss of the examples at the indices `chosen` (B,), averaged, and figures to log."""

    def validate(self) -> Figures:
        """Figures on held-out data; the one called "loss" chooses the best checkpoint."""

    def export(self) -> tuple[Stored, dict[str, Tensor]]:
        """The model as it is used, without what only training needed."""


def digest_of(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def average(rows: list[Parts], sizes: list[int]) -> Figures:
    """The mean of each figure over batches of these sizes."""
    return {k: sum(float(r[k]) * n for r, n in zip(rows, sizes, strict=True)) / sum(sizes) for k in rows[0]}


First = TypeVar("First", VisVae, MusicVae)


def first_network(
    recipe: SynVaeRecipe | ReverseRecipe, build: Callable[[], First], load: Callable[[str], First]
) -> First:
    """The network that the recipe starts from, or a fresh one; CheckpointError if it has another shape."""
    if recipe.start_from is None:
        return build()
    network = load(recipe.start_from)
    if network.config != recipe.model:
        raise CheckpointError(
            f"{recipe.start_from} has another shape ({network.config}) than the recipe's model "
            f"({recipe.model}): make them the same, or set start_from: null."
        )
    return network


Pictured = TypeVar("Pictured", bound=PictureRecipe)


class Seen(NamedTuple):
    """A batch of images (B, C, H, W) with their classes (B,)."""

    images: Tensor
    labels: Tensor


class PictureTask(Generic[Pictured]):
    """Images of the recipe's data; a step of None is validation, with everything at its full strength."""

    validation_limit: int | None = None

    def __init__(self, recipe: Pictured, device: torch.device = CPU) -> None:
        self.recipe, self.device = recipe, device
        self.train, self.held_out = (Pictures(opened(recipe, split), device) for split in SPLITS)
        self.examples = len(self.train)

    def _objective(self, seen: Seen, step: int | None, noise: Source) -> tuple[Tensor, Parts]:
        raise NotImplementedError

    def inputs(self) -> dict[str, str]:
        return {self.recipe.data: digest_of("\n".join(self.train.source.ids).encode())}

    def names(self, chosen: Tensor) -> tuple[str, ...]:
        return self.train.names(chosen)

    def expect(self, chosen: Tensor, step: int) -> None:
        self.train.expect(chosen, epoch_of(self.examples, self.recipe, step))

    def loss(self, chosen: Tensor, step: int, noise: Source) -> tuple[Tensor, Parts]:
        images = self.train.batch(chosen, epoch_of(self.examples, self.recipe, step))
        return self._objective(Seen(images, self.train.labels(chosen)), step, noise)

    @torch.no_grad()
    def validate(self) -> Figures:
        kept = torch.arange(len(self.held_out))[: self.validation_limit]
        batches, generator, rows = kept.split(VALIDATION_BATCH), seeded(1), []
        for batch in batches:
            seen = Seen(self.held_out.batch(batch), self.held_out.labels(batch))
            rows.append(self._objective(seen, None, generator)[1])
        return average(rows, [len(batch) for batch in batches])


class VisVaeTask(PictureTask[VisVaeRecipe]):
    """VisVAE: the image is decoded from its own latent."""

    def __init__(self, recipe: VisVaeRecipe, device: torch.device = CPU) -> None:
        super().__init__(recipe, device)
        self.network = _placed(VisVae(recipe.model), device)

    def _objective(self, seen: Seen, step: int | None, noise: Source) -> tuple[Tensor, Parts]:
        image, mean, logvar = self.network(seen.images, noise)
        parts = loss(seen.images, image, mean, logvar, _beta(self.recipe, step))
        return parts.total, _figures(*parts)

    def export(self) -> tuple[Stored, dict[str, Tensor]]:
        return StoredVisVae(model=self.recipe.model, data=self.recipe.data), self.network.state_dict()


class SynVaeTask(PictureTask[SynVaeRecipe]):
    """SynVAE: the image is decoded from the latent of the melody that its own latent plays."""

    validation_limit = 2000

    def __init__(self, recipe: SynVaeRecipe, device: torch.device = CPU) -> None:
        super().__init__(recipe, device)
        first = first_network(recipe, lambda: VisVae(recipe.model), load_visvae)
        self.network = _placed(first, device)
        self.synvae = SynVae(self.network, load_musicvae(recipe.music).to(device), recipe.relaxation)
        if recipe.align:
            align(self.network, self.train.batch(torch.arange(min(2000, self.examples))), self.synvae.music)

    def inputs(self) -> dict[str, str]:
        return super().inputs() | {self.recipe.music: weights_digest(model_folder(self.recipe.music))}

    def _translate(self, images: Tensor, step: int | None, noise: Source) -> Translation:
        translation: Translation = self.synvae(
            images,
            noise,
            choose=self._choice(step, noise),
            temperature=temperature(self.recipe, step or 0),
            sample_heard=self.recipe.sample_heard,
        )
        return translation

    def _choice(self, step: int | None, noise: Source) -> Choice:
        if self.recipe.choose == "drawn":
            return drawn(generator=noise)
        if self.recipe.relaxation == "gumbel" and step is not None:
            return GumbelChoice(noise)
        return most_likely  # what is exported

    def _objective(self, seen: Seen, step: int | None, noise: Source) -> tuple[Tensor, Parts]:
        end = self._translate(seen.images, step, noise)
        parts = self.synvae.loss(seen.images, end, _beta(self.recipe, step))
        distance = (end.heard_mean - end.mean).square().sum(dim=1).mean()  # (B, Z) -> ()
        total = parts.total + self.recipe.consistency * distance if self.recipe.consistency else parts.total
        return total, {**_figures(total, parts.reconstruction, parts.kl), "distance": distance.detach()}

    def export(self) -> tuple[Stored, dict[str, Tensor]]:
        stored = StoredSynVae(
            model=self.recipe.model,
            data=self.recipe.data,
            music=self.recipe.music,
            music_digest=weights_digest(model_folder(self.recipe.music)),
            relaxation=self.recipe.relaxation,
        )
        return stored, self.network.state_dict()


def _placed(network: VisVae, device: torch.device) -> VisVae:
    """The network on its device, in the memory order that convolutions like best."""
    placed: VisVae = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return placed


def _beta(recipe: VisVaeRecipe | SynVaeRecipe, step: int | None) -> float:
    return recipe.beta if step is None else ramped(recipe.beta, recipe.beta_ramp, step)


def _figures(total: Tensor, reconstruction: Tensor, kl: Tensor) -> Parts:
    return {"loss": total.detach(), "mse": reconstruction.detach(), "kl": kl.detach()}
