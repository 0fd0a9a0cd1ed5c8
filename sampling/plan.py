"""A study's plan: which image is an example of what, and which three are asked about in each trial."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from sampling.design import Design
from sampling.errors import PlanError

VERSION = 1  # of the algorithm: raise it when the same seed would give another plan


@dataclass(frozen=True)
class Trial:
    """One clip and one image of each class.

    `options` are ids in the order of the plan's classes; `truth` is the place among them of the image that
    the clip was made from.
    """

    options: tuple[str, ...]
    truth: int


@dataclass(frozen=True)
class StudyPlan:
    """Everything the builder of a study needs, and everything needed to derive it again.

    `classes` K names; `examples` K tuples of ids; `ranks` (1 = nearest) and `distances` say for every image
    how near it lies to the centroid of its class; `latents` is the digest of what the plan was made from.
    """

    seed: int
    classes: tuple[str, ...]
    examples: tuple[tuple[str, ...], ...]
    trials: tuple[Trial, ...]
    design: Design
    ranks: Mapping[str, int]
    distances: Mapping[str, float]
    latents: str
    version: int = VERSION

    def __post_init__(self) -> None:
        for fault in self._faults():
            raise PlanError(f"This plan is damaged: {fault}.")

    @property
    def image_ids(self) -> tuple[str, ...]:
        """All images of the study: the examples, then the options trial by trial."""
        options = (trial.options for trial in self.trials)
        return tuple(id_ for group in (*self.examples, *options) for id_ in group)

    @property
    def truths(self) -> dict[str, int]:
        """How many trials have their true image in each class."""
        times = Counter(trial.truth for trial in self.trials)
        return {name: times[place] for place, name in enumerate(self.classes)}

    def to_json(self) -> str:
        """The plan as indented JSON; the same plan always gives the same text."""
        return json.dumps(asdict(self), indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> StudyPlan:
        """Read what to_json wrote. Raises PlanError for a damaged plan, DesignError for its design."""
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise PlanError(f"This is not a plan, because it is not JSON: {error}.") from error
        if not isinstance(data, dict) or data.get("version") != VERSION:
            raise PlanError(f"This is not a plan of version {VERSION}; plan the study again.")
        if wrong := sorted(set(data) ^ {field.name for field in fields(cls)}):
            raise PlanError(f"This plan is damaged: {', '.join(wrong)} missing or unknown.")
        try:
            return cls(**_values(data))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise PlanError(f"This plan is damaged: {error}.") from error

    def _faults(self) -> Iterator[str]:
        width = len(self.classes)
        shown = Counter(self.image_ids)
        if len(self.examples) != width or any(len(trial.options) != width for trial in self.trials):
            yield f"examples and options must be given for each of the {width} classes"
        if not all(type(trial.truth) is int and 0 <= trial.truth < width for trial in self.trials):
            yield f"every truth must be a whole number from 0 to {width - 1}"
        if not all(isinstance(name, str) for name in (*self.classes, *shown)):
            yield "classes and images must be named by strings"
        if not all(isinstance(far, int | float) for far in self.distances.values()):
            yield "every distance must be a number"
        if any(times > 1 for times in shown.values()):
            yield f"the image {shown.most_common(1)[0][0]!r} is used twice"
        if not set(shown) == set(self.ranks) == set(self.distances):
            yield "ranks and distances must be given for exactly its images"


def _values(data: dict[str, Any]) -> dict[str, Any]:
    """The plan's fields from their JSON."""
    return data | {
        "classes": tuple(data["classes"]),
        "examples": tuple(tuple(ids) for ids in data["examples"]),
        "trials": tuple(Trial(tuple(trial["options"]), trial["truth"]) for trial in data["trials"]),
        "design": Design.from_dict(data["design"]),
    }
