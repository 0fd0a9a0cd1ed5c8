"""Images of a source as the nets read them, on the device where they are trained."""

from __future__ import annotations

import torch
from torch import Tensor

from synvae_core import data
from synvae_core.data import ImageSet, ImageSource
from synvae_core.training.config import ClassifierRecipe, PictureRecipe
from synvae_core.training.device import CPU
from synvae_core.visvae import channels_first


def opened(recipe: PictureRecipe, split: str) -> ImageSource:
    """A split of a recipe's images, in memory or read from disk; only a classifier needs several classes.

    Raises DataError.
    """
    shape = recipe.model.image_shape
    fewest = 2 if isinstance(recipe, ClassifierRecipe) else 1
    if recipe.streams:
        return data.stream(
            recipe.data, split, shape=shape, vary=recipe.vary, seed=recipe.seed, fewest_classes=fewest
        )
    return data.load(recipe.data, split, shape=shape, fewest_classes=fewest)


class Pictures:
    """Batches of an image source; a set that is in memory is moved to the device once and for all."""

    def __init__(self, source: ImageSource, device: torch.device = CPU) -> None:
        self.source, self.device = source, device
        self.held = channels_first(source.pixels).to(device) if isinstance(source, ImageSet) else None

    def __len__(self) -> int:
        return len(self.source)

    def names(self, chosen: Tensor) -> tuple[str, ...]:
        """The ids of the images at the indices `chosen` (B,)."""
        ids = self.source.ids
        return tuple(ids[index] for index in chosen.tolist())

    def batch(self, chosen: Tensor, epoch: int | None = None) -> Tensor:
        """The images (B, C, H, W) at the indices `chosen` (B,), varied as the pass `epoch` wants them."""
        if self.held is not None:
            return self.held[chosen.to(self.device)]
        pixels = self.source.read(chosen.numpy(), epoch=epoch)
        return channels_first(pixels).to(self.device, non_blocking=True)

    def expect(self, chosen: Tensor, epoch: int | None = None) -> None:
        """Say which images are wanted next, so that those on disk can be read meanwhile."""
        if self.held is None:
            self.source.prefetch(chosen.numpy(), epoch=epoch)

    def labels(self, chosen: Tensor) -> Tensor:
        """The classes (B,) of the images at the indices `chosen`."""
        return torch.from_numpy(self.source.labels[chosen.numpy()]).to(self.device)
