"""Melody classification: how much of a picture's class can be told from its exported melody alone.

The fair measure of what any model puts into sound: it asks neither the model's own encoder nor its decoder,
only a listener that is trained anew on the melodies of training images and then hears those of test images.
"""

from __future__ import annotations

import math
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from synvae_core.errors import SynvaeError
from synvae_core.melody import CLASSES, canonical_tokens
from synvae_core.metrics.classification import Classification, classified
from synvae_core.metrics.fitting import Schedule, Step, fit, held_out, unheard

Tokens = NDArray[np.integer]
SCHEDULE = Schedule(epochs=15, batch=200, learning_rate=2e-3, weight_decay=1e-2, patience=4)
ONE_IN = 10  # training melodies chooses the epoch
LISTENED = 2000  # melodies that a trained net is asked at once


class NothingToTellApart(SynvaeError):
    """Melodies from which no classifier can be trained."""


class MelodyNet(nn.Module):
    """Melodies (B, T) -> logits (B, classes): three convolutions over time and two dense layers.

    Each convolution sees 5 steps; the second and the third halve the time. Where in the melody something is
    heard is kept, since it is part of what the melody says.
    """

    def __init__(self, steps: int, classes: int, width: int = 64) -> None:
        super().__init__()
        self.symbols = nn.Embedding(CLASSES, width // 2)
        self.layers = nn.ModuleList(
            nn.Conv1d(inputs, width, kernel_size=5, stride=stride, padding=2)
            for inputs, stride in ((width // 2, 1), (width, 2), (width, 2))
        )
        left = math.ceil(steps / 4)
        self.head = nn.Sequential(
            nn.Dropout(0.3), nn.Linear(width * left, 2 * width), nn.ReLU(), nn.Linear(2 * width, classes)
        )

    def forward(self, melodies: Tensor) -> Tensor:
        x = self.symbols(melodies).transpose(1, 2)  # (B, width / 2, T)
        for layer in self.layers:
            x = layer(x).relu()
        return cast(Tensor, self.head(x.flatten(1)))

    @torch.no_grad()
    def predict(self, melodies: Tensor) -> Tensor:
        """The likeliest class of each melody: (N, T) -> (N,)."""
        return torch.cat([self(part).argmax(dim=1) for part in melodies.split(LISTENED)])


def classify_melodies(
    train: Tokens,
    train_labels: NDArray[np.integer],
    test: Tokens,
    test_labels: NDArray[np.integer],
    class_names: tuple[str, ...],
    *,
    schedule: Schedule = SCHEDULE,
    seed: int = 0,
    step: Step = unheard,
) -> Classification:
    """Trains a MelodyNet on melodies (N, T) with their pictures' labels (N,); what it hears in others (M, T).

    Melodies are taken as re-read from their notes. A tenth of the training ones, drawn by `seed`, is held out
    to choose the epoch. Raises NothingToTellApart when fewer than two classes or ten melodies are there.
    """
    heard, labels = _tensors(train, train_labels)
    _require_classes(labels)
    inside, outside = held_out(len(labels), ONE_IN, seed)

    def loss(net: MelodyNet, chosen: Tensor) -> Tensor:
        return cross_entropy(net(heard[inside[chosen]]), labels[inside[chosen]])

    net = fit(
        lambda: MelodyNet(heard.shape[1], len(class_names)),
        loss,
        lambda net: -float(cross_entropy(net(heard[outside]), labels[outside])),
        len(inside),
        schedule,
        seed=seed,
        step=step,
    )
    asked, truth = _tensors(test, test_labels)
    return classified(truth.numpy(), net.predict(asked).numpy(), class_names)


def _tensors(melodies: Tokens, labels: NDArray[np.integer]) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(canonical_tokens(melodies)), torch.from_numpy(np.asarray(labels, dtype=np.int64))


def _require_classes(labels: Tensor) -> None:
    if len(labels) < 10 or len(labels.unique()) < 2:
        raise NothingToTellApart(
            f"{len(labels)} melodies of {len(labels.unique())} class(es) are too few to learn from; give at "
            "least 10 training images of at least two classes."
        )
