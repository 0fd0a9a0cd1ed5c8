"""Cells of tables: a number as it is read, sorted and downloaded, or a dash with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.values import Interval, Range, Undefined
from study.web.numbers import Cell, ends, percent

if TYPE_CHECKING:
    from analysis.values import Number


def number(value: Number, digits: int = 3) -> Cell:
    """A number, or a dash that says why there is none."""
    if isinstance(value, Undefined):
        return Cell("–", why=str(value))
    return Cell(f"{value:.{digits}f}", raw=value)


def share(value: Number) -> Cell:
    """A share as a percentage."""
    return Cell(percent(value), raw=None if isinstance(value, Undefined) else value)


def p_value(value: Number) -> Cell:
    """A probability: four decimals, or that it is smaller."""
    if isinstance(value, Undefined):
        return Cell("–", why=str(value))
    return Cell(f"{value:.4f}" if value >= 0.0001 else "under 0.0001", raw=value)


def interval(found: Range, *, shares: bool = True) -> Cell:
    """An interval, of a share in per cent; it is sorted by its lower end."""
    if not isinstance(found, Interval):
        return Cell("–", why=str(found))
    text = ends(found, 1) if shares else f"{found.low:.3f} to {found.high:.3f}"
    return Cell(text, raw=(found.low, found.high))


def integer(value: int) -> Cell:
    """A count."""
    return Cell(str(value), raw=value)
