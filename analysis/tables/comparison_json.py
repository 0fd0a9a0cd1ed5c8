"""A comparison as one JSON object: numbers or null, never nan, and a sentence for every null.

The numbers of each condition (or table) are in its own summary; here stand those that are compared.
"""

from typing import Any

from analysis.comparison import Comparison, Difference
from analysis.review.sensitivity import sensitivity
from analysis.summary import Summary
from analysis.values import Interval, Range, Undefined

FORMAT = "earsight.comparison/1"


def comparison_object(found: Comparison) -> dict[str, Any]:
    """The object as plain dicts, lists and numbers; each None is explained in `undefined`."""
    why: dict[str, str] = {}
    return {
        "format": FORMAT,
        "conditions": [_condition(summary, why) for summary in found.summaries],
        "differences": [_difference(row, why) for row in found.differences],
        "without_answers": list(found.without_answers),
        "permutations": found.permutations,
        "bootstrap": {"draws": found.bootstrap.draws, "seed": found.bootstrap.seed},
        "undefined": why,
    }


def _condition(summary: Summary, why: dict[str, str]) -> dict[str, Any]:
    at = f"conditions.{summary.condition}"
    heard = sensitivity(summary)
    if isinstance(heard, Undefined):
        why[f"{at}.d_prime"] = heard.reason
    return {
        "condition": summary.condition,
        "volunteers": len(summary.volunteers),
        "answers": summary.answers,
        "accuracy": summary.accuracy,
        "accuracy_interval": _range(summary.accuracy_interval, f"{at}.accuracy_interval", why),
        "chance": summary.chance,
        "d_prime": None if isinstance(heard, Undefined) else heard.value,
    }


def _difference(row: Difference, why: dict[str, str]) -> dict[str, Any]:
    return {
        "condition": row.condition,
        "against": row.against,
        "difference": row.difference,
        "interval": _range(row.interval, f"differences.{row.condition}.interval", why),
        "p": row.p,
        "same_trials": row.same_trials,
    }


def _range(value: Range, key: str, why: dict[str, str]) -> dict[str, Any] | None:
    if isinstance(value, Interval):
        return {"low": value.low, "high": value.high, "level": value.level, "method": value.method}
    why[key] = value.reason
    return None
