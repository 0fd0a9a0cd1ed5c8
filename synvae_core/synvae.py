"""SynVAE: an image becomes a melody through a frozen MusicVAE, and an image again (paper, section 2.1)."""

from __future__ import annotations

from typing import Literal, NamedTuple

from torch import Tensor, nn

from synvae_core.errors import SynvaeError
from synvae_core.musicvae.decoders import Choice
from synvae_core.musicvae.model import MusicVae, most_likely
from synvae_core.noise import Source, normal
from synvae_core.relaxation import GumbelChoice, straight_through
from synvae_core.visvae import VisVae


class LatentMismatch(SynvaeError):
    """A visual and a musical model that cannot be joined."""


Relaxation = Literal["logits", "straight_through", "gumbel"]


class Translation(NamedTuple):
    """One pass of a batch through SynVAE; each item keeps the batch first."""

    mean: Tensor  # (B, Z) of q(z_v | image)
    logvar: Tensor  # (B, Z)
    symbols: Tensor  # (B, T) the melody that was chosen
    heard_mean: Tensor  # (B, Z) of q(z_a | melody)
    heard_deviation: Tensor  # (B, Z)
    heard: Tensor  # (B, Z) z_a, from which the image was decoded
    image: Tensor  # (B, C, H, W) reconstruction
    seen: Tensor  # (B, Z) z_v, from which the melody was decoded


class SynVae(nn.Module):
    """A trained pair of visual encoder and decoder around a frozen MusicVAE.

    `relaxation` says what of the decoder's output is encoded again: its raw `logits`, as the original does,
    or the hard melody that a listener hears, with the gradient of its softmax (`straight_through`), or with
    that of the draw which chose it (`gumbel`; as `straight_through` unless a `GumbelChoice` chooses).
    """

    def __init__(self, visual: VisVae, music: MusicVae, relaxation: Relaxation = "straight_through") -> None:
        super().__init__()
        if visual.config.latent != music.config.latent:
            raise LatentMismatch(
                f"The image latent has {visual.config.latent} dimensions and the music latent "
                f"{music.config.latent}: they must be equal."
            )
        self.visual, self.music = visual, music.requires_grad_(False)
        self.relaxation: Relaxation = relaxation

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Images (B, C, H, W) -> mean and log-variance of z_v (B, Z)."""
        return self.visual.encode(images)

    def melodies(self, z: Tensor) -> Tensor:
        """z_v (B, Z) -> the melodies that are exported (B, T): the most likely symbols."""
        return self.music.decode(z)[0]

    def relax(
        self, symbols: Tensor, logits: Tensor, temperature: float = 1.0, choose: Choice = most_likely
    ) -> Tensor:
        """What the music encoder hears of a decoded melody, (B, T, 90), differentiable in the logits."""
        if self.relaxation == "logits":
            return logits
        if self.relaxation == "gumbel" and isinstance(choose, GumbelChoice):
            logits = logits + choose.noise(logits)
        return straight_through(symbols, logits, temperature)

    def hear(self, symbols: Tensor) -> tuple[Tensor, Tensor]:
        """Melodies (B, T) as listeners have them -> mean and standard deviation of z_a (B, Z)."""
        return self.music.encode_symbols(symbols)

    def forward(
        self,
        images: Tensor,
        generator: Source = None,
        *,
        choose: Choice = most_likely,
        temperature: float = 1.0,
        sample_heard: bool = True,
    ) -> Translation:
        """Images (B, C, H, W) through music and back, with z_v drawn and z_a drawn or taken at its mean."""
        mean, logvar = self.encode(images)
        seen = self.visual.sample(mean, logvar, generator)
        symbols, logits = self.music.decode(seen, choose)
        heard_mean, heard_deviation = self.music.encode(
            self.relax(symbols, logits.float(), temperature, choose)
        )
        z = heard_mean
        if sample_heard:
            z = heard_mean + heard_deviation * normal(heard_mean, generator)
        return Translation(mean, logvar, symbols, heard_mean, heard_deviation, z, self.visual.decode(z), seen)
