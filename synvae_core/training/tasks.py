"""What the one training loop needs to know of the three models."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Generator, Tensor, nn

from synvae_core import data
from synvae_core.musicvae.model import drawn, most_likely
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
from synvae_core.visvae import Loss, VisVae, channels_first, loss

Figures = dict[str, float]
VALIDATION_BATCH = 500


class Task(Protocol):
    """A model in training on `examples` examples."""

    examples: int

    @property
    def network(self) -> nn.Module:
        """What a checkpoint must keep to go on exactly."""

    def loss(self, chosen: Tensor, step: int, generator: Generator) -> tuple[Tensor, Figures]:
        """The loss of the examples at the indices `chosen` (B,), and figures to log."""

    def validate(self) -> Figures:
        """Figures on held-out data; the one called "loss" chooses the best checkpoint."""

    def export(self) -> tuple[Stored, dict[str, Tensor]]:
        """The model as it is used, without what only training needed."""


def seeded(seed: int) -> Generator:
    """A generator of its own, so that noise depends on the seed alone."""
    return Generator().manual_seed(seed)


def average(rows: list[Figures], sizes: list[int]) -> Figures:
    """The mean of each figure over batches of these sizes."""
    return {k: sum(r[k] * n for r, n in zip(rows, sizes, strict=True)) / sum(sizes) for k in rows[0]}


def _figures(parts: Loss) -> Figures:
    return {"loss": float(parts.total), "mse": float(parts.reconstruction), "kl": float(parts.kl)}


class _PictureTask:
    """Images of a named data set, and equation 1 over whatever path `_reconstruct` takes."""

    network: VisVae
    validation_limit: int | None = None

    def __init__(self, name: str, shape: tuple[int, int, int], beta: float) -> None:
        self.train = channels_first(data.load(name, "train", shape=shape).pixels)
        self.held_out = channels_first(data.load(name, "validation", shape=shape).pixels)[
            : self.validation_limit
        ]
        self.examples, self.beta = len(self.train), beta

    def _reconstruct(self, images: Tensor, generator: Generator) -> tuple[Tensor, Tensor, Tensor]:
        raise NotImplementedError

    def _loss(self, images: Tensor, generator: Generator) -> Loss:
        return loss(images, *self._reconstruct(images, generator), self.beta)

    def loss(self, chosen: Tensor, step: int, generator: Generator) -> tuple[Tensor, Figures]:
        parts = self._loss(self.train[chosen], generator)
        return parts.total, _figures(Loss(*(part.detach() for part in parts)))

    @torch.no_grad()
    def validate(self) -> Figures:
        batches, generator = self.held_out.split(VALIDATION_BATCH), seeded(1)
        rows = [_figures(self._loss(batch, generator)) for batch in batches]
        return average(rows, [len(batch) for batch in batches])


class VisVaeTask(_PictureTask):
    """VisVAE: the image is decoded from its own latent."""

    def __init__(self, recipe: VisVaeRecipe) -> None:
        super().__init__(recipe.data, recipe.model.image_shape, recipe.beta)
        self.recipe = recipe
        self.network = VisVae(recipe.model).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def _reconstruct(self, images: Tensor, generator: Generator) -> tuple[Tensor, Tensor, Tensor]:
        image, mean, logvar = self.network(images, generator)
        return image, mean, logvar

    def export(self) -> tuple[Stored, dict[str, Tensor]]:
        return StoredVisVae(model=self.recipe.model, data=self.recipe.data), self.network.state_dict()


class SynVaeTask(_PictureTask):
    """SynVAE: the image is decoded from the latent of the melody that its own latent plays."""

    validation_limit = 2000

    def __init__(self, recipe: SynVaeRecipe) -> None:
        super().__init__(recipe.data, recipe.model.image_shape, recipe.beta)
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

    def _translate(self, images: Tensor, generator: Generator) -> Translation:
        translation: Translation = self.synvae(
            images,
            generator,
            choose=drawn(generator=generator) if self.recipe.choose == "drawn" else most_likely,
            temperature=self.recipe.temperature,
            sample_heard=self.recipe.sample_heard,
        )
        return translation

    def _reconstruct(self, images: Tensor, generator: Generator) -> tuple[Tensor, Tensor, Tensor]:
        translation = self._translate(images, generator)
        return translation.image, translation.mean, translation.logvar

    def export(self) -> tuple[Stored, dict[str, Tensor]]:
        stored = StoredSynVae(
            model=self.recipe.model,
            data=self.recipe.data,
            music=self.recipe.music,
            music_digest=weights_digest(model_folder(self.recipe.music)),
            relaxation=self.recipe.relaxation,
        )
        return stored, self.network.state_dict()
