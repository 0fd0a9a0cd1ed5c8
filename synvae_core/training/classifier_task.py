"""The classifier of originals in training: cross-entropy on logits, images jittered."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from synvae_core.classifier import Classifier, ClassifierConfig, Jitter
from synvae_core.noise import Source
from synvae_core.training.config import ClassifierRecipe
from synvae_core.training.device import CPU
from synvae_core.training.models import Stored
from synvae_core.training.tasks import Parts, PictureTask, Seen


class ClassifierTask(PictureTask[ClassifierRecipe]):
    """Images of a data set with their labels, which may be those of a researcher's own folder."""

    def __init__(self, recipe: ClassifierRecipe, device: torch.device = CPU) -> None:
        super().__init__(recipe, device)
        names = self.train.source.class_names
        config = ClassifierConfig(model=recipe.model, data=recipe.data, class_names=names)
        self.network = Classifier(config).to(device)
        self.jitter = Jitter(recipe.shift, recipe.turn, recipe.zoom)

    def _objective(self, seen: Seen, step: int | None, noise: Source) -> tuple[Tensor, Parts]:
        held_out = step is None
        logits = self.network(seen.images if held_out else self.jitter(seen.images, noise))
        nats = cross_entropy(logits, seen.labels)
        figures = {"loss": nats.detach()}
        if held_out:
            figures["accuracy"] = (logits.argmax(dim=1) == seen.labels).float().mean()
        return nats, figures

    def export(self) -> tuple[Stored, dict[str, Tensor]]:
        return self.network.config, self.network.state_dict()
