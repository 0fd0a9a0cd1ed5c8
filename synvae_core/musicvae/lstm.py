"""The LSTM cell of MusicVAE and its run over time, once plainly and once fast.

Variables keep TensorFlow's form: one kernel [in + H, 4H] and one bias [4H], gates in the order
input, candidate, forget, output, and a forget bias of 1 that is added at run time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import cast

import torch
from torch import Tensor, nn

from synvae_core.musicvae.scan import scan, scan_masked
from synvae_core.precision import matmul, product_type

State = tuple[Tensor, Tensor]  # c (B, H), h (B, H)


def glorot_uniform_(kernel: Tensor) -> None:
    """Fill a [fan in, fan out] kernel as TensorFlow's default initialiser does."""
    limit = math.sqrt(6 / sum(kernel.shape))
    nn.init.uniform_(kernel, -limit, limit)


class Affine(nn.Module):
    """x @ kernel + bias, with the kernel stored [in, out]."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.kernel = nn.Parameter(torch.empty(inputs, outputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        glorot_uniform_(self.kernel)

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.kernel + self.bias


class LstmLayer(nn.Module):
    """One layer of LSTM cells over time-major sequences."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.inputs, self.width = inputs, width
        self.kernel = nn.Parameter(torch.empty(inputs + width, 4 * width))
        self.bias = nn.Parameter(torch.zeros(4 * width))
        glorot_uniform_(self.kernel)

    @property
    def recurrent(self) -> Tensor:
        return self.kernel[self.inputs :]  # (H, 4H)

    def project(self, *inputs: Tensor, first: int = 0) -> Tensor:
        """The inputs' share of the gates, (..., in) -> (..., 4H).

        Several inputs count as concatenated; `first` is the kernel row at which they begin.
        """
        gates = self.bias.to(product_type(self.kernel))
        for x in inputs:
            last = first + x.shape[-1]
            gates = gates + matmul(x, self.kernel[first:last])
            first = last
        return gates

    def zero_state(self, batch: int) -> State:
        zeros = self.bias.new_zeros(batch, self.width)
        return zeros, zeros

    def forward(self, gates: Tensor, state: State, alive: Tensor | None = None) -> tuple[Tensor, State]:
        """Run over projected inputs (T, B, 4H); `alive` (T, B) false copies the state through.

        Returns the outputs (T, B, H), zero where not alive, and the last state.
        """
        c, h = state
        if alive is not None:
            return scan_masked(gates, self.recurrent, c, h, alive)
        outputs, c = scan(gates, self.recurrent, c, h)
        return outputs, (c, outputs[-1])


class LstmStack(nn.Module):
    """Layers on one another: layer k's h is layer k+1's input."""

    def __init__(self, inputs: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            LstmLayer(below, width) for below, width in zip((inputs, *widths), widths, strict=False)
        )

    def __iter__(self) -> Iterator[LstmLayer]:
        return cast(Iterator[LstmLayer], iter(self.layers))

    def forward(self, gates: Tensor, states: list[State]) -> tuple[Tensor, list[State]]:
        """Run from the bottom layer's projected inputs (T, B, 4H); returns the top outputs and all states."""
        after: list[State] = []
        outputs = gates
        for depth, (layer, state) in enumerate(zip(self, states, strict=True)):
            outputs, last = layer(gates if depth == 0 else layer.project(outputs), state)
            after.append(last)
        return outputs, after
