"""The original's variables by their Keras names, so that its weights and gradients can be laid beside ours.

Keras numbers layers in the order they were built: conv2d, conv2d_1, ..., dense, dense_1, ... The colour
encoders built one dense layer that nothing uses; it has no counterpart here, so their heads start at dense_1.
Kernels: convolution HWIO, transposed convolution HWOI, dense IO.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from synvae_core.errors import SynvaeError
from synvae_core.visvae import VisVae


class WeightsDoNotFit(SynvaeError):
    """Imported variables are missing or of another shape than the net's."""


def parameters(model: VisVae) -> Iterator[tuple[str, nn.Parameter]]:
    """(Keras variable name such as "conv2d/kernel", our parameter) for every layer that has weights."""
    first_dense = 0 if model.config.kind == "mnist" else 1
    decoder = model.decoder
    yield from _numbered("conv2d", model.features.layers, 0)
    yield from _numbered("dense", (model.mean, model.logvar, decoder.dense), first_dense)
    yield from _numbered("conv2d_transpose", (*decoder.layers, decoder.last), 0)


def _numbered(name: str, layers: Iterable[nn.Module], first: int) -> Iterator[tuple[str, nn.Parameter]]:
    for number, layer in enumerate(layers, first):
        layer_name = f"{name}_{number}" if number else name
        yield f"{layer_name}/kernel", layer.get_parameter("weight")
        yield f"{layer_name}/bias", layer.get_parameter("bias")


def to_keras(kernel: Tensor) -> Tensor:
    """Our kernel (or bias) in Keras' axis order (the same axes serve both kinds of convolution)."""
    return kernel.permute(2, 3, 1, 0) if kernel.ndim == 4 else kernel.t()


def from_keras(kernel: Tensor) -> Tensor:
    """A Keras kernel (or bias) in our axis order."""
    return kernel.permute(3, 2, 0, 1) if kernel.ndim == 4 else kernel.t()


@torch.no_grad()
def import_variables(model: VisVae, variables: Mapping[str, NDArray[np.float32]]) -> None:
    """Fills the net from the original's variables ("conv2d/kernel" ...); dead and foreign ones are left out.

    Raises WeightsDoNotFit naming the first variable that is missing or has another shape.
    """
    for name, target in parameters(model):
        value = variables.get(name)
        if value is None:
            raise WeightsDoNotFit(f"The weights have no variable {name}; give the whole checkpoint.")
        tensor = from_keras(torch.from_numpy(np.asarray(value)))
        if tensor.shape != target.shape:
            raise WeightsDoNotFit(
                f"{name} has shape {value.shape}; a {model.config.kind} net with latent "
                f"{model.config.latent} needs {tuple(to_keras(target).shape)}."
            )
        target.copy_(tensor)
