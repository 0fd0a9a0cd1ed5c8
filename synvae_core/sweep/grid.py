"""The values of a grid: `beta=0.1:2.0:0.1` or `beta=0.1,0.5,1`, and every combination of several keys."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import product

from synvae_core.errors import SynvaeError

MOST_CELLS = 10_000


class SweepError(SynvaeError):
    """A grid that cannot be run, or a folder that holds another one."""


@dataclass(frozen=True)
class Cell:
    """One place in a grid: the text of each key's value, in the order of the keys."""

    values: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The cell's folder: "beta=0.1", "beta=0.1,latent=64"."""
        return ",".join(f"{key}={_plain(value)}" for key, value in self.values)

    @property
    def settings(self) -> list[str]:
        """What `read_recipe` takes."""
        return [f"{key}={value}" for key, value in self.values]

    @property
    def place(self) -> tuple[Decimal, ...]:
        """The values as numbers, in the order of the keys."""
        return tuple(Decimal(value) for _, value in self.values)


def cell_named(name: str, keys: Sequence[str]) -> Cell | None:
    """The cell of these keys whose folder has this name, if it is one."""
    parts = [part.partition("=") for part in name.split(",")]
    values = tuple((key, value) for key, _, value in parts)
    if tuple(key for key, _ in values) != tuple(keys) or not all(map(_is_number, dict(values).values())):
        return None
    return Cell(values)


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def parse_axis(text: str) -> tuple[str, tuple[str, ...]]:
    """ "key=first:last:step" or "key=a,b,c" -> the key and its values as texts, both ends included.

    Raises SweepError for anything else.
    """
    key, equals, values = text.partition("=")
    if not equals or not key.strip() or not values.strip():
        raise SweepError(
            f"{text!r} is no axis: write key=first:last:step or key=a,b,c, such as beta=0.1:2.0:0.1."
        )
    numbers = _range(text, values) if ":" in values else [part.strip() for part in values.split(",")]
    for number in numbers:
        _decimal(text, number)
    return key.strip(), tuple(dict.fromkeys(numbers))


def cells(axes: Mapping[str, Sequence[str]]) -> list[Cell]:
    """Every combination, the last key changing fastest; raises SweepError for none or far too many."""
    number = 1
    for values in axes.values():
        number *= len(values)
    if not axes or number > MOST_CELLS:
        raise SweepError(f"A grid needs 1 to {MOST_CELLS:,} cells; this one has {number if axes else 0:,}.")
    return [Cell(tuple(zip(axes, values, strict=True))) for values in product(*axes.values())]


def _range(text: str, values: str) -> list[str]:
    parts = [_decimal(text, part) for part in values.split(":")]
    if len(parts) != 3 or parts[2] <= 0 or parts[1] < parts[0]:
        raise SweepError(
            f"{text!r} is no range: write first:last:step with first <= last and a step above 0."
        )
    first, last, step = parts
    try:
        spaces = (last - first) / step
    except ArithmeticError:  # numbers of astronomical size
        spaces = Decimal(MOST_CELLS)
    if spaces >= MOST_CELLS:
        raise SweepError(f"{text!r} has more than {MOST_CELLS:,} values.")
    return [str(first + index * step) for index in range(int(spaces) + 1)]


def _decimal(text: str, part: str) -> Decimal:
    try:
        number = Decimal(part.strip())
    except InvalidOperation:
        raise SweepError(f"{part.strip()!r} in {text!r} is no number.") from None
    if not number.is_finite():
        raise SweepError(f"{part.strip()!r} in {text!r} is no finite number.")
    return number


def _plain(value: str) -> str:
    return re.sub(r"[^\w.+-]", "_", value)
