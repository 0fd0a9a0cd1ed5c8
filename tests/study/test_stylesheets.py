"""Stylesheets are ready for languages that run from right to left, and for those who want nothing to move."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from study import settings

SHEETS = sorted((settings.BASE_DIR / "study" / "static" / "study" / "css").glob("*.css"))
PHYSICAL = re.compile(
    r"(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right)\b"
    r"|(?<![\w-])(?:left|right)\s*:|(?:text-align|float|clear)\s*:\s*(?:left|right)\b"
    r"|border-(?:top|bottom)-(?:left|right)-radius)"
)
# Four values in which the second and the fourth differ name left and right.
FOUR = re.compile(r"(?:margin|padding|inset)\s*:\s*([^;{}]+);")


def declared(sheet: Path) -> str:
    """The stylesheet without its comments."""
    return re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)


def lopsided(values: str) -> bool:
    """Whether four values give left and right different sizes."""
    parts = re.sub(r"\([^()]*(?:\([^()]*\)[^()]*)*\)", "()", values).split()
    return len(parts) == 4 and parts[1] != parts[3]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_nothing_is_placed_left_or_right(sheet: Path) -> None:
    text = declared(sheet)
    found = PHYSICAL.findall(text) + [values for values in FOUR.findall(text) if lopsided(values)]
    assert found == []


def test_the_rule_finds_what_it_looks_for() -> None:
    assert PHYSICAL.findall("a { margin-left: 1px; left: 0; text-align: right; float:left }") == [
        "margin-left", "left:", "text-align: right", "float:left",
    ]  # fmt: skip
    assert PHYSICAL.findall(".verdict.right { margin-inline-start: 1px; text-align: start }") == []
    assert [lopsided(values) for values in ("0 1px 0 2px", "0 1px 0 1px", "0 min(1px, 2px) 0 1px")] == [
        True, False, True,
    ]  # fmt: skip


def test_motion_stops_for_those_who_ask() -> None:
    base = declared(next(sheet for sheet in SHEETS if sheet.name == "base.css"))
    reduced = base[base.index("prefers-reduced-motion: reduce") :]
    assert "animation: none !important" in reduced
    assert "transition: none !important" in reduced
