"""The judge of reconstructions: the visual encoder's convolutions and one softmax layer (paper, section 2.2).

It is trained on original images and then asked what it sees in reconstructed ones. The original code applied
softmax twice (once in the net, once in its loss); here the net gives logits and the loss applies it once.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor, nn
from torch.nn import functional

from synvae_core.data import ImageSet
from synvae_core.errors import SynvaeError
from synvae_core.training.checkpoint import CheckpointError, half, load_tensors, save_tensors, write_whole
from synvae_core.training.models import model_folder
from synvae_core.visvae import LAYOUTS, ImageFeatures, VisVaeConfig, channels_first, keras_init


class ClassifierError(SynvaeError):
    """A classifier cannot be trained on these images."""


class ClassifierConfig(BaseModel):
    """Everything that rebuilds a Classifier: the visual net whose convolutions it has, and its classes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["classifier"] = "classifier"
    net: VisVaeConfig = VisVaeConfig()
    class_names: tuple[str, ...] = Field(min_length=2)


class Classifier(nn.Module):
    """(B, C, H, W) in [0, 1] -> logits (B, classes)."""

    def __init__(self, config: ClassifierConfig) -> None:
        super().__init__()
        self.config = config
        self.features = ImageFeatures(config.net)
        self.head = nn.Linear(self.features.size, len(config.class_names))
        self.apply(keras_init)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(x))
        return logits

    @torch.no_grad()
    def predict(self, x: Tensor, batch: int = 1000) -> Tensor:
        """The likeliest class of each image: (N, C, H, W) -> (N,) int64."""
        return torch.cat([self(part).argmax(dim=1) for part in x.split(batch)])


def train_classifier(
    images: ImageSet,
    *,
    net: VisVaeConfig | None = None,
    epochs: int = 8,
    batch: int = 200,
    learning_rate: float = 3e-3,
    seed: int = 0,
    progress: Callable[[int, float], None] = lambda epoch, loss: None,
) -> Classifier:
    """A classifier of these images, the same for the same seed and number of threads.

    Adam with a rate that falls linearly to nothing, each batch shifted by at most one pixel (worth .3 points
    on MNIST's validation images); the net of the images' shape unless `net` names one.
    `progress` is told (epoch from 1, mean cross-entropy in nats) after each pass.
    Raises ClassifierError when there are fewer than two classes or the net reads another shape.
    """
    config = _config_for(images, net)
    # Only the first weights come from the global generator, so it is forked and given back as it was.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Classifier(config)
    x, y = channels_first(images.pixels), torch.from_numpy(images.labels)
    optimiser = torch.optim.Adam(model.parameters(), lr=learning_rate)
    steps = epochs * -(-len(images) // batch)
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.0, total_iters=steps)
    generator = torch.Generator().manual_seed(seed)
    for epoch in range(epochs):
        total = 0.0
        for rows in torch.randperm(len(images), generator=generator).split(batch):
            cross_entropy = functional.cross_entropy(model(_shifted(x[rows], generator)), y[rows])
            optimiser.zero_grad()
            cross_entropy.backward()
            optimiser.step()
            schedule.step()
            total += cross_entropy.item() * len(rows)
        progress(epoch + 1, total / len(images))
    return model.eval()


def _shifted(x: Tensor, generator: torch.Generator) -> Tensor:
    """The whole batch (B, C, H, W) moved by -1, 0 or 1 pixels in each axis, its edges repeated."""
    down, right = torch.randint(0, 3, (2,), generator=generator).tolist()
    padded = functional.pad(x, (1, 1, 1, 1), mode="replicate")
    return padded[..., down : down + x.shape[2], right : right + x.shape[3]]


def _config_for(images: ImageSet, net: VisVaeConfig | None) -> ClassifierConfig:
    shape = images.pixels.shape[1:]
    nets = [net] if net else [VisVaeConfig(kind=kind) for kind in LAYOUTS]
    fitting = [config for config in nets if config.image_shape == shape]
    if not fitting:
        raise ClassifierError(
            f"No net reads images of shape {shape}; load them as 28x28x1, 32x32x3 or 64x64x3."
        )
    if len(images.class_names) < 2:
        raise ClassifierError("A classifier needs images of at least two classes.")
    return ClassifierConfig(net=fitting[0], class_names=images.class_names)


def accuracy(model: Classifier, images: Tensor, labels: NDArray[np.int64]) -> float:
    """Share of images (N, C, H, W) in which the classifier sees their label (N,)."""
    return float((model.predict(images) == torch.from_numpy(labels)).float().mean())


def save_classifier(model: Classifier, folder: Path) -> None:
    """Writes model.safetensors (float16, about 80 kB for MNIST) and config.json."""
    save_tensors(folder / "model.safetensors", half(model.state_dict()))
    write_whole(folder / "config.json", (model.config.model_dump_json(indent=1) + "\n").encode())


def load_classifier(name_or_path: str | Path = "classifier-mnist") -> Classifier:
    """A classifier from a folder, or a shipped one by its name.

    Raises CheckpointError when there is none, or its files are damaged or do not fit each other.
    """
    folder = model_folder(name_or_path)
    try:
        config = ClassifierConfig.model_validate_json((folder / "config.json").read_bytes())
        model = Classifier(config)
        tensors, _ = load_tensors(folder / "model.safetensors")
        model.load_state_dict({name: value.float() for name, value in tensors.items()})
    except (ValidationError, RuntimeError) as error:
        raise CheckpointError(f"{folder} does not hold a classifier of this version: {error}") from None
    return model.eval()
