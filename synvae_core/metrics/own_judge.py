"""The paper's judge of reconstructions: a classifier trained and tested on what the model itself gives back.

Section 2.2: "Using the same architectures as for the visual encoders, but with a final softmax layer,
classification networks are trained and tested on the images reconstructed by the autoencoders". It learns
whatever a model makes of a class, where the judge that was trained on originals wants to see a picture of it.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import torch
from torch import Generator, Tensor
from torch.nn.functional import cross_entropy

from synvae_core.classifier import Classifier, ClassifierConfig, Jitter
from synvae_core.metrics.fitting import Schedule, Step, fit, held_out, unheard
from synvae_core.metrics.paths import Arrivals
from synvae_core.training.models import load_classifier, save_model

# As the judge of original digits is trained: 24 passes, images moved, turned and zoomed a little.
SCHEDULE = Schedule(epochs=24, batch=200, learning_rate=3e-3, patience=24)
JITTER = Jitter(shift=1.5, turn=10, zoom=0.1)
ONE_IN = 10  # training reconstructions chooses the epoch
ASKED = 1000


def own_judge(
    train: Arrivals,
    config: ClassifierConfig,
    *,
    schedule: Schedule,
    seed: int = 0,
    step: Step = unheard,
) -> Classifier:
    """A classifier with the net and classes of `config`, trained on the kept reconstructions `train`."""
    assert train.images is not None, "the reconstructions to train on were not kept"
    images, labels = torch.from_numpy(train.images), torch.from_numpy(train.labels)
    inside, outside = held_out(len(labels), ONE_IN, seed)
    noise = Generator().manual_seed(seed)

    def loss(net: Classifier, chosen: Tensor) -> Tensor:
        rows = inside[chosen]
        return cross_entropy(net(JITTER(images[rows] / 255, noise)), labels[rows])

    def score(net: Classifier) -> float:
        nats = [
            cross_entropy(net(images[rows] / 255), labels[rows], reduction="sum")
            for rows in outside.split(ASKED)
        ]
        return -float(torch.stack(nats).sum()) / len(outside)

    return fit(lambda: Classifier(config), loss, score, len(inside), schedule, seed=seed, step=step)


def judge_key(path: str, digest: str, ids: tuple[str, ...], config: ClassifierConfig, seed: int) -> str:
    """A name for the judge of a model's path: it follows from all that the judge follows from."""
    parts = [path, digest, ids, config.model_dump(mode="json"), seed, repr(SCHEDULE), repr(JITTER), ONE_IN]
    return sha256(json.dumps(parts).encode()).hexdigest()[:24]


def recall_judge(cache: Path | None, key: str) -> Classifier | None:
    """The judge that was kept under `key`, if it was."""
    if cache is None or not (cache / key / "config.json").is_file():
        return None
    return load_classifier(cache / key)


def keep_judge(cache: Path | None, key: str, judge: Classifier) -> None:
    """Keeps a judge for another time."""
    if cache is not None:
        save_model(cache / key, judge.config, judge.state_dict())
