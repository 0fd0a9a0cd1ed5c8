"""SynVAE the other way round in training: melodies of the corpus through pictures, and back."""

from __future__ import annotations

import torch
from torch import Tensor

from synvae_core.corpus import load_corpus
from synvae_core.melody.vocabulary import STEPS_PER_BAR
from synvae_core.musicvae.model import MusicVae
from synvae_core.noise import Source, seeded
from synvae_core.synvae import SynVae
from synvae_core.training.config import ReverseRecipe
from synvae_core.training.device import CPU
from synvae_core.training.models import (
    Stored,
    StoredReverse,
    load_musicvae,
    load_visvae,
    model_folder,
    weights_digest,
)
from synvae_core.training.schedule import ramped
from synvae_core.training.tasks import Figures, Parts, average, digest_of, first_network

VALIDATED = 2000
VALIDATION_BATCH = 500


class ReverseTask:
    """A MusicVAE is trained around a frozen VisVAE: melody, latent, picture, latent, melody."""

    def __init__(self, recipe: ReverseRecipe, device: torch.device = CPU) -> None:
        self.recipe, self.device = recipe, device
        corpus = load_corpus(recipe.model.steps // STEPS_PER_BAR)
        self.train = torch.from_numpy(corpus.train).long().to(device)
        self.held_out = torch.from_numpy(corpus.validation[:VALIDATED]).long().to(device)
        self.examples = len(self.train)
        self.network = first_network(recipe, lambda: MusicVae(recipe.model), load_musicvae).to(device)
        self.synvae = SynVae(self.network, load_visvae(recipe.pictures).to(device))

    def inputs(self) -> dict[str, str]:
        pictures = self.recipe.pictures
        corpus = digest_of(self.train.cpu().numpy().tobytes())
        return {"the corpus": corpus, pictures: weights_digest(model_folder(pictures))}

    def names(self, chosen: Tensor) -> tuple[str, ...]:
        return tuple(f"corpus-train-{index:06d}" for index in chosen.tolist())

    def expect(self, chosen: Tensor, step: int) -> None:
        pass  # all of the corpus is in memory

    def loss(self, chosen: Tensor, step: int, noise: Source) -> tuple[Tensor, Parts]:
        beta = ramped(self.recipe.beta, self.recipe.beta_ramp, step)
        return self._objective(self.train[chosen.to(self.device)], beta, noise)

    def _objective(self, melodies: Tensor, beta: float, noise: Source) -> tuple[Tensor, Parts]:
        end = self.synvae(melodies, noise, sample_heard=self.recipe.sample_heard)
        parts = self.synvae.loss(melodies, end, beta)
        figures = {"loss": parts.total, "cross_entropy": parts.reconstruction, "kl": parts.kl}
        return parts.total, {name: figure.detach() for name, figure in figures.items()}

    @torch.no_grad()
    def validate(self) -> Figures:
        batches, generator = self.held_out.split(VALIDATION_BATCH), seeded(1)
        rows = [self._objective(batch, self.recipe.beta, generator)[1] for batch in batches]
        return average(rows, [len(batch) for batch in batches])

    def export(self) -> tuple[Stored, dict[str, Tensor]]:
        digest = weights_digest(model_folder(self.recipe.pictures))
        stored = StoredReverse(model=self.recipe.model, pictures=self.recipe.pictures, pictures_digest=digest)
        return stored, self.network.state_dict()
