"""The visual variational autoencoder: three convolutional nets and the loss of the paper's equation 1.

The nets are those of the original without the 4096x4096 layer that its colour encoders build and never use.
Padding, the order of the flattened features and the first weights follow Keras, so that its weights fit in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor, nn
from torch.nn import functional

from synvae_core.modality import Manner, Posterior
from synvae_core.noise import Source, normal
from synvae_core.precision import convolutions

Kind = Literal["mnist", "cifar", "bam"]


@dataclass(frozen=True)
class Layout:
    """What sets a kind's net apart; `image` is (height, width, channels), `widths` the channels per layer."""

    image: tuple[int, int, int]
    widths: tuple[int, ...]
    same_padding: bool
    last_kernel: int


LAYOUTS: dict[Kind, Layout] = {
    "mnist": Layout((28, 28, 1), (32, 64), same_padding=False, last_kernel=3),
    "cifar": Layout((32, 32, 3), (64, 128, 256), same_padding=True, last_kernel=1),
    "bam": Layout((64, 64, 3), (64, 128, 128, 256), same_padding=True, last_kernel=1),
}


class VisVaeConfig(BaseModel):
    """Everything that rebuilds a VisVae; travels as JSON beside its weights.

    `widths` are the encoder's channels, one per layer of the kind; the decoder mirrors them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind = "mnist"
    latent: int = Field(default=512, gt=0)
    widths: tuple[int, ...] | None = None

    @model_validator(mode="after")
    def _one_width_per_layer(self) -> Self:
        layers = len(LAYOUTS[self.kind].widths)
        if self.widths is not None and (len(self.widths) != layers or min(self.widths) < 1):
            raise ValueError(f"widths of a {self.kind} net are {layers} positive numbers, not {self.widths}")
        return self

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of the images that this net reads."""
        return LAYOUTS[self.kind].image

    @property
    def channels(self) -> tuple[int, ...]:
        """The encoder's channels per layer."""
        return self.widths or LAYOUTS[self.kind].widths


class SameConv2d(nn.Conv2d):
    """Stride-2, kernel-3 convolution of pictures that are turned around, with Keras' 'same' padding.

    On even sizes Keras pads nothing before and one row and column after. Torch pads both sides, and stride 2
    leaves the padding after unused: on pictures turned by 180 degrees that is Keras' padding, with no copy.
    """

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W) -> (B, C', H/2, W/2)
        return functional.conv2d(x, turned(self.weight), self.bias, stride=2, padding=1)


class DoublingConv2d(nn.ConvTranspose2d):
    """Stride-2, kernel-3 transposed convolution of pictures turned around, with Keras' 'same' padding.

    Keras cuts the last row and column of its 2H + 1; torch can only cut before, which is after once turned.
    """

    def forward(
        self, x: Tensor, output_size: list[int] | None = None
    ) -> Tensor:  # (B, C, H, W) -> (B, C', 2H, 2W)
        return functional.conv_transpose2d(
            x, turned(self.weight), self.bias, stride=2, padding=1, output_padding=1
        )


def turned(x: Tensor) -> Tensor:
    """Pictures or kernels (..., H, W) turned by 180 degrees."""
    return x.flip(-2, -1)


class ImageFeatures(nn.Module):
    """The encoder's convolutions, which the classifier shares: (B, C, H, W) -> (B, size), in HWC order."""

    def __init__(self, config: VisVaeConfig) -> None:
        super().__init__()
        layout = LAYOUTS[config.kind]
        self.turns = layout.same_padding
        convolution = SameConv2d if self.turns else nn.Conv2d
        inputs = (layout.image[2], *config.channels[:-1])
        self.layers = nn.ModuleList(
            convolution(i, o, kernel_size=3, stride=2) for i, o in zip(inputs, config.channels, strict=True)
        )
        side = layout.image[0]
        for _ in config.channels:
            side = side // 2 if layout.same_padding else (side - 1) // 2
        self.size = side * side * config.channels[-1]

    def forward(self, x: Tensor) -> Tensor:
        x = turned(x) if self.turns else x
        for layer in self.layers:
            x = layer(x).relu()
        x = turned(x) if self.turns else x
        return x.permute(0, 2, 3, 1).flatten(1)


class ImageDecoder(nn.Module):
    """(B, latent) -> (B, C, H, W) in [0, 1]: one dense layer, doublings, a last transposed convolution."""

    def __init__(self, config: VisVaeConfig) -> None:
        super().__init__()
        layout = LAYOUTS[config.kind]
        widths = config.channels[::-1]
        # The original's MNIST decoder starts with its narrowest channels, the colour ones with their widest.
        self.base = widths[0] if layout.same_padding else widths[-1]
        self.side = layout.image[0] // 2 ** len(widths)
        self.dense = nn.Linear(config.latent, self.side**2 * self.base)
        inputs = (self.base, *widths[:-1])
        self.layers = nn.ModuleList(
            DoublingConv2d(i, o, kernel_size=3, stride=2) for i, o in zip(inputs, widths, strict=True)
        )
        self.padding = layout.last_kernel // 2
        self.last = nn.ConvTranspose2d(widths[-1], layout.image[2], layout.last_kernel)

    def forward(self, z: Tensor) -> Tensor:
        x = turned(self.dense(z).relu().view(-1, self.side, self.side, self.base).permute(0, 3, 1, 2))
        for layer in self.layers:
            x = layer(x).relu()
        x = functional.conv_transpose2d(x, turned(self.last.weight), self.last.bias, padding=self.padding)
        return turned(torch.sigmoid(x))


class VisVae(nn.Module):
    """Visual VAE: `encode` gives the posterior's mean and log-variance, `decode` an image in [0, 1]."""

    def __init__(self, config: VisVaeConfig) -> None:
        super().__init__()
        self.config = config
        self.features = ImageFeatures(config)
        self.mean = nn.Linear(self.features.size, config.latent)
        self.logvar = nn.Linear(self.features.size, config.latent)
        self.decoder = ImageDecoder(config)
        self.apply(keras_init)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, H, W) in [0, 1] -> mean and log-variance of q(z|x), each (B, latent)."""
        with convolutions(x):
            features = self.features(x)
            mean, logvar = self.mean(features), self.logvar(features)
        return mean.to(x.dtype), logvar.to(x.dtype)

    @property
    def latent(self) -> int:
        """The number of latent dimensions."""
        return self.config.latent

    def posterior(self, x: Tensor) -> Posterior:
        """q(z|x) of images (B, C, H, W)."""
        return Posterior(*self.encode(x))

    def express(self, z: Tensor, manner: Manner) -> tuple[Tensor, Tensor]:
        """z (B, latent) -> images (B, C, H, W), twice: they are differentiable as they are seen."""
        image = self.decode(z)
        return image, image

    def rebuild(self, z: Tensor, x: Tensor) -> Tensor:
        """z (B, latent) -> images (B, C, H, W)."""
        return self.decode(z)

    def error(self, x: Tensor, rebuilt: Tensor) -> Tensor:
        """Squared error of each image (B,)."""
        return reconstruction_error(x, rebuilt)

    def sample(self, mean: Tensor, logvar: Tensor, generator: Source = None) -> Tensor:
        """z = mean + exp(logvar / 2) * noise, (B, latent)."""
        return mean + (0.5 * logvar).exp() * normal(mean, generator)

    def decode(self, z: Tensor) -> Tensor:
        """(B, latent) -> (B, C, H, W) in [0, 1]."""
        with convolutions(z):
            image: Tensor = self.decoder(z)
        return image.to(z.dtype)

    def forward(self, x: Tensor, generator: Source = None) -> tuple[Tensor, Tensor, Tensor]:
        """Reconstruction (B, C, H, W) of one sample per image, with the posterior's mean and log-variance."""
        mean, logvar = self.encode(x)
        return self.decode(self.sample(mean, logvar, generator)), mean, logvar


def channels_first(pixels: NDArray[np.float32]) -> Tensor:
    """Pixels of an ImageSet (N, H, W, C) as the nets read them (N, C, H, W).

    Not copied: the memory's order is the one that convolutions on a CPU like best.
    """
    return torch.from_numpy(pixels).permute(0, 3, 1, 2)


def keras_init(module: nn.Module) -> None:
    """Glorot-uniform kernels and zero biases, Keras' defaults, with which the original was trained."""
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


class Loss(NamedTuple):
    """Equation 1, averaged over the batch: total = reconstruction + beta * kl. Scalars."""

    total: Tensor
    reconstruction: Tensor
    kl: Tensor


def reconstruction_error(x: Tensor, y: Tensor) -> Tensor:
    """Squared error summed over the pixels of each image (equation 1, first term): (B, C, H, W) -> (B,)."""
    return (x - y).square().flatten(1).sum(dim=1)


def kl_to_prior(mean: Tensor, logvar: Tensor) -> Tensor:
    """KL(q(z|x) || N(0, I)) in nats, summed over latents (equation 1, second term): (B, D) -> (B,)."""
    return -0.5 * (1 + logvar - mean.square() - logvar.exp()).sum(dim=1)


def loss(x: Tensor, reconstruction: Tensor, mean: Tensor, logvar: Tensor, beta: float) -> Loss:
    """The training objective of VisVAE and of SynVAE (equation 1 of the paper)."""
    error = reconstruction_error(x, reconstruction).mean()
    kl = kl_to_prior(mean, logvar).mean()
    return Loss(error + beta * kl, error, kl)
