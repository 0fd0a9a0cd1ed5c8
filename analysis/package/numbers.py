"""The numbers of a package: of a study, or of each of its conditions, or why there are none."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis import conditions
from analysis.answers import Answer
from analysis.errors import NoAnswers
from analysis.exclusions import Rules
from analysis.package import manifest as manifests
from analysis.review import Review, review
from analysis.tables.review_json import review_json
from analysis.tables.summary_json import summary_object

SUMMARIES = "earsight.summaries/1"
REVIEWS = "earsight.reviews/1"


@dataclass(frozen=True)
class Computed:
    """Everything that follows from a table of answers and the rules declared before it.

    reviews    by condition (a study without any has one, without a name); none where nobody can be counted
    undefined  by condition why there is none
    """

    reviews: dict[str, Review]
    undefined: dict[str, str]

    def files(self) -> dict[str, dict[str, Any]]:
        """What `summary.json` and `review.json` hold, by name.

        A study without conditions has the very objects that the results page offers; of several conditions
        each has its own under `conditions`, since no number counts them together.
        """
        summaries = {name: summary_object(found.summary) for name, found in self.reviews.items()}
        reviews = {name: review_json(found) for name, found in self.reviews.items()}
        return {
            manifests.SUMMARY: self._file(SUMMARIES, summaries),
            manifests.REVIEW: self._file(REVIEWS, reviews),
        }

    def _file(self, form: str, found: dict[str, dict[str, Any]]) -> dict[str, Any]:
        if len(found) == 1 and not self.undefined:
            return next(iter(found.values()))
        return {"format": form, "conditions": found, "undefined": self.undefined}


def compute(answers: Sequence[Answer], rules: Rules | None = None) -> Computed:
    """Every number of these answers, of sessions that saw the images, as the results page counts.

    Raises InvalidAnswer as `summarise` does.
    """
    reviews: dict[str, Review] = {}
    undefined: dict[str, str] = {}
    for name in conditions.names(answers) or ("",):
        mine = [answer for answer in answers if answer.condition == name]
        try:
            reviews[name] = review(mine, exclusions=rules)
        except NoAnswers as error:
            undefined[name] = str(error)
    return Computed(reviews, undefined)


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
