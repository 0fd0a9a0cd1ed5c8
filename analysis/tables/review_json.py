"""A review as one JSON object: numbers or null, never nan, and a sentence for every null.

The keys are the names of the fields in `analysis.review.sections`, where each is explained, and
`review.schema.json` beside this file holds their types. The summary is not in it, but for the numbers that
exclusions may change: it has a file of its own.
"""

from dataclasses import fields, is_dataclass
from typing import Any

from analysis.review.sections import ExactTest, Review, Step
from analysis.sequential import Look, Verdict
from analysis.values import Undefined

FORMAT = "earsight.review/1"


def review_json(review: Review) -> dict[str, Any]:
    """The review as plain dicts, lists and numbers; each None is explained in `undefined`, by its path."""
    why: dict[str, str] = {}
    sections = {
        field.name: _plain(getattr(review, field.name), field.name, why)
        for field in fields(review)
        if field.name != "summary"
    }
    return {"format": FORMAT, "condition": review.summary.condition, **sections, "undefined": why}


def _plain(value: Any, path: str, why: dict[str, str]) -> Any:
    if isinstance(value, Undefined):
        why[path] = value.reason
        return None
    if is_dataclass(value):
        named = {field.name: getattr(value, field.name) for field in fields(value)}
        if isinstance(value, ExactTest | Step):
            named["accuracy"] = value.accuracy
        if isinstance(value, Look):
            named["found"] = value.found
        if isinstance(value, Verdict):
            named |= {"over": value.over, "ended_at": value.ended_at or 0, "sentence": value.sentence}
        return {name: _plain(one, f"{path}.{name}", why) for name, one in named.items()}
    if isinstance(value, tuple):
        return [_plain(one, f"{path}.{_place(one, index)}", why) for index, one in enumerate(value)]
    return value


def _place(value: Any, index: int) -> str | int:
    """What a part of a list is called in a path: its own name where it has one."""
    return value.name if isinstance(value, ExactTest) else index
