"""What a researcher decides about a study before any image is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from sampling.errors import DesignError

RULES = ("perimeter", "max_min")


@dataclass(frozen=True)
class Design:
    """The defaults are the paper's: 3 classes, 4 examples of each, 20 trials.

    `classes` is how many, chosen by `rule`, or their names. The images are drawn at random from the `nearest`
    members of each class; None stands for exactly as many as the study shows.
    """

    classes: int | tuple[str, ...] = 3
    examples_per_class: int = 4
    trials: int = 20
    rule: str = "perimeter"
    merge_small: bool = False
    nearest: int | None = None

    def __post_init__(self) -> None:
        classes: object = self.classes
        if isinstance(classes, list):  # as it comes from JSON
            object.__setattr__(self, "classes", tuple(classes))
        self._check_classes()
        self._check_count("examples_per_class", self.examples_per_class, at_least=0)
        self._check_count("trials", self.trials, at_least=1)
        if self.nearest is not None:
            self._check_count("nearest", self.nearest, at_least=self.images_per_class)
        if self.rule not in RULES:
            raise DesignError(f"The rule must be one of {', '.join(RULES)}, not {self.rule!r}.")
        if not isinstance(self.merge_small, bool):
            raise DesignError(f"merge_small must be true or false, not {self.merge_small!r}.")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Design:
        """A design from JSON; an unknown key is refused, a missing one has its default."""
        known = [field.name for field in fields(cls)]
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise DesignError(f"A design has no {', '.join(unknown)}; it has {', '.join(known)}.")
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def images_per_class(self) -> int:
        """How many images of each class the study shows."""
        return self.examples_per_class + self.trials

    @property
    def members_needed(self) -> int:
        """How many images a class must have to be in the study."""
        return self.nearest or self.images_per_class

    def _check_classes(self) -> None:
        if not isinstance(self.classes, tuple):
            self._check_count("classes", self.classes, at_least=2)
            return
        if not all(isinstance(name, str) for name in self.classes):
            raise DesignError(f"Classes must be a number or names, not {self.classes!r}.")
        if len(self.classes) < 2 or len(set(self.classes)) < len(self.classes):
            raise DesignError(f"Name two or more different classes, not {', '.join(self.classes) or 'none'}.")

    @staticmethod
    def _check_count(name: str, value: object, *, at_least: int) -> None:
        if type(value) is not int or value < at_least:  # type(): True is an int to isinstance
            raise DesignError(f"{name} must be a whole number of at least {at_least}, not {value!r}.")
