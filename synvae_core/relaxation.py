"""What an encoder hears of a decoded melody: choices made one by one, passed on with a gradient."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from synvae_core.musicvae.decoders import Choice, as_one_hot
from synvae_core.noise import Source, exponential

Relaxation = Literal["logits", "straight_through", "gumbel"]


class GumbelChoice:
    """Draws symbols from softmax(logits) by the Gumbel-max trick and keeps its noise for the relaxed draw.

    Jang et al. 2017 and Maddison et al. 2017: the largest of logits + Gumbel noise is a draw, and the softmax
    of the same sum, divided by a temperature, carries its gradient.
    """

    def __init__(self, source: Source = None) -> None:
        self._source = source
        self._noise: list[Tensor] = []

    def __call__(self, logits: Tensor) -> Tensor:  # (B, 90) -> (B,)
        noise = -exponential(logits.float(), self._source).log()
        self._noise.append(noise)
        return (logits.float() + noise).argmax(dim=-1)

    def noise(self, like: Tensor) -> Tensor:
        """The noise of all choices, in the shape of the melodies' logits (B, T, 90)."""
        return torch.stack(self._noise, dim=1).reshape(like.shape)


def relaxed(
    symbols: Tensor, logits: Tensor, relaxation: Relaxation, choose: Choice, temperature: float = 1.0
) -> Tensor:
    """What an encoder hears of a decoded melody, (B, T, 90), differentiable in the logits; see `SynVae`."""
    if relaxation == "logits":
        return logits
    if relaxation == "gumbel" and isinstance(choose, GumbelChoice):
        logits = logits + choose.noise(logits)
    return straight_through(symbols, logits, temperature)


def straight_through(symbols: Tensor, logits: Tensor, temperature: float) -> Tensor:
    """The hard melody's one-hots (B, T, 90) with the gradient of softmax(logits / temperature)."""
    soft = torch.softmax(logits / temperature, dim=-1)
    return as_one_hot(symbols, soft) + soft - soft.detach()
