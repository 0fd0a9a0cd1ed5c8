"""The LSTM cell of MusicVAE and its run over time, once plainly and once fast.

Variables keep TensorFlow's form: one kernel [in + H, 4H] and one bias [4H], gates in the order
input, candidate, forget, output, and a forget bias of 1 that is added at run time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from synvae_core.musicvae.scan import Tape, scan, scan_masked
from synvae_core.precision import matmul

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

    def weights(self, inputs: int) -> Tensor:
        """The kernel's rows (inputs + H, 4H) for the first inputs and h: what differs from step to step."""
        if inputs == self.inputs:
            return self.kernel
        return torch.cat((self.kernel[:inputs], self.kernel[self.inputs :]))

    def held(self, *same: Tensor, first: int = 0) -> Tensor:
        """The bias and the share of inputs (B, in) that all steps see alike: (B, 4H), without inputs (1, 4H).

        `first` is the kernel row at which they begin.
        """
        gates = self.bias.unsqueeze(0)
        for x in same:
            gates = gates + matmul(x, self.kernel[first : first + x.shape[-1]])
            first += x.shape[-1]
        return gates

    def zero_state(self, batch: int) -> State:
        zeros = self.bias.new_zeros(batch, self.width)
        return zeros, zeros

    def tape(self, inputs: int, state: State, held: Tensor, steps: int, *, keep: bool) -> Tape:
        """A tape to run freely on, for `steps` steps of `inputs` inputs each."""
        return Tape(self.weights(inputs), held, state, steps, keep=keep)

    def forward(
        self,
        x: Tensor,
        state: State,
        *,
        held: Tensor | None = None,
        alive: Tensor | None = None,
        tape: Tape | None = None,
    ) -> tuple[Tensor, State]:
        """Run over inputs x (T, B, in); `alive` (T, B) false copies the state through.

        `held` (B, 4H) stands for the bias and the inputs that x leaves out; a `tape` of the same run saves
        the work. Returns the outputs (T, B, H), zero where not alive, and the last state.
        """
        weights, held = self.weights(x.shape[-1]), self.held() if held is None else held
        c, h = state
        if alive is not None:
            gates = matmul(x, weights[: x.shape[-1]]) + held
            return scan_masked(gates, weights[x.shape[-1] :], c, h, alive)
        outputs, c, h = scan(x, held, weights, c, h, tape)
        return outputs, (c, h)


class LstmStack(nn.Module):
    """Layers on one another: layer k's h is layer k+1's input."""

    def __init__(self, inputs: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            LstmLayer(below, width) for below, width in zip((inputs, *widths), widths, strict=False)
        )

    def __iter__(self) -> Iterator[LstmLayer]:
        return cast(Iterator[LstmLayer], iter(self.layers))

    def forward(
        self, x: Tensor, states: list[State], *, held: Tensor, tapes: Sequence[Tape] | None = None
    ) -> Tensor:
        """Run over the bottom layer's inputs x (T, B, in) and `held` (B or 1, 4H); returns top outputs."""
        for depth, (layer, state) in enumerate(zip(self, states, strict=True)):
            tape = None if tapes is None else tapes[depth]
            x, _ = layer(x, state, held=held if depth == 0 else None, tape=tape)
        return x
