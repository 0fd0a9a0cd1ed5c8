"""What SynVAE asks of a trained VAE, whichever sense it speaks to.

A VisVae and a MusicVae are such modalities. The outer one of a SynVAE is translated and trained, the inner
one is what it is translated through (paper, end of section 2.1); either can be either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

from torch import Tensor

if TYPE_CHECKING:
    from synvae_core.musicvae.decoders import Choice
    from synvae_core.relaxation import Relaxation


class Posterior(NamedTuple):
    """A diagonal Normal over the latent, its parameters (B, Z) each."""

    mean: Tensor
    logvar: Tensor

    @property
    def deviation(self) -> Tensor:
        """Standard deviation (B, Z)."""
        return (0.5 * self.logvar).exp()


@dataclass(frozen=True)
class Manner:
    """How what is decoded step by step is chosen, and in which form it is passed on (`SynVae`)."""

    choose: Choice
    relaxation: Relaxation = "straight_through"
    temperature: float = 1.0


class Modality(Protocol):
    """A VAE over examples x of one kind, batches first: images (B, C, H, W), or melodies' symbols (B, T)."""

    @property
    def latent(self) -> int:
        """The number of latent dimensions Z."""

    def posterior(self, x: Tensor) -> Posterior:
        """q(z | x) of examples, or of what `express` passes on."""

    def express(self, z: Tensor, manner: Manner) -> tuple[Tensor, Tensor]:
        """z (B, Z) -> examples as people get them, and their form, differentiable in z, to encode again."""

    def rebuild(self, z: Tensor, x: Tensor) -> Tensor:
        """What the decoder makes of z (B, Z) when it is to be compared with x."""

    def error(self, x: Tensor, rebuilt: Tensor) -> Tensor:
        """How far the rebuilt is from x: -ln p(x | z) but for constants (equation 1, first term), (B,)."""

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Every modality is a network that can be frozen."""
