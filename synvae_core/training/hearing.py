"""MusicVAE in training that learns to hear in its own melodies the latents from which it played them.

A posterior learned from tunes alone hears tunes well, and a melody decoded from the prior less well; SynVAE
uses it on nothing else. Training the encoder on what the decoder dreams is the sleep phase of the wake-sleep
algorithm (Hinton et al. 1995); here the decoder learns from it too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, distributed

from synvae_core.melody.vocabulary import FIRST_ONSET
from synvae_core.modality import Manner
from synvae_core.musicvae.decoders import as_one_hot
from synvae_core.musicvae.model import MusicVae, most_likely
from synvae_core.noise import normal, seeded
from synvae_core.training.config import Hearing
from synvae_core.training.processes import summed

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


class Heard(NamedTuple):
    """How the melodies of latents z are heard; the gradient passes through the melodies."""

    distance: Tensor  # (B,) half the squared one of the first latents heard from those played
    notes: Tensor  # () the notes in all melodies


def hear(music: MusicVae, means: Means, z: Tensor, hearing: Hearing) -> Heard:
    """Play z (B, Z) and listen."""
    _, melodies = music.express(z, Manner(most_likely, "straight_through", hearing.temperature))
    distance = 0.5 * (z - means(melodies))[:, : hearing.latents].square().sum(dim=1)
    return Heard(distance, melodies[..., FIRST_ONSET:].sum())


def excess(played: Tensor, symbols: Tensor) -> Tensor:
    """The share () by which `played` notes are more than those of tunes (B, T), in all processes' batches."""
    counts = torch.stack((played, (symbols >= FIRST_ONSET).sum().to(played)))
    if distributed.is_initialized():
        counts = summed(counts)
    return counts[0] / counts[1].clamp(min=1) - 1
