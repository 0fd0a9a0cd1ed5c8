"""The comparison as one JSON object: numbers or null, never nan, and a sentence for every null.

`comparison.schema.json` beside this file describes every key.
"""

import json
from typing import Any

from analysis.machine.comparison import Beside, ListenerBeside, TrialBeside
from analysis.machine.preference import Preference
from analysis.values import Interval, Number, Range, Undefined

FORMAT = "earsight.machine-comparison/1"


def beside_json(found: Beside) -> str:
    """The object as text, ending in a line end; equal comparisons give equal text."""
    return json.dumps(beside_object(found), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def beside_object(found: Beside) -> dict[str, Any]:
    """The object as plain dicts, lists and numbers; each None is explained in `undefined`."""
    why: dict[str, str] = {}
    return {
        "format": FORMAT,
        "condition": found.people.condition,
        "model": found.model,
        "music": found.music,
        "volunteers": len(found.people.volunteers),
        "answers": found.people.answers,
        "accuracy": found.people.accuracy,
        "bootstrap": {"draws": found.people.bootstrap.draws, "seed": found.people.bootstrap.seed},
        "listeners": {each.listener: _listener(each, why) for each in found.listeners},
        "lookalikes": _preference(found.lookalikes, "lookalikes", why),
        "per_trial": [_trial(trial) for trial in found.trials],
        "undefined": why,
    }


def _listener(each: ListenerBeside, why: dict[str, str]) -> dict[str, Any]:
    at = f"listeners.{each.listener}"
    return {
        "accuracy": each.accuracy,
        "accuracy_interval": _range(each.accuracy_interval, f"{at}.accuracy_interval", why),
        "correct": each.correct,
        "trials": each.trials,
        "confidence": each.confidence,
        "difficulty": {
            "spearman": _number(each.difficulty.rho, f"{at}.difficulty.spearman", why),
            "p": _number(each.difficulty.p, f"{at}.difficulty.p", why),
            "interval": _range(each.difficulty.interval, f"{at}.difficulty.interval", why),
            "trials": each.difficulty.trials,
        },
        "agreement": _number(each.agreement, f"{at}.agreement", why),
        "agreement_interval": _range(each.agreement_interval, f"{at}.agreement_interval", why),
        "kappa": _number(each.kappa, f"{at}.kappa", why),
        "second_choice": _preference(each.preference, f"{at}.second_choice", why),
    }


def _preference(found: Preference, at: str, why: dict[str, str]) -> dict[str, Any]:
    return {
        "wrong_answers": found.wrong,
        "on_predicted": found.on_predicted,
        "share": _number(found.share, f"{at}.share", why),
        "share_interval": _range(found.interval, f"{at}.share_interval", why),
        "chance": _number(found.chance, f"{at}.chance", why),
        "p": _number(found.p, f"{at}.p", why),
        "trials": found.trials,
    }


def _trial(trial: TrialBeside) -> dict[str, Any]:
    return {
        "trial": trial.trial,
        "truth": trial.truth,
        "n": trial.n,
        "accuracy": trial.accuracy,
        "difficulty": trial.difficulty,
        "choice": trial.choice,
        "confidence": trial.confidence,
        "second_choice": trial.second,
        "lookalike": trial.lookalike,
    }


def _number(value: Number, key: str, why: dict[str, str]) -> float | None:
    if isinstance(value, Undefined):
        why[key] = value.reason
        return None
    return value


def _range(value: Range, key: str, why: dict[str, str]) -> dict[str, Any] | None:
    if isinstance(value, Interval):
        return {"low": value.low, "high": value.high, "level": value.level, "method": value.method}
    why[key] = value.reason
    return None
