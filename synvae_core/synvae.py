"""SynVAE: an example becomes one of another modality through a frozen VAE, and an example again.

An image becomes a melody and an image (paper, section 2.1), or a melody an image and a melody: "switching the
auditive and visual components results in a SynVAE which encodes music into corresponding visuals".
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from torch import Tensor, nn

from synvae_core.errors import SynvaeError
from synvae_core.modality import Manner, Modality
from synvae_core.musicvae.decoders import Choice
from synvae_core.musicvae.model import MusicVae, most_likely
from synvae_core.noise import Source, normal
from synvae_core.relaxation import Relaxation as Relaxation
from synvae_core.visvae import Loss, VisVae, kl_to_prior

Kind = TypeVar("Kind", bound=nn.Module)


class LatentMismatch(SynvaeError):
    """Two models that cannot be joined, or not used in this way."""


class Translation(NamedTuple):
    """One pass of a batch through SynVAE; each item keeps the batch first.

    z_v is the latent of what is translated, z_a that of what it is translated into: visual and auditive where
    an image becomes a melody.
    """

    mean: Tensor  # (B, Z) of q(z_v | x)
    logvar: Tensor  # (B, Z)
    expressed: Tensor  # melodies (B, T) or images (B, C, H, W), as people get them
    heard_mean: Tensor  # (B, Z) of q(z_a | what was expressed)
    heard_deviation: Tensor  # (B, Z)
    heard: Tensor  # (B, Z) z_a, from which x was rebuilt
    rebuilt: Tensor  # images (B, C, H, W), or logits of melodies (B, T, 90)
    seen: Tensor  # (B, Z) z_v, which was expressed

    @property
    def symbols(self) -> Tensor:
        """The melodies (B, T) into which images were translated."""
        return self.expressed

    @property
    def image(self) -> Tensor:
        """The images (B, C, H, W) that were rebuilt from melodies."""
        return self.rebuilt


class SynVae(nn.Module):
    """A trained `outer` pair of encoder and decoder around a frozen `inner` VAE: `SynVae(visual, music)`
    translates images into melodies, `SynVae(music, visual)` melodies into images.

    `relaxation` says what of a melody's decoder is encoded again: its raw `logits`, as the original does, or
    the hard melody that a listener hears, with the gradient of its softmax (`straight_through`), or with that
    of the draw which chose it (`gumbel`; as `straight_through` unless a `GumbelChoice` chooses).
    """

    def __init__(self, outer: Modality, inner: Modality, relaxation: Relaxation = "straight_through") -> None:
        super().__init__()
        if outer.latent != inner.latent:
            raise LatentMismatch(
                f"The {_name(outer)} latent has {outer.latent} dimensions and the {_name(inner)} latent "
                f"{inner.latent}: they must be equal."
            )
        self.outer, self.inner = outer, inner.requires_grad_(False)
        self.relaxation: Relaxation = relaxation

    @property
    def visual(self) -> VisVae:
        """The modality that speaks to the eye; raises LatentMismatch if neither does."""
        return _the(VisVae, self.outer, self.inner)

    @property
    def music(self) -> MusicVae:
        """The modality that speaks to the ear; raises LatentMismatch if neither does."""
        return _the(MusicVae, self.outer, self.inner)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Examples, such as images (B, C, H, W) -> mean and log-variance of z_v (B, Z)."""
        return self.outer.posterior(x)

    def express(self, z: Tensor) -> Tensor:
        """z_v (B, Z) -> what it is translated into, as people get it."""
        return self.inner.express(z, Manner(most_likely, self.relaxation))[0]

    def melodies(self, z: Tensor) -> Tensor:
        """z_v (B, Z) -> the melodies that are exported (B, T): the most likely symbols."""
        return self.music.free_run(z)

    def hear(self, symbols: Tensor) -> tuple[Tensor, Tensor]:
        """Melodies (B, T) as listeners have them -> mean and standard deviation of z_a (B, Z)."""
        return self.music.encode_symbols(symbols)

    def forward(
        self,
        x: Tensor,
        generator: Source = None,
        *,
        choose: Choice = most_likely,
        temperature: float = 1.0,
        sample_heard: bool = True,
    ) -> Translation:
        """Examples into the other modality and back, with z_v drawn and z_a drawn or taken at its mean."""
        own = self.outer.posterior(x)
        seen = own.mean + own.deviation * normal(own.mean, generator)
        expressed, passed_on = self.inner.express(seen, Manner(choose, self.relaxation, temperature))
        again = self.inner.posterior(passed_on)
        z = again.mean
        if sample_heard:
            z = again.mean + again.deviation * normal(again.mean, generator)
        rebuilt = self.outer.rebuild(z, x)
        return Translation(*own, expressed, again.mean, again.deviation, z, rebuilt, seen)

    def loss(self, x: Tensor, end: Translation, beta: float) -> Loss:
        """Equation 1 of the paper for examples x and their translation."""
        error = self.outer.error(x, end.rebuilt).mean()
        kl = kl_to_prior(end.mean, end.logvar).mean()
        return Loss(error + beta * kl, error, kl)


def _the(kind: type[Kind], *parts: object) -> Kind:
    for part in parts:
        if isinstance(part, kind):
            return part
    raise LatentMismatch(f"This SynVAE has no {_name(kind)} half.")


def _name(modality: object) -> str:
    known = modality if isinstance(modality, type) else type(modality)
    return {VisVae: "image", MusicVae: "music"}.get(known, known.__name__)
