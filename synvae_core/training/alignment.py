"""Where a picture's latents lie among the music's, before SynVAE is trained.

A VisVAE describes pictures in some of its latents and leaves noise in the others; a MusicVAE hears some of
its latents better than others. A trained VisVAE is a good beginning for SynVAE if the two orders are one.
"""

from __future__ import annotations

import torch
from torch import Tensor

from synvae_core.musicvae.model import MusicVae
from synvae_core.noise import seeded
from synvae_core.visvae import VisVae

MELODIES = 1000  # played to measure how well each latent is heard


@torch.no_grad()
def heard(music: MusicVae, seed: int = 0) -> Tensor:
    """How much of each latent is heard back from the melodies that it takes part in, (Z,).

    The covariance of z, drawn from the prior, with the mean that its melody is encoded to.
    """
    z = torch.randn(MELODIES, music.latent, generator=seeded(seed)).to(music.encoder.mu.bias.device)
    mean, _ = music.encode_symbols(music.play(z))
    return ((z - z.mean(0)) * (mean - mean.mean(0))).mean(0)


@torch.no_grad()
def told(visual: VisVae, images: Tensor) -> Tensor:
    """How much each latent tells of the images (N, C, H, W): the variance of its posterior means, (Z,)."""
    return torch.cat([visual.encode(part)[0] for part in images.split(500)]).var(dim=0)


@torch.no_grad()
def align(visual: VisVae, images: Tensor, music: MusicVae) -> None:
    """Reorder the latents of `visual` in place: the one that tells most goes where the music hears best.

    It encodes and decodes the same images as before.
    """
    source = torch.empty(music.latent, dtype=torch.long, device=images.device)
    source[heard(music).argsort(descending=True)] = told(visual, images).argsort(descending=True)
    for head in (visual.mean, visual.logvar):
        head.weight.copy_(head.weight[source])
        head.bias.copy_(head.bias[source])
    dense = visual.decoder.dense
    dense.weight.copy_(dense.weight[:, source])
