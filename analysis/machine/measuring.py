"""From what was measured of a study's clips and pictures to its `Machine`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.machine.document import Example, Heard, Machine, Spot
from analysis.machine.listeners import RIDGE, by_distance, example_sets, fit_sharpness, learn

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Measured:
    """Measurements of N pictures with their own clips, by id.

    heard    (N, N) distance of clip i, as heard, to picture j
    visual   (N, D) latents of the pictures, as the study was planned
    features (N, F) of the clips, nan where there is nothing to measure
    """

    ids: tuple[str, ...]
    heard: Floats
    visual: Floats
    features: Floats

    @property
    def row(self) -> dict[str, int]:
        return {id_: number for number, id_ in enumerate(self.ids)}


@dataclass(frozen=True)
class Layout:
    """Which pictures a study shows: examples by class, trials as (option ids, slot of the truth)."""

    classes: tuple[str, ...]
    examples: tuple[tuple[str, ...], ...]
    trials: tuple[tuple[tuple[str, ...], int], ...]


def listen(
    layout: Layout,
    measured: Measured,
    *,
    model: str,
    music: str = "own",
    clip_of: Mapping[str, str] | None = None,
) -> Machine:
    """Let both listeners take the study. `clip_of` names whose clip a picture has, where not its own."""
    source = clip_of or {}
    row = measured.row
    clips = {id_: row[source.get(id_, id_)] for id_ in measured.ids}
    shown = [(id_, slot) for slot, ids in enumerate(layout.examples) for id_ in ids]
    rows = np.array([row[id_] for id_, _ in shown])
    of_class = np.array([slot for _, slot in shown])
    sharpness = fit_sharpness(example_sets(measured.heard[np.ix_(rows, rows)], of_class), len(rows))
    taught = measured.features[[clips[id_] for id_, _ in shown]]
    naive = learn(taught, of_class, len(layout.classes))
    trials = []
    for number, (ids, truth) in enumerate(layout.trials, start=1):
        columns, clip = [row[id_] for id_ in ids], clips[ids[truth]]
        heard = measured.heard[clip, columns]
        looks = np.linalg.norm(measured.visual[columns] - measured.visual[columns[truth]], axis=1)
        belief = naive.probabilities(measured.features[[clip]])[0]
        trials.append(
            Heard(
                trial=number,
                options=layout.classes,
                option_ids=ids,
                truth=layout.classes[truth],
                heard=_floats(heard),
                looks=_floats(looks),
                features=_known(measured.features[clip]),
                probability={"model": _floats(by_distance(heard, sharpness)), "naive": _floats(belief)},
            )
        )
    examples = tuple(
        Example(id_, layout.classes[slot], _known(features))
        for (id_, slot), features in zip(shown, taught, strict=True)
    )
    spots, explained = _map(layout, measured)
    return Machine(model, music, layout.classes, sharpness, RIDGE, examples, tuple(trials), spots, explained)


def _map(layout: Layout, measured: Measured) -> tuple[tuple[Spot, ...], tuple[float, float]]:
    roles = {id_: ("example", slot) for slot, ids in enumerate(layout.examples) for id_ in ids}
    for ids, truth in layout.trials:
        roles |= {id_: ("truth" if slot == truth else "option", slot) for slot, id_ in enumerate(ids)}
    row = measured.row
    points, explained = principal(measured.visual[[row[id_] for id_ in roles]])
    spots = [
        Spot(id_, layout.classes[slot], role, float(x), float(y))
        for (id_, (role, slot)), (x, y) in zip(roles.items(), points, strict=True)
    ]
    return tuple(spots), explained


def principal(z: Floats) -> tuple[Floats, tuple[float, float]]:
    """Latents (N, D) on their two principal axes (N, 2), and the share of variance on each.

    An axis points where its largest deviation is positive, so that the map never comes out mirrored.
    """
    centred = z - z.mean(axis=0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    kept = min(2, len(values))
    points = np.zeros((len(z), 2))
    points[:, :kept] = left[:, :kept] * values[:kept]
    furthest = points[np.abs(points).argmax(axis=0), [0, 1]]
    total = float((values**2).sum())
    shares = np.zeros(2)
    shares[:kept] = (values[:kept] ** 2) / total if total else 0.0
    return points * np.where(furthest < 0, -1.0, 1.0), (float(shares[0]), float(shares[1]))


def _floats(values: Sequence[float] | Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _known(values: Floats) -> tuple[float | None, ...]:
    return tuple(float(value) if np.isfinite(value) else None for value in values)
