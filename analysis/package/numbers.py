"""The numbers of a package: of a study, or of each of its conditions, or why there are none."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis import conditions
from analysis.comparison import Comparison, compare
from analysis.errors import NoAnswers
from analysis.machine.comparison import Beside, beside
from analysis.machine.comparison_json import beside_object
from analysis.machine.errors import OtherStudy
from analysis.matrix import AnswerMatrix
from analysis.package import manifest as manifests
from analysis.package.inputs import Inputs
from analysis.review import Review, review
from analysis.tables.comparison_json import comparison_object
from analysis.tables.review_json import review_json
from analysis.tables.summary_json import summary_object

SUMMARIES = "earsight.summaries/1"
REVIEWS = "earsight.reviews/1"
BESIDES = "earsight.machine-comparisons/1"


@dataclass(frozen=True)
class Computed:
    """Everything that follows from a package's inputs.

    parts       the answers of each condition (a study without any has one, without a name)
    reviews     by condition; none where nobody can be counted
    undefined   by condition why there is none
    comparison  of several conditions; None where there is nothing to compare
    machines    by condition people beside machine listeners, where those listened
    """

    parts: dict[str, AnswerMatrix]
    reviews: dict[str, Review]
    undefined: dict[str, str]
    comparison: Comparison | None
    machines: dict[str, Beside]

    def files(self) -> dict[str, dict[str, Any]]:
        """What the files of numbers hold, by name.

        A study without conditions has the very objects that the results page offers; of several conditions
        each has its own under `conditions`, since no number counts them together.
        """
        summaries = {name: summary_object(found.summary) for name, found in self.reviews.items()}
        reviews = {name: review_json(found) for name, found in self.reviews.items()}
        found = {
            manifests.SUMMARY: self._file(SUMMARIES, summaries),
            manifests.REVIEW: self._file(REVIEWS, reviews),
        }
        if self.comparison:
            found[manifests.COMPARISON] = comparison_object(self.comparison)
        if self.machines:
            besides = {name: beside_object(one) for name, one in self.machines.items()}
            found[manifests.MACHINES] = self._file(BESIDES, besides)
        return found

    def _file(self, form: str, found: dict[str, dict[str, Any]]) -> dict[str, Any]:
        if len(found) == 1 and not self.undefined:
            return next(iter(found.values()))
        return {"format": form, "conditions": found, "undefined": self.undefined}


def compute(inputs: Inputs) -> Computed:
    """Every number, of sessions that saw the images, as the results page counts."""
    parts = conditions.apart(inputs.answers, inputs.order) or {"": inputs.answers}
    reviews: dict[str, Review] = {}
    undefined: dict[str, str] = {}
    for name, mine in parts.items():
        try:
            reviews[name] = review(
                mine,
                exclusions=inputs.rules,
                arrivals=inputs.arrivals.get(name),
                sequential=inputs.sequential,
            )
        except NoAnswers as error:
            undefined[name] = str(error)
    return Computed(
        parts, reviews, undefined, _comparison(inputs, reviews), _machines(inputs, parts, reviews)
    )


def _comparison(inputs: Inputs, reviews: Mapping[str, Review]) -> Comparison | None:
    if len(reviews) < 2:
        return None
    return compare(inputs.answers, inputs.order, rules=inputs.rules)


def _machines(
    inputs: Inputs, parts: Mapping[str, AnswerMatrix], reviews: Mapping[str, Review]
) -> dict[str, Beside]:
    found = {}
    for name, machine in inputs.machines.items():
        if name in reviews:
            try:
                found[name] = beside(parts[name], reviews[name].summary, machine)
            except OtherStudy:  # such as pilots of another build: its figure is left out, too
                continue
    return found


def as_text(content: dict[str, Any]) -> str:
    """Such an object as JSON text; equal numbers give equal text."""
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def differences(one: object, other: object, path: str = "") -> list[str]:
    """The keys at which two JSON values differ in any digit, as `per_trial.3.accuracy`."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = [*one, *(key for key in other if key not in one)]
        pairs = [(key, one.get(key, _NOTHING), other.get(key, _NOTHING)) for key in keys]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [
            (str(place), mine, theirs) for place, (mine, theirs) in enumerate(zip(one, other, strict=True))
        ]
    else:
        return [] if one == other else [path or "everything"]
    return [
        difference
        for key, mine, theirs in pairs
        for difference in differences(mine, theirs, f"{path}.{key}" if path else str(key))
    ]


_NOTHING = object()
