"""`Machine`: how two machine listeners took every trial of a study; what machine.json holds.

`machine.schema.json` beside this file describes every key.
"""

from collections.abc import Mapping
from dataclasses import dataclass

FORMAT = "earsight.machine/1"
LISTENERS = {"model": "the model", "naive": "the naive listener"}
FEATURES = (
    "notes_per_second",
    "mean_pitch",
    "pitch_range",
    "contour",
    "rhythm_regularity",
    "silence",
)  # what a person hears at once; `synvae_core.melody.surface` measures them


@dataclass(frozen=True)
class Heard:
    """One trial as the machine took it; every tuple goes with `options`.

    options      class names; option_ids their pictures
    heard        distance of the clip, as heard, to each picture, in the model's latent space
    looks        distance of the true picture to each, in the latent space that the study was planned in
    features     of the clip, in the order of FEATURES; None where there is nothing to measure
    probability  by listener: how far it believes in each option
    """

    trial: int
    options: tuple[str, ...]
    option_ids: tuple[str, ...]
    truth: str
    heard: tuple[float, ...]
    looks: tuple[float, ...]
    features: tuple[float | None, ...]
    probability: Mapping[str, tuple[float, ...]]

    @property
    def true_slot(self) -> int:
        return self.options.index(self.truth)

    def choice(self, listener: str) -> str | None:
        """What a listener chooses; None where it has no preference."""
        return self.options[slot] if (slot := favourite(self.probability[listener])) is not None else None

    def confidence(self, listener: str) -> float:
        """How far a listener believes in what it chooses."""
        return max(self.probability[listener])

    def difficulty(self, listener: str) -> float:
        """1 less the probability that a listener gives the truth."""
        return 1 - self.probability[listener][self.true_slot]

    def second(self, listener: str) -> str | None:
        """The wrong option that a listener finds likeliest; None where several are as likely."""
        return self._wrong(tuple(self.probability[listener]))

    def lookalike(self) -> str | None:
        """The wrong option whose picture is nearest to the true one; None where several are."""
        return self._wrong(tuple(-far for far in self.looks))

    def _wrong(self, values: tuple[float, ...]) -> str | None:
        slots = [slot for slot in range(len(values)) if slot != self.true_slot]
        best = favourite(tuple(values[slot] for slot in slots))
        return None if best is None else self.options[slots[best]]


@dataclass(frozen=True)
class Example:
    """An example as the naive listener heard it."""

    id: str
    name: str
    features: tuple[float | None, ...]


@dataclass(frozen=True)
class Spot:
    """Where a picture of the study lies on the map of its latents (two principal components)."""

    id: str
    name: str
    role: str  # "example", "truth" or "option"
    x: float
    y: float


@dataclass(frozen=True)
class Machine:
    """All that two machine listeners made of a study.

    model      name of the translator; music its kind ("own" or "exchanged")
    sharpness  of the model's confidence (see `listeners.by_distance`)
    ridge      of the naive listener
    explained  share of the latents' variance on each of the map's axes
    """

    model: str
    music: str
    classes: tuple[str, ...]
    sharpness: float
    ridge: float
    examples: tuple[Example, ...]
    trials: tuple[Heard, ...]
    spots: tuple[Spot, ...]
    explained: tuple[float, float]


def favourite(values: tuple[float, ...]) -> int | None:
    """The place of the largest value; None where another is as large but for rounding."""
    best = max(range(len(values)), key=values.__getitem__)
    near = [value for value in values if value >= values[best] - 1e-9 * abs(values[best])]
    return best if len(near) == 1 else None
