"""The row that `benchmarks.core` prints says how many times as fast as the original ours is."""

from __future__ import annotations

import time

import pytest

from benchmarks.core import Case, report


def busy() -> None:
    """Two hundredths of a processor second."""
    end = time.process_time() + 0.02
    while time.process_time() < end:
        pass


@pytest.mark.parametrize(
    ("original", "shown", "at_most"), [((12.0, 25.0), "12-25", 20.0), ((3800.0,), "3,800", 0.14)]
)
def test_a_row_compares_with_the_higher_end_of_the_original(
    original: tuple[float, ...], shown: str, at_most: float, capsys: pytest.CaptureFixture[str]
) -> None:
    report("thing", Case(busy, 10, original), "float32", 1e9, 0.01)
    cells = [cell.strip() for cell in capsys.readouterr().out.split("|")]
    assert cells[5] == shown
    assert float(cells[6]) == pytest.approx(float(cells[4].replace(",", "")) / max(original), rel=0.01)
    assert 0 < float(cells[6]) <= at_most


def test_without_an_original_nothing_is_compared(capsys: pytest.CaptureFixture[str]) -> None:
    report("thing", Case(busy, 1), "float32", 1e9, 0.01)
    assert capsys.readouterr().out.split("|")[5:7] == ["  ", "  "]
