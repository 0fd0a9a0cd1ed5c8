"""The bidirectional encoder: a melody's one-hots (or the decoder's logits) to a diagonal Normal."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from synvae_core.musicvae.config import VOCABULARY, MusicVaeConfig
from synvae_core.musicvae.lstm import Affine, LstmLayer


def reversal(steps: int, lengths: Tensor) -> Tensor:
    """Indices (T, B) that reverse each sequence within its own length and leave the rest in place."""
    t = torch.arange(steps, device=lengths.device).unsqueeze(1)
    return torch.where(t < lengths, lengths - 1 - t, t)


def reorder(x: Tensor, order: Tensor) -> Tensor:
    """x (T, B, F) with its steps taken in the order (T, B) of each sequence."""
    return x.gather(0, order.unsqueeze(-1).expand_as(x))


def mirrored(x: Tensor, lengths: Tensor | None) -> Tensor:
    """x (T, B, F) with each sequence reversed within its own length, or all whole."""
    return x.flip(0) if lengths is None else reorder(x, reversal(len(x), lengths))


class BidirectionalLayer(nn.Module):
    """A forward LSTM and one over each sequence reversed; both see the same input."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.forwards, self.backwards = LstmLayer(inputs, width), LstmLayer(inputs, width)

    def forward(self, x: Tensor, lengths: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """x (T, B, F) -> each direction's outputs (T, B, H) in the order in which it made them, and both
        last h side by side (B, 2H)."""
        state = self.forwards.zero_state(x.shape[1])
        alive = None
        if lengths is not None:
            alive = torch.arange(len(x), device=x.device).unsqueeze(1) < lengths
        ahead, (_, h_ahead) = self.forwards(x, state, alive=alive)
        behind, (_, h_behind) = self.backwards(mirrored(x, lengths), state, alive=alive)
        return ahead, behind, torch.cat((h_ahead, h_behind), dim=-1)


class Encoder(nn.Module):
    """q(z | melody): stacked bidirectional LSTMs, then a linear mean and a softplus standard deviation."""

    def __init__(self, config: MusicVaeConfig) -> None:
        super().__init__()
        inputs = (VOCABULARY, *(2 * width for width in config.encoder))
        self.layers = nn.ModuleList(
            BidirectionalLayer(below, width) for below, width in zip(inputs, config.encoder, strict=False)
        )
        self.mu = Affine(inputs[-1], config.latent)
        self.sigma = Affine(inputs[-1], config.latent)
        for head in (self.mu, self.sigma):
            nn.init.normal_(head.kernel, std=0.001)

    def summary(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """x (B, T, 90), lengths (B,) or None for all full -> the top layer's last states (B, 2H)."""
        inputs = x.transpose(0, 1)
        for depth, layer in enumerate(self.layers, 1):
            ahead, behind, last = layer(inputs, lengths)
            if depth < len(self.layers):
                inputs = torch.cat((ahead, mirrored(behind, lengths)), dim=-1)
        return last

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """x (B, T, 90) -> mean (B, Z) and standard deviation (B, Z)."""
        summary = self.summary(x, lengths)
        return self.mu(summary), softplus(self.sigma(summary))
