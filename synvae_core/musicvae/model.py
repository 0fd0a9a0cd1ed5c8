"""MusicVAE: the encoder and one of the two decoders, as one network."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from synvae_core.modality import Manner, Posterior
from synvae_core.musicvae.config import VOCABULARY, MusicVaeConfig
from synvae_core.musicvae.decoders import (
    Choice,
    FlatDecoder,
    HierarchicalDecoder,
    as_one_hot,
    empty_bar_starts,
    shift,
)
from synvae_core.musicvae.encoder import Encoder
from synvae_core.noise import Source, exponential
from synvae_core.relaxation import relaxed


def most_likely(logits: Tensor) -> Tensor:
    """Logits (B, 90) -> their largest symbols (B,)."""
    return logits.argmax(dim=-1)


def drawn(temperature: float = 1.0, generator: Source = None) -> Choice:
    """A choice that draws symbols from softmax(logits / temperature).

    The largest of chances divided by exponential noise is such a draw, as torch.multinomial itself makes it;
    unlike that, it can be made for a part of a batch.
    """

    def choose(logits: Tensor) -> Tensor:
        chances = torch.softmax(logits.float() / temperature, dim=-1)
        return (chances / exponential(chances, generator)).argmax(dim=-1)

    return choose


class MusicVae(nn.Module):
    """Roberts et al. 2018, as SynVAE uses it. Batches first.

    T is config.steps; encoding and teacher forcing also take shorter melodies of whole bars.
    """

    def __init__(self, config: MusicVaeConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder: FlatDecoder | HierarchicalDecoder = (
            FlatDecoder(config.latent, config.decoder) if config.bars is None else HierarchicalDecoder(config)
        )

    def encode(self, x: Tensor, lengths: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """One-hots or logits (B, T, 90) -> mean (B, Z) and standard deviation (B, Z) of z."""
        mean, deviation = self.encoder(x, lengths)
        return mean, deviation

    def encode_symbols(self, symbols: Tensor) -> tuple[Tensor, Tensor]:
        """Symbols (B, T) -> mean and standard deviation of z."""
        return self.encode(as_one_hot(symbols, self.encoder.mu.bias))

    def play(self, z: Tensor, choose: Choice = most_likely) -> Tensor:
        """z (B, Z) -> melodies (B, T), each bar beginning as it did in training."""
        if isinstance(self.decoder, HierarchicalDecoder):
            return self.decoder.run(z, self.config.steps, choose, carry=self.decoder.carry)
        return self.decoder.run(z, self.config.steps, choose)

    def decode(self, z: Tensor, choose: Choice = most_likely) -> tuple[Tensor, Tensor]:
        """z (B, Z) -> symbols chosen running free (B, T) and their logits (B, T, 90), differentiable in z.

        This is the `decode` that SynVAE added to MusicVAE: every bar begins from no symbol.
        """
        return self.decoder.decode(z, self.config.steps, choose)

    @property
    def latent(self) -> int:
        """The number of latent dimensions."""
        return self.config.latent

    def posterior(self, x: Tensor) -> Posterior:
        """q(z | melody) of symbols (B, T), or of what stands for them (B, T, 90)."""
        mean, deviation = self.encode_symbols(x) if x.ndim == 2 else self.encode(x)
        return Posterior(mean, 2 * deviation.log())

    def express(self, z: Tensor, manner: Manner) -> tuple[Tensor, Tensor]:
        """z (B, Z) -> symbols as listeners have them (B, T), and what the encoder is to hear (B, T, 90)."""
        symbols, logits = self.decode(z, manner.choose)
        return symbols, relaxed(symbols, logits.float(), manner.relaxation, manner.choose, manner.temperature)

    def rebuild(self, z: Tensor, x: Tensor) -> Tensor:
        """z (B, Z) -> logits (B, T, 90), told the symbols before each step of the melodies x (B, T)."""
        return self.logits(z, self.teacher(x)).float()

    def error(self, x: Tensor, rebuilt: Tensor) -> Tensor:
        """Cross-entropy of melodies x (B, T) under logits (B, T, 90), in nats (B,)."""
        return melody_loss(rebuilt, x)

    def free_run(self, z: Tensor, choose: Choice = most_likely) -> Tensor:
        """The symbols of `decode` alone (B, T), in a fraction of its memory."""
        return self.decoder.run(z, self.config.steps, choose)

    def logits(self, z: Tensor, before: Tensor) -> Tensor:
        """z (B, Z) and the symbols before each step (B, T, 90) -> logits (B, T, 90)."""
        return self.decoder.forced(z, before)

    def teacher(self, symbols: Tensor) -> Tensor:
        """Symbols (B, T) -> what each step sees before it when trained (B, T, 90)."""
        return self._before(symbols, empty=self.config.bar_start == "empty")

    def _before(self, symbols: Tensor, *, empty: bool) -> Tensor:
        before = shift(as_one_hot(symbols, self.encoder.mu.bias))
        if empty and isinstance(self.decoder, HierarchicalDecoder):
            return empty_bar_starts(before, self.decoder.bar_steps)
        return before


def melody_loss(logits: Tensor, symbols: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Softmax cross-entropy in nats (B,), summed over each melody's steps below its length."""
    each = cross_entropy(logits.reshape(-1, VOCABULARY), symbols.reshape(-1), reduction="none")
    each = each.reshape(symbols.shape)
    if lengths is None:
        return each.sum(dim=1)
    return (each * (torch.arange(symbols.shape[1], device=symbols.device) < lengths.unsqueeze(1))).sum(dim=1)


def kl_to_prior(mean: Tensor, deviation: Tensor) -> Tensor:
    """KL(N(mean, deviation^2) || N(0, I)) in nats, summed over latent dimensions: (B, Z) -> (B,)."""
    return (0.5 * (mean**2 + deviation**2 - 1) - deviation.log()).sum(dim=1)
