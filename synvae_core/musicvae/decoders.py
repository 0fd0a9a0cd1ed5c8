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
from synvae_core.musicvae.scan import Tape

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

    @torch.no_grad()
    def turn(self, rotation: Tensor) -> None:
        """See z @ rotation (Z, Z) from now on as z was seen before."""
        self.map.kernel.copy_(rotation.T @ self.map.kernel)


class FlatDecoder(nn.Module):
    """p(melody | z): an LSTM stack that sees z and the symbol before at every step."""

    def __init__(self, latent: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.initial = InitialState(latent, widths)
        self.stack = LstmStack(VOCABULARY + latent, widths)
        self.output = Affine(widths[-1], VOCABULARY)

    def forced(self, z: Tensor, before: Tensor, tapes: list[Tape] | None = None) -> Tensor:
        """z (B, Z), symbols before each step (B, T, 90) -> logits (B, T, 90).

        With the `tapes` of a run that chose these symbols nothing is computed again.
        """
        x = before.transpose(0, 1)
        outputs = self.stack(x, self.initial(z), held=self._held(z), tapes=tapes)
        return self.output(outputs.to(z.dtype)).transpose(0, 1)

    @torch.no_grad()
    def run(self, z: Tensor, steps: int, choose: Choice, before: Tensor | None = None) -> Tensor:
        """Choose symbols (B, T) one after the other; `before` (B,) precedes the first, None is no symbol."""
        return self._play(self._tapes(z, steps, keep=False), steps, choose, before)

    def decode(self, z: Tensor, steps: int, choose: Choice) -> tuple[Tensor, Tensor]:
        """`run` from no symbol, then the logits of what was chosen (B, T, 90), differentiable in z."""
        with torch.no_grad():
            tapes = self._tapes(z, steps, keep=True)
            symbols = self._play(tapes, steps, choose)
        return symbols, self.forced(z, shift(as_one_hot(symbols, z)), tapes)

    @torch.no_grad()
    def turn(self, rotation: Tensor) -> None:
        """Play z @ rotation (Z, Z), a rotation of the latent space, from now on as z was played before."""
        self.initial.turn(rotation)
        seen = next(iter(self.stack)).kernel[VOCABULARY : VOCABULARY + len(rotation)]
        seen.copy_(rotation.T @ seen)

    def _held(self, z: Tensor) -> Tensor:
        return next(iter(self.stack)).held(z, first=VOCABULARY)

    def _tapes(self, z: Tensor, steps: int, *, keep: bool) -> list[Tape]:
        tapes: list[Tape] = []
        for layer, state in zip(self.stack, self.initial(z), strict=True):
            inputs, held = (layer.inputs, layer.held()) if tapes else (VOCABULARY, self._held(z))
            tapes.append(layer.tape(inputs, state, held, steps, keep=keep))
        return tapes

    def _play(self, tapes: list[Tape], steps: int, choose: Choice, before: Tensor | None = None) -> Tensor:
        chosen = [] if before is None else [before]
        for step in range(steps):
            x = tapes[0].input(step).zero_()
            if chosen:
                x.scatter_(1, chosen[-1].unsqueeze(1), 1)
            h = tapes[0].advance(step)
            for tape in tapes[1:]:
                tape.input(step).copy_(h)
                h = tape.advance(step)
            chosen.append(choose(self.output(h.to(self.output.kernel.dtype))))
        return torch.stack(chosen[-steps:], dim=1)


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
        held = next(iter(self.conductor)).held()
        outputs = self.conductor(z.new_empty(bars, len(z), 0), self.initial(z), held=held)
        return outputs.transpose(0, 1).to(z.dtype)

    def turn(self, rotation: Tensor) -> None:
        """Play z @ rotation (Z, Z), a rotation of the latent space, from now on as z was played before."""
        self.initial.turn(rotation)

    def forced(self, z: Tensor, before: Tensor) -> Tensor:
        """z (B, Z), symbols before each step (B, T, 90) -> logits (B, T, 90); all bars at once."""
        batch, steps, _ = before.shape
        cut = before.reshape(-1, self.bar_steps, VOCABULARY)
        embeddings = self.embeddings(z, steps // self.bar_steps).flatten(0, 1)
        return self.core.forced(embeddings, cut).reshape(batch, steps, VOCABULARY)

    def decode(self, z: Tensor, steps: int, choose: Choice) -> tuple[Tensor, Tensor]:
        """Symbols (B, T) chosen with every bar from no symbol, and their logits, differentiable in z."""
        embeddings = self.embeddings(z, steps // self.bar_steps).flatten(0, 1)
        symbols, logits = self.core.decode(embeddings, self.bar_steps, choose)
        return symbols.reshape(len(z), steps), logits.reshape(len(z), steps, VOCABULARY)

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
