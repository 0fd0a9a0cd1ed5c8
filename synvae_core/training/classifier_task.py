"""The classifier of originals in training: cross-entropy on logits, batches shifted by a pixel."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from synvae_core import data
from synvae_core.classifier import Classifier, ClassifierConfig, accuracy, shifted
from synvae_core.noise import Source
from synvae_core.training.config import ClassifierRecipe
from synvae_core.training.models import Stored
from synvae_core.training.tasks import Figures
from synvae_core.visvae import channels_first


class ClassifierTask:
    """Images of a data set with their labels, which may be those of a researcher's own folder."""

    def __init__(self, recipe: ClassifierRecipe) -> None:
        train = data.load(recipe.data, "train", shape=recipe.model.image_shape)
        self.held_out = data.load(recipe.data, "validation", shape=recipe.model.image_shape)
        self.images, self.labels = channels_first(train.pixels), torch.from_numpy(train.labels)
        self.recipe, self.examples, self.ids = recipe, len(train), train.ids
        config = ClassifierConfig(model=recipe.model, data=recipe.data, class_names=train.class_names)
        self.network = Classifier(config)

    def names(self, chosen: Tensor) -> tuple[str, ...]:
        return tuple(self.ids[index] for index in chosen.tolist())

    def loss(self, chosen: Tensor, step: int, noise: Source) -> tuple[Tensor, Figures]:
        images = shifted(self.images[chosen], self.recipe.shift, noise)
        nats = cross_entropy(self.network(images), self.labels[chosen])
        return nats, {"loss": float(nats.detach())}

    @torch.no_grad()
    def validate(self) -> Figures:
        images, labels = channels_first(self.held_out.pixels), self.held_out.labels
        nats = cross_entropy(self.network(images), torch.from_numpy(np.asarray(labels)))
        return {"loss": float(nats), "accuracy": accuracy(self.network, images, labels)}

    def export(self) -> tuple[Stored, dict[str, Tensor]]:
        return self.network.config, self.network.state_dict()
