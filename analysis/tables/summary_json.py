"""A summary as one JSON object: numbers or null, never nan, and a sentence for every null.

`summary.schema.json` beside this file describes every key.
"""

import json
from typing import Any

from analysis.scores import ClassScore, TrialScore, VolunteerScore
from analysis.summary import Summary
from analysis.values import Interval, Number, Range, Undefined

FORMAT = "earsight.summary/1"


def summary_json(summary: Summary) -> str:
    """The object as text, two spaces per level, ending in a line end; equal summaries give equal text."""
    return json.dumps(summary_object(summary), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def summary_object(summary: Summary) -> dict[str, Any]:
    """The object as plain dicts, lists and numbers; each None is explained in `undefined`."""
    why: dict[str, str] = {}
    return {
        "format": FORMAT,
        "condition": summary.condition,
        "volunteers": len(summary.volunteers),
        "trials": len(summary.trials),
        "answers": summary.answers,
        "missing_answers": summary.missing,
        "classes": list(summary.class_names),
        "unfinished_sessions": {
            "policy": summary.unfinished,
            "count": summary.unfinished_sessions,
            "sentence": summary.of_unfinished,
        },
        "described_sessions": {
            "policy": summary.described,
            "count": summary.described_sessions,
            "sentence": summary.of_described,
        },
        "accuracy": summary.accuracy,
        "accuracy_interval": _interval(summary.accuracy_interval, "accuracy_interval", why),
        "accuracy_t_interval": _interval(summary.t_interval, "accuracy_t_interval", why),
        "bootstrap": {"draws": summary.bootstrap.draws, "seed": summary.bootstrap.seed},
        "sigma": summary.sigma,
        "sigma_ddof1": _number(summary.sigma_ddof1, "sigma_ddof1", why),
        "kappa": _number(summary.kappa, "kappa", why),
        "chance": summary.chance,
        "unanimous_trials": list(summary.unanimous),
        "unanimously_right_trials": list(summary.unanimously_right),
        "per_class": [_class(score, why) for score in summary.classes],
        "confusion": _confusion(summary),
        "per_trial": [_trial(score, why) for score in summary.trials],
        "per_volunteer": [_volunteer(score) for score in summary.volunteers],
        "undefined": why,
    }


def _number(value: Number, key: str, why: dict[str, str]) -> float | None:
    if isinstance(value, Undefined):
        why[key] = value.reason
        return None
    return value


def _interval(value: Range, key: str, why: dict[str, str]) -> dict[str, Any] | None:
    if isinstance(value, Interval):
        return {"low": value.low, "high": value.high, "level": value.level, "method": value.method}
    why[key] = value.reason
    return None


def _class(score: ClassScore, why: dict[str, str]) -> dict[str, Any]:
    return {
        "class": score.name,
        "recall": _number(score.recall, f"per_class.{score.name}.recall", why),
        "precision": _number(score.precision, f"per_class.{score.name}.precision", why),
        "truths": score.truths,
        "choices": score.choices,
        "correct": score.correct,
    }


def _confusion(summary: Summary) -> dict[str, dict[str, int]]:
    """{truth: {choice: count}}."""
    names = summary.class_names
    return {
        truth: dict(zip(names, row, strict=True)) for truth, row in zip(names, summary.confusion, strict=True)
    }


def _trial(score: TrialScore, why: dict[str, str]) -> dict[str, Any]:
    return {
        "trial": score.trial,
        "truth": score.truth,
        "n": score.n,
        "correct": score.correct,
        "accuracy": score.accuracy,
        "accuracy_interval": _interval(score.interval, f"per_trial.{score.trial}.accuracy_interval", why),
        "shares": dict(zip(score.options, score.shares, strict=True)),
        "counts": dict(zip(score.options, score.counts, strict=True)),
        "unanimous": score.unanimous,
    }


def _volunteer(score: VolunteerScore) -> dict[str, Any]:
    return {
        "session": score.session,
        "accuracy": score.accuracy,
        "correct": score.correct,
        "answered": score.answered,
        "complete": score.complete,
    }
