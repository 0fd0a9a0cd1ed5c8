"""The flat decoder, and the hierarchical one that runs it bar by bar under a conductor.

Melodies are decoded in two ways: `forced`, given the symbol before each step (differentiable in z), and
`run`, which chooses symbols as it goes. `run` then `forced` on the chosen symbols gives the same logits with
a gradient; as in the original, no gradient passes through the chosen symbols themselves.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from synvae_core.musicvae.config import VOCABULARY, MusicVaeConfig
from synvae_core.musicvae.lstm import Affine, LstmStack, State
from synvae_core.musicvae.scan import cell
from synvae_core.precision import matmul

Choice = Callable[[Tensor], Tensor]  # logits (B, 90) -> symbols (B,)


def shift(symbols: Tensor) -> Tensor:
    """One-hots (B, T, 90) delayed by one step, the first step seeing zeros: teacher forcing's input."""
    return torch.cat((torch.zeros_like(symbols[:, :1]), symbols[:, :-1]), dim=1)


class InitialState(nn.Module):
    """z -> the stack's first state: tanh of a linear map, split into c0, h0, c1, h1, ..."""

    def __init__(self, inputs: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.widths = widths
        self.map = Affine(inputs, 2 * sum(widths))

    def forward(self, z: Tensor) -> list[State]:
        parts = torch.tanh(self.map(z)).split([width for width in self.widths for _ in "ch"], dim=-1)
        return list(zip(parts[::2], parts[1::2], strict=True))


class FlatDecoder(nn.Module):
    """p(melody | z): an LSTM stack that sees z and the symbol before at every step."""

    def __init__(self, latent: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.initial = InitialState(latent, widths)
        self.stack = LstmStack(VOCABULARY + latent, widths)
        self.output = Affine(widths[-1], VOCABULARY)

    def forced(self, z: Tensor, before: Tensor) -> Tensor:
        """z (B, Z), symbols before each step (B, T, 90) -> logits (B, T, 90)."""
        bottom = next(iter(self.stack))
        symbols, held = bottom.kernel[:VOCABULARY], bottom.project(z, first=VOCABULARY)
        gates = matmul(before.transpose(0, 1), symbols) + held
        outputs, _ = self.stack(gates, self.initial(z))
        return self.output(outputs).transpose(0, 1)

    @torch.no_grad()
    def run(self, z: Tensor, steps: int, choose: Choice, before: Tensor | None = None) -> Tensor:
        """Choose symbols (B, T) one after the other; `before` (B,) precedes the first, None is no symbol."""
        bottom = next(iter(self.stack))
        held, states = bottom.project(z, first=VOCABULARY), self.initial(z)
        gates = held if before is None else held + bottom.kernel[before].to(held.dtype)
        chosen = []
        for _ in range(steps):
            states = self._advance(gates, states)
            chosen.append(choose(self.output(states[-1][1])))
            gates = held + bottom.kernel[chosen[-1]].to(held.dtype)
        return torch.stack(chosen, dim=1)

    def _advance(self, gates: Tensor, states: list[State]) -> list[State]:
        after: list[State] = []
        for depth, (layer, (c, h)) in enumerate(zip(self.stack, states, strict=True)):
            inputs = gates if depth == 0 else layer.project(after[-1][1])
            after.append(cell(inputs + matmul(h, layer.recurrent), c))
        return after


class HierarchicalDecoder(nn.Module):
    """A conductor LSTM turns z into one embedding a bar; the core decoder plays each bar from its own."""

    def __init__(self, config: MusicVaeConfig) -> None:
        super().__init__()
        assert config.bars is not None
        self.bar_steps, self.carry = config.steps // config.bars, config.bar_start == "carry"
        self.initial = InitialState(config.latent, config.decoder)
        self.conductor = LstmStack(1, config.decoder)
        self.core = FlatDecoder(config.decoder[-1], config.decoder)

    def embeddings(self, z: Tensor, bars: int) -> Tensor:
        """z (B, Z) -> the conductor's output for each bar (B, bars, E). Its own input is a single zero."""
        bottom = next(iter(self.conductor))
        gates = bottom.project().expand(bars, len(z), -1)
        outputs, _ = self.conductor(gates, self.initial(z))
        return outputs.transpose(0, 1)

    def forced(self, z: Tensor, before: Tensor) -> Tensor:
        """z (B, Z), symbols before each step (B, T, 90) -> logits (B, T, 90); all bars at once."""
        batch, steps, _ = before.shape
        cut = before.reshape(-1, self.bar_steps, VOCABULARY)
        embeddings = self.embeddings(z, steps // self.bar_steps).flatten(0, 1)
        return self.core.forced(embeddings, cut).reshape(batch, steps, VOCABULARY)

    def run(self, z: Tensor, steps: int, choose: Choice, carry: bool = False) -> Tensor:
        """Choose symbols (B, T); with `carry` a bar's first step sees the last symbol of the bar before."""
        embeddings = self.embeddings(z, steps // self.bar_steps)
        if not carry:
            return self.core.run(embeddings.flatten(0, 1), self.bar_steps, choose).reshape(len(z), steps)
        played: list[Tensor] = []
        for bar in embeddings.unbind(1):
            played.append(self.core.run(bar, self.bar_steps, choose, played[-1][:, -1] if played else None))
        return torch.cat(played, dim=1)


def empty_bar_starts(before: Tensor, bar_steps: int) -> Tensor:
    """Symbols before each step (B, T, 90) with nothing before the first step of each bar."""
    cut = before.reshape(-1, bar_steps, before.shape[-1]).clone()
    cut[:, 0] = 0
    return cut.reshape(before.shape)


def as_one_hot(symbols: Tensor, like: Tensor) -> Tensor:
    """Symbols (B, T) -> one-hots (B, T, 90) of the type of `like`."""
    return one_hot(symbols, VOCABULARY).to(like.dtype)
