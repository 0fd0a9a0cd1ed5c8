"""machine.json, written and read; what is missing, unknown or impossible is named by its place."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from analysis.machine.document import FEATURES, FORMAT, LISTENERS, Example, Heard, Machine, Spot
from analysis.machine.errors import UnreadableMachine

Value = TypeVar("Value")
_ROLES = ("example", "truth", "option")
_MUSIC = ("own", "exchanged")


def machine_json(machine: Machine) -> str:
    """The file's text; equal machines give equal text."""
    values = {"format": FORMAT, "features": list(FEATURES)} | asdict(machine)
    return json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read_machine(source: str | Path | bytes) -> Machine:
    """What `machine_json` wrote, from a path or from the file's bytes.

    Raises UnreadableMachine naming the file, or the place in it, that can't be used.
    """
    if isinstance(source, bytes):
        return _machine(_parsed(source, "machine.json"))
    try:
        content = Path(source).read_bytes()
    except OSError as error:
        raise UnreadableMachine(f"The file {source} can't be opened: {error.strerror}.") from error
    return _machine(_parsed(content, str(source)))


def _parsed(content: bytes, name: str) -> Any:
    try:
        values = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UnreadableMachine(f"{name} is not JSON: {error}.") from error
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise UnreadableMachine(f"{name} is not the listening of a machine ({FORMAT}).")
    return values


def _machine(values: dict[str, Any]) -> Machine:
    at = _Place(values, "machine.json")
    at.only("format", "features", *Machine.__dataclass_fields__)
    if at.get("features", _texts) != FEATURES:
        at.refuse("features", f"must be {', '.join(FEATURES)}")
    if (music := at.get("music", _text)) not in _MUSIC:
        at.refuse("music", f"is '{music}', not own or exchanged")
    classes = at.get("classes", _texts)
    if len(set(classes)) != len(classes) or len(classes) < 2:
        at.refuse("classes", "needs at least two names, each once")
    trials = tuple(_heard(each) for each in at.each("trials"))
    numbers = [trial.trial for trial in trials]
    if len(set(numbers)) != len(numbers) or not numbers:
        at.refuse("trials", "needs at least one trial, each once")
    explained = at.get("explained", _numbers)
    if len(explained) != 2:
        at.refuse("explained", "needs two numbers")
    return Machine(
        model=at.get("model", _text),
        music=music,
        classes=classes,
        sharpness=at.get("sharpness", _number),
        ridge=at.get("ridge", _number),
        examples=tuple(_example(each) for each in at.each("examples")),
        trials=trials,
        spots=tuple(_spot(each) for each in at.each("spots")),
        explained=(explained[0], explained[1]),
    )


def _heard(at: "_Place") -> Heard:
    at.only(*Heard.__dataclass_fields__)
    options, truth = at.get("options", _texts), at.get("truth", _text)
    if truth not in options or len(set(options)) != len(options):
        at.refuse("truth", "must be one of the options, which must differ")
    beliefs = _Place(at.get("probability", _mapping), f"{at.name}.probability")
    beliefs.only(*LISTENERS)
    found = Heard(
        trial=at.get("trial", _whole),
        options=options,
        option_ids=at.get("option_ids", _texts),
        truth=truth,
        heard=at.get("heard", _numbers),
        looks=at.get("looks", _numbers),
        features=at.get("features", _gaps),
        probability={name: beliefs.get(name, _numbers) for name in LISTENERS},
    )
    for name in ("option_ids", "heard", "looks"):
        if len(getattr(found, name)) != len(options):
            at.refuse(name, f"has {len(getattr(found, name))} values for {len(options)} options")
    for name, belief in found.probability.items():
        if len(belief) != len(options) or min(belief) < 0 or abs(sum(belief) - 1) > 1e-6:
            beliefs.refuse(name, f"must give {len(options)} options probabilities that sum to 1")
    _check_features(at, found.features)
    return found


def _example(at: "_Place") -> Example:
    at.only(*Example.__dataclass_fields__)
    features = at.get("features", _gaps)
    _check_features(at, features)
    return Example(at.get("id", _text), at.get("name", _text), features)


def _spot(at: "_Place") -> Spot:
    at.only(*Spot.__dataclass_fields__)
    if (role := at.get("role", _text)) not in _ROLES:
        at.refuse("role", f"is '{role}', not {', '.join(_ROLES)}")
    return Spot(at.get("id", _text), at.get("name", _text), role, at.get("x", _number), at.get("y", _number))


def _check_features(at: "_Place", features: tuple[float | None, ...]) -> None:
    if len(features) != len(FEATURES):
        at.refuse("features", f"has {len(features)} values for {len(FEATURES)} features")


class _Place:
    """An object of the file, with its name for whoever mends it."""

    def __init__(self, values: Mapping[str, Any], name: str) -> None:
        self.values, self.name = values, name

    def only(self, *keys: str) -> None:
        if unknown := sorted(set(self.values) - set(keys)):
            raise UnreadableMachine(f"{self.name} has the unknown key '{unknown[0]}'.")
        if missing := [key for key in keys if key not in self.values]:
            raise UnreadableMachine(f"{self.name} lacks '{missing[0]}'.")

    def get(self, key: str, read: Callable[[Any], Value]) -> Value:
        try:
            return read(self.values[key])
        except _Wrong as error:
            self.refuse(key, str(error))

    def each(self, key: str) -> "list[_Place]":
        rows = self.get(key, _list)
        places = [f"{key}[{number}]" for number in range(len(rows))]
        if wrong := next((n for n, row in zip(places, rows, strict=True) if not isinstance(row, dict)), None):
            self.refuse(wrong, "is no object")
        return [_Place(row, name) for name, row in zip(places, rows, strict=True)]

    def refuse(self, key: str, complaint: str) -> NoReturn:
        raise UnreadableMachine(f"{self.name}: '{key}' {complaint}.")


class _Wrong(Exception):
    """A value of the wrong kind; the message completes a sentence."""


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _Wrong("is no list")
    return value


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong("is no object")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong("is no text")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise _Wrong("is no whole number")
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not isfinite(value):
        raise _Wrong("is no number")
    return float(value)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(each) for each in _list(value))


def _numbers(value: Any) -> tuple[float, ...]:
    return tuple(_number(each) for each in _list(value))


def _gaps(value: Any) -> tuple[float | None, ...]:
    return tuple(None if each is None else _number(each) for each in _list(value))
