"""MusicVAE in training that learns to hear in its own melodies the latents from which it played them.

A posterior learned from tunes alone hears tunes well, and a melody decoded from the prior less well; SynVAE
uses it on nothing else. Training the encoder on what the decoder dreams is the sleep phase of the wake-sleep
algorithm (Hinton et al. 1995); here the decoder learns from it too.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from synvae_core.modality import Manner
from synvae_core.musicvae.decoders import as_one_hot
from synvae_core.musicvae.model import MusicVae, most_likely
from synvae_core.noise import normal, seeded

DREAMS, PART = 4096, 256  # melodies from which directions are measured, and how many are played at once
Means = Callable[[Tensor], Tensor]  # melodies (B, T, 90) -> means (B, Z)


@torch.no_grad()
def best_heard_first(music: MusicVae, means: Means, carrying: int) -> Tensor:
    """A rotation (Z, Z) of the first `carrying` latents that orders them by how well they are heard.

    Its columns are the eigenvectors of the symmetric part of the covariance of z, drawn from the prior, with
    the means of its melodies.
    """
    noise = seeded(0)
    like = music.encoder.mu.bias.new_zeros(PART, music.latent)
    covariance = torch.zeros(carrying, carrying, dtype=torch.float64, device=like.device)
    for _ in range(DREAMS // PART):
        z = normal(like, noise)
        heard = means(as_one_hot(music.play(z), like))
        covariance += (z[:, :carrying].T @ (heard - heard.mean(0))[:, :carrying]).double() / DREAMS
    rotation = torch.eye(music.latent).to(like)
    if not covariance.isfinite().all():
        return rotation  # the loss, no number either, ends the run and says why
    _, directions = torch.linalg.eigh(covariance + covariance.T)
    rotation[:carrying, :carrying] = directions.flip(1).to(like)
    return rotation


def misheard(music: MusicVae, means: Means, z: Tensor, latents: int, temperature: float) -> Tensor:
    """Half the squared distance (B,) of what melodies of z (B, Z) are heard as from its first `latents`."""
    _, melodies = music.express(z, Manner(most_likely, "straight_through", temperature))
    return 0.5 * (z - means(melodies))[:, :latents].square().sum(dim=1)
