"""The judge of reconstructions: the visual encoder's convolutions and one softmax layer (paper, section 2.2).

It is trained on original images and then asked what it sees in reconstructed ones. The original code applied
softmax twice (once in the net, once in its loss); here the net gives logits and the loss applies it once.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from synvae_core.noise import Source, common
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


def shifted(x: Tensor, pixels: int, source: Source) -> Tensor:
    """The whole batch (B, C, H, W) moved by -pixels..pixels in each axis, its edges repeated."""
    down, right = torch.randint(0, 2 * pixels + 1, (2,), generator=common(source)).tolist()
    padded = functional.pad(x, (pixels,) * 4, mode="replicate")
    return padded[..., down : down + x.shape[2], right : right + x.shape[3]]
