"""What a report shows of a model: images on all three paths, and what single latents change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from synvae_core.classifier import Classifier
from synvae_core.data import ImageSet, ImageSource
from synvae_core.melody import Melody
from synvae_core.metrics.paths import Arrivals, travel, ways
from synvae_core.report.choosing import stratified
from synvae_core.report.folder import ReportError
from synvae_core.translator import Translator

PATHS = ("visvae", "latent", "audible")
JUDGE = "originals"
MAPPED = 1000  # images on a map of a latent space: more than that hide each other
DIMENSIONS = 4
TURNS = (-2.0, -1.0, 0.0, 1.0, 2.0)  # standard deviations of the prior

Step = Callable[[int], object]
Pixels = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Heard:
    """A melody and the picture (H, W, C) in [0, 1] that the model hears in it."""

    melody: Melody
    picture: Pixels


@dataclass(frozen=True, eq=False)
class View:
    """A picture at the end of a path and the class that the judge sees in it; None without a judge."""

    picture: Pixels
    seen: str | None


@dataclass(frozen=True, eq=False)
class Example:
    """An image on all three paths; `paths` are in the order of PATHS."""

    id: str
    class_name: str
    original: Pixels
    paths: tuple[View, ...]
    melody: Melody


@dataclass(frozen=True, eq=False)
class Traversal:
    """One dimension of z_v turned from -2 to 2, all others kept as one image has them.

    `activity` is the variance of the dimension's posterior means over images: near 1 where it carries the
    image, near 0 where it is left to the prior (Burda et al. 2016, section 2.4).
    """

    dimension: int
    activity: float
    turns: tuple[Heard, ...]


@dataclass(frozen=True, eq=False)
class Gathered:
    """All that the page is made from. `z_v` and `z_a` (M, D) are means, `labels` (M,) their classes."""

    examples: tuple[Example, ...]
    base_id: str
    traversals: tuple[Traversal, ...]
    active: int  # dimensions of z_v whose activity is above .01
    z_v: NDArray[np.float32]
    z_a: NDArray[np.float32]
    labels: NDArray[np.int64]


def gather(
    source: ImageSource,
    translator: Translator,
    judge: Classifier | None,
    *,
    pictures: int,
    seed: int,
    step: Step = lambda done: None,
) -> Gathered:
    """Send `pictures` images down every path and up to MAPPED of them to the maps, all drawn by `seed`.

    `step` is told how many images or melodies were just done. Raises ReportError without a labelled image.
    """
    sample = _sample(source, seed)
    shown = sample.subset(stratified(sample.labels, pictures, seed))
    examples = _examples(shown, translator, judge, seed, step)
    audible = ways(translator.visvae, translator.synvae)["audible"]
    heard = travel(sample, audible, seed=seed, step=step)
    base = int(np.argmin(np.square(heard.visual - heard.visual.mean(axis=0)).sum(axis=1)))
    activity = heard.visual.var(axis=0)
    return Gathered(
        examples=examples,
        base_id=sample.ids[base],
        traversals=_traversals(heard.visual[base], activity, translator, step),
        active=int((activity > 0.01).sum()),
        z_v=heard.visual,
        z_a=heard.mean,
        labels=sample.labels,
    )


def _sample(source: ImageSource, seed: int) -> ImageSet:
    labelled = np.flatnonzero(np.asarray(source.labels) >= 0)
    if not len(labelled):
        raise ReportError("A report needs images with a class; none of these has one.")
    rows = np.sort(labelled[stratified(np.asarray(source.labels)[labelled], MAPPED, seed)])
    return ImageSet(
        pixels=np.ascontiguousarray(source.read(rows)),
        labels=np.asarray(source.labels)[rows],
        class_names=tuple(source.class_names),
        ids=tuple(source.ids[row] for row in rows),
    )


def _examples(
    shown: ImageSet, translator: Translator, judge: Classifier | None, seed: int, step: Step
) -> tuple[Example, ...]:
    go = partial(
        travel,
        shown,
        judges={JUDGE: judge} if judge else None,
        keep_images=True,
        seed=seed,
        step=step,
    )
    routes = ways(translator.visvae, translator.synvae)
    arrivals = {name: go(routes[name]) for name in PATHS}
    melodies = arrivals["audible"].melodies
    assert melodies is not None  # the audible path has them
    return tuple(
        Example(
            id=id_,
            class_name=shown.class_names[shown.labels[row]],
            original=shown.pixels[row],
            paths=tuple(_view(arrivals[name], row, shown.class_names) for name in PATHS),
            melody=Melody(melodies[row]),
        )
        for row, id_ in enumerate(shown.ids)
    )


def _view(arrived: Arrivals, row: int, class_names: tuple[str, ...]) -> View:
    assert arrived.images is not None  # asked for
    picture = arrived.images[row].transpose(1, 2, 0).astype(np.float32) / 255
    seen = class_names[arrived.seen[JUDGE][row]] if JUDGE in arrived.seen else None
    return View(picture, seen)


def _traversals(
    base: NDArray[np.float32], activity: NDArray[np.float32], translator: Translator, step: Step
) -> tuple[Traversal, ...]:
    dimensions = np.argsort(-activity, kind="stable")[:DIMENSIONS]
    z = np.repeat(base[np.newaxis], len(dimensions) * len(TURNS), axis=0)  # (K * turns, D)
    for place, dimension in enumerate(dimensions):
        z[place * len(TURNS) : (place + 1) * len(TURNS), dimension] = TURNS
    melodies = translator.melody(z, progress=step)
    pictures = translator.imagine(melodies)
    heard = [Heard(melody, picture) for melody, picture in zip(melodies, pictures, strict=True)]
    return tuple(
        Traversal(
            int(dimension),
            float(activity[dimension]),
            tuple(heard[place * len(TURNS) : (place + 1) * len(TURNS)]),
        )
        for place, dimension in enumerate(dimensions)
    )
