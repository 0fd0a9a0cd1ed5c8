"""The judge of reconstructions: the visual encoder's convolutions and one softmax layer (paper, section 2.2).

It is trained on original images and then asked what it sees in reconstructed ones. The original code applied
softmax twice (once in the net, once in its loss); here the net gives logits and the loss applies it once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from synvae_core.noise import Source, uniform
from synvae_core.visvae import ImageFeatures, VisVaeConfig, keras_init


class ClassifierConfig(BaseModel):
    """Everything that rebuilds a Classifier: the visual net whose convolutions it has, and its classes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["classifier"] = "classifier"
    model: VisVaeConfig = VisVaeConfig()
    data: str = "mnist"
    class_names: tuple[str, ...] = Field(min_length=2)


class Classifier(nn.Module):
    """(B, C, H, W) in [0, 1] -> logits (B, classes)."""

    def __init__(self, config: ClassifierConfig) -> None:
        super().__init__()
        self.config = config
        self.features = ImageFeatures(config.model)
        self.head = nn.Linear(self.features.size, len(config.class_names))
        self.apply(keras_init)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(x))
        return logits

    @torch.no_grad()
    def predict(self, x: Tensor, batch: int = 1000) -> Tensor:
        """The likeliest class of each image: (N, C, H, W) -> (N,) int64."""
        return torch.cat([self(part).argmax(dim=1) for part in x.split(batch)])


def accuracy(model: Classifier, images: Tensor, labels: NDArray[np.int64]) -> float:
    """Share of images (N, C, H, W) in which the classifier sees their label (N,)."""
    return float((model.predict(images) == torch.from_numpy(labels)).float().mean())


@dataclass(frozen=True)
class Jitter:
    """How far images are moved, turned and zoomed at most: pixels, degrees, share of their size."""

    shift: float = 0
    turn: float = 0
    zoom: float = 0

    def __call__(self, x: Tensor, source: Source) -> Tensor:
        """Each image (B, C, H, W) moved, turned and zoomed by as much as chance says, its edges repeated."""
        if not (self.shift or self.turn or self.zoom):
            return x
        angle, size, across, down = (2 * uniform(x.new_empty(len(x), 4), source) - 1).T
        angle, size = angle * math.radians(self.turn), 1 + size * self.zoom
        sine, cosine = size * angle.sin(), size * angle.cos()
        height, width = x.shape[2:]
        rows = (cosine, -sine, across * 2 * self.shift / width, sine, cosine, down * 2 * self.shift / height)
        affine = torch.stack(rows, dim=1).view(-1, 2, 3)
        grid = functional.affine_grid(affine, list(x.shape), align_corners=False)
        return functional.grid_sample(x, grid, padding_mode="border", align_corners=False)
