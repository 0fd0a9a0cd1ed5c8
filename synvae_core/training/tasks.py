"""What the one training loop needs to know of the models, and the two that are trained on pictures."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn

from synvae_core import data
from synvae_core.musicvae.decoders import Choice
from synvae_core.musicvae.model import drawn, most_likely
from synvae_core.noise import Source, seeded
from synvae_core.relaxation import GumbelChoice
from synvae_core.synvae import SynVae, Translation
from synvae_core.training.checkpoint import CheckpointError
from synvae_core.training.config import SynVaeRecipe, VisVaeRecipe
from synvae_core.training.models import (
    Stored,
    StoredSynVae,
    StoredVisVae,
    load_musicvae,
    load_visvae,
    model_folder,
    weights_digest,
)
from synvae_core.training.schedule import ramped, temperature
from synvae_core.visvae import VisVae, channels_first, loss

Figures = dict[str, float]
VALIDATION_BATCH = 500


class Task(Protocol):
    """A model in training on `examples` examples."""

    examples: int

    @property
    def network(self) -> nn.Module:
        """What a checkpoint must keep to go on exactly."""

    def names(self, chosen: Tensor) -> tuple[str, ...]:
        """The ids of the examples at the indices `chosen` (B,)."""

    def loss(self, chosen: Tensor, step: int, noise: Source) -> tuple[Tensor, Figures]:
        """The loss of the examples at the indices `chosen` (B,), and figures to log."""

    def validate(self) -> Figures:
        """Figures on held-out data; the one called "loss" chooses the best checkpoint."""

    def export(self) -> tuple[Stored, dict[str, Tensor]]:
        """The model as it is used, without what only training needed."""


def average(rows: list[Figures], sizes: list[int]) -> Figures:
    """The mean of each figure over batches of these sizes."""
    return {k: sum(r[k] * n for r, n in zip(rows, sizes, strict=True)) / sum(sizes) for k in rows[0]}


class _PictureTask:
    """Images of a named data set; a step of None is validation, with everything at its full strength."""

    validation_limit: int | None = None

    def __init__(self, name: str, shape: tuple[int, int, int]) -> None:
        train = data.load(name, "train", shape=shape)
        self.ids, self.train = train.ids, channels_first(train.pixels)
        self.held_out = channels_first(data.load(name, "validation", shape=shape).pixels)[
            : self.validation_limit
        ]
        self.examples = len(self.train)

    def _objective(self, images: Tensor, step: int | None, noise: Source) -> tuple[Tensor, Figures]:
        raise NotImplementedError

    def names(self, chosen: Tensor) -> tuple[str, ...]:
        return tuple(self.ids[index] for index in chosen.tolist())

    def loss(self, chosen: Tensor, step: int, noise: Source) -> tuple[Tensor, Figures]:
        return self._objective(self.train[chosen], step, noise)

    @torch.no_grad()
    def validate(self) -> Figures:
        batches, generator = self.held_out.split(VALIDATION_BATCH), seeded(1)
        rows = [self._objective(batch, None, generator)[1] for batch in batches]
        return average(rows, [len(batch) for batch in batches])


class VisVaeTask(_PictureTask):
    """VisVAE: the image is decoded from its own latent."""

    def __init__(self, recipe: VisVaeRecipe) -> None:
        super().__init__(recipe.data, recipe.model.image_shape)
        self.recipe = recipe
        self.network = VisVae(recipe.model).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def _objective(self, images: Tensor, step: int | None, noise: Source) -> tuple[Tensor, Figures]:
        image, mean, logvar = self.network(images, noise)
        parts = loss(images, image, mean, logvar, _beta(self.recipe, step))
        return parts.total, _figures(*parts)

    def export(self) -> tuple[Stored, dict[str, Tensor]]:
        return StoredVisVae(model=self.recipe.model, data=self.recipe.data), self.network.state_dict()


class SynVaeTask(_PictureTask):
    """SynVAE: the image is decoded from the latent of the melody that its own latent plays."""

    validation_limit = 2000

    def __init__(self, recipe: SynVaeRecipe) -> None:
        super().__init__(recipe.data, recipe.model.image_shape)
        self.recipe = recipe
        self.network = self._first_network(recipe)
        self.synvae = SynVae(self.network, load_musicvae(recipe.music), recipe.relaxation)

    @staticmethod
    def _first_network(recipe: SynVaeRecipe) -> VisVae:
        if recipe.start_from is None:
            return VisVae(recipe.model)
        network = load_visvae(recipe.start_from)
        if network.config != recipe.model:
            raise CheckpointError(
                f"{recipe.start_from} has another shape ({network.config}) than the recipe's model "
                f"({recipe.model}): make them the same, or leave out start_from."
            )
        return network

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

    def _objective(self, images: Tensor, step: int | None, noise: Source) -> tuple[Tensor, Figures]:
        end = self._translate(images, step, noise)
        parts = loss(images, end.image, end.mean, end.logvar, _beta(self.recipe, step))
        distance = (end.heard_mean - end.mean).square().sum(dim=1).mean()  # (B, Z) -> ()
        total = parts.total + self.recipe.consistency * distance if self.recipe.consistency else parts.total
        return total, {**_figures(total, parts.reconstruction, parts.kl), "distance": distance.item()}

    def export(self) -> tuple[Stored, dict[str, Tensor]]:
        stored = StoredSynVae(
            model=self.recipe.model,
            data=self.recipe.data,
            music=self.recipe.music,
            music_digest=weights_digest(model_folder(self.recipe.music)),
            relaxation=self.recipe.relaxation,
        )
        return stored, self.network.state_dict()


def _beta(recipe: VisVaeRecipe | SynVaeRecipe, step: int | None) -> float:
    return recipe.beta if step is None else ramped(recipe.beta, recipe.beta_ramp, step)


def _figures(total: Tensor, reconstruction: Tensor, kl: Tensor) -> Figures:
    return {"loss": total.item(), "mse": reconstruction.item(), "kl": kl.item()}
