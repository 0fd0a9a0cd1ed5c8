"""All metrics of one path of one model over a set of images."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synvae_core.classifier import Classifier
from synvae_core.data import ImageSource
from synvae_core.metrics import own_judge
from synvae_core.metrics.classification import Classification, classified
from synvae_core.metrics.fitting import Step, held_out, unheard
from synvae_core.metrics.melodies import SCHEDULE as MELODY_SCHEDULE
from synvae_core.metrics.melodies import classify_melodies
from synvae_core.metrics.mutual_information import (
    PAPER_EPOCHS,
    PAPER_PAIRS,
    MutualInformation,
    between,
    pairs_of,
)
from synvae_core.metrics.mutual_information import SCHEDULE as CRITIC_SCHEDULE
from synvae_core.metrics.neighbours import RANKS, Precision, precisions_at
from synvae_core.metrics.paths import Arrivals, ModelPath, travel

ORIGINALS, OWN = "originals", "own"
TEN = 10
# Opens a stage of so many examples by name; the step it gives is told how many were just done.
Progress = Callable[[str, int], AbstractContextManager[Step]]


def silent(stage: str, examples: int) -> AbstractContextManager[Step]:
    """Progress that nobody watches."""
    return nullcontext(unheard)


@dataclass(frozen=True)
class PathMetrics:
    """How well images come through one path (`paths` tells them apart).

    mse                 squared error summed over the pixels of an image, mean over images (equation 1)
    kl                  KL of the visual encoder's posterior from the prior in nats, mean over images
    p10_sampled         precision at 10 of one draw from the path's last posterior: q(z_v|x) for visvae,
                        q(z_a|melody) for the other two
    p10_mean            the same of that posterior's means; both None for ten images or fewer
    accuracy            share of reconstructions in which a classifier of originals sees the image's class
    mse_error           standard error of `mse`: images drawn anew would move it by as much; None for one
    precision_sampled   precision at 1, 5, 10 and 50 of draws, as far as there are so many images
    precision_mean      the same of means
    judged              what the classifier of originals sees: interval, recall and confusion of the classes
    own_judge           what a classifier trained on this path's own reconstructions of training images sees
    mutual_information  I(z_v; z_a) from below, of the z_v that is played and a draw of the z_a that is heard
    melodies            what a classifier trained on melodies alone hears, on the audible path

    The last three need training images, and are None without.
    """

    mse: float
    kl: float
    p10_sampled: float | None
    p10_mean: float | None
    accuracy: float
    mse_error: float | None
    precision_sampled: tuple[Precision, ...]
    precision_mean: tuple[Precision, ...]
    judged: Classification
    own_judge: Classification | None = None
    mutual_information: MutualInformation | None = None
    melodies: Classification | None = None


@dataclass(frozen=True, eq=False)
class Measuring:
    """What a path is measured with.

    images      what is scored
    classifier  the judge of originals
    training    images to train the costly metrics on, which must be others; without them they are left out
    queries     for precision at n, ask only so many latents
    cache       where judges of reconstructions are kept
    """

    images: ImageSource
    classifier: Classifier
    training: ImageSource | None = None
    queries: int | None = None
    cache: Path | None = None
    seed: int = 0
    progress: Progress = silent

    def measure(self, path: ModelPath) -> PathMetrics:
        """Every metric of a path; the same for the same seed."""
        known = self._known(path)
        judges = {ORIGINALS: self.classifier}
        if known:
            judges[OWN] = self._own_judge(path, known)
        with self.progress(f"{path.name}: images", len(self.images)) as step:
            end = travel(self.images, path.way, judges=judges, seed=self.seed, step=step)
        return self._metrics(path, end, known)

    def _known(self, path: ModelPath) -> Arrivals | None:
        if self.training is None:
            return None
        with self.progress(f"{path.name}: training images", len(self.training)) as step:
            return travel(self.training, path.way, keep_images=True, seed=self.seed + 1, step=step)

    def _own_judge(self, path: ModelPath, known: Arrivals) -> Classifier:
        assert self.training is not None
        config = self.classifier.config
        key = own_judge.judge_key(path.name, path.digest, self.training.ids, config, self.seed)
        judge = own_judge.recall_judge(self.cache, key)
        if judge is None:
            examples = own_judge.SCHEDULE.epochs * len(known)
            with self.progress(f"{path.name}: a judge of its own", examples) as step:
                judge = own_judge.own_judge(
                    known, config, schedule=own_judge.SCHEDULE, seed=self.seed, step=step
                )
            own_judge.keep_judge(self.cache, key, judge)
        return judge

    def _metrics(self, path: ModelPath, end: Arrivals, known: Arrivals | None) -> PathMetrics:
        sampled, mean = self._precisions(end.drawn, end), self._precisions(end.mean, end)
        judged = classified(end.labels, end.seen[ORIGINALS], self.images.class_names)
        return PathMetrics(
            mse=float(end.error.mean()),
            kl=float(end.kl.mean()),
            p10_sampled=_at_ten(sampled),
            p10_mean=_at_ten(mean),
            accuracy=judged.accuracy,
            mse_error=_standard_error(end.error),
            precision_sampled=sampled,
            precision_mean=mean,
            judged=judged,
            own_judge=classified(end.labels, end.seen[OWN], self.images.class_names) if known else None,
            mutual_information=self._information(path, known, end) if known else None,
            melodies=self._melodies(path, known, end) if known else None,
        )

    def _precisions(self, z: NDArray[np.float32], end: Arrivals) -> tuple[Precision, ...]:
        ranks = [n for n in RANKS if n < len(end)]
        return () if not ranks else precisions_at(z, end.labels, ranks, queries=self.queries, seed=self.seed)

    def _information(self, path: ModelPath, known: Arrivals, end: Arrivals) -> MutualInformation | None:
        if end.melodies is None:  # z_v itself is what arrives
            return None
        pairs, test = pairs_of(known.visual, known.drawn), pairs_of(end.visual, end.drawn)
        inside, outside = held_out(len(known), 5, self.seed)
        train, validation = pairs.take(inside), pairs.take(outside)
        examples = CRITIC_SCHEDULE.epochs * train.rows + PAPER_EPOCHS * min(PAPER_PAIRS, test.rows)
        with self.progress(f"{path.name}: mutual information", examples) as step:
            return between(
                train,
                validation,
                test,
                paper_style=True,
                schedule=CRITIC_SCHEDULE,
                seed=self.seed,
                step=step,
            )

    def _melodies(self, path: ModelPath, known: Arrivals, end: Arrivals) -> Classification | None:
        if path.name != "audible" or known.melodies is None or end.melodies is None:
            return None
        with self.progress("melodies alone", MELODY_SCHEDULE.epochs * len(known)) as step:
            return classify_melodies(
                known.melodies,
                known.labels,
                end.melodies,
                end.labels,
                self.images.class_names,
                schedule=MELODY_SCHEDULE,
                seed=self.seed,
                step=step,
            )


def _at_ten(precisions: tuple[Precision, ...]) -> float | None:
    return next((p.value for p in precisions if p.n == TEN), None)


def _standard_error(values: NDArray[np.float64]) -> float | None:
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else None
