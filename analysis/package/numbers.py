"""The headline numbers of a package: one summary, or one for each condition, or why there is none."""

import json
from collections.abc import Sequence
from typing import Any

from analysis import conditions
from analysis.answers import Answer
from analysis.errors import NoAnswers
from analysis.summary import summarise
from analysis.tables.summary_json import summary_object

BY_CONDITION = "earsight.summaries/1"


def numbers(answers: Sequence[Answer]) -> dict[str, Any]:
    """What `summary.json` holds: of finished sessions that saw the images, as the results page counts.

    A study without conditions has the one object that the page offers; of several conditions each has its
    own under `conditions`, since no number counts them together.
    """
    names = conditions.names(answers)
    if len(names) < 2:
        return _summary(answers)
    found = {name: _summary([answer for answer in answers if answer.condition == name]) for name in names}
    return {"format": BY_CONDITION, "conditions": found}


def _summary(answers: Sequence[Answer]) -> dict[str, Any]:
    try:
        return summary_object(summarise(answers))
    except NoAnswers as error:
        return {"format": BY_CONDITION, "conditions": {}, "undefined": {"accuracy": str(error)}}


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
