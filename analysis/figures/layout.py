"""Where everything of Figure 2 goes, in inches: rows of trials that fit a printed page."""

from dataclasses import dataclass
from math import ceil, floor

PAGE_WIDTH, COMFORTABLE_HEIGHT, PAGE_HEIGHT = 7.2, 5.4, 9.4
LEFT, RIGHT = 0.5, 0.74  # room for the axis on the left, the names of the lines on the right
WIDEST_BAR, NARROWEST_BAR = 0.30, 0.13
GAP = 0.6  # between trials, in bars
NUMBER_HEIGHT, ROW_GAP = 0.17, 0.1


@dataclass(frozen=True)
class Grid:
    """Rows of trials; `bar` is the width of one bar and the side of one thumbnail, in inches."""

    rows: int
    per_row: int
    bar: float
    options: int
    thumbnails: bool

    @property
    def pitch(self) -> float:
        """From the start of one trial to the start of the next."""
        return (self.options + GAP) * self.bar

    @property
    def width(self) -> float:
        return self.per_row * self.pitch

    @property
    def bars_height(self) -> float:
        """Lower where there are many rows, so that 60 trials of 5 options still fit a page."""
        if self.rows == 1:
            return 1.5
        return 0.85 if self.rows < 6 else 0.6

    @property
    def thumbnail_height(self) -> float:
        return self.bar if self.thumbnails else 0.0

    @property
    def row_height(self) -> float:
        return self.bars_height + self.thumbnail_height + NUMBER_HEIGHT + ROW_GAP

    @property
    def height(self) -> float:
        return self.rows * self.row_height


def grid(trials: int, options: int, *, thumbnails: bool) -> Grid:
    """The widest bars with which all trials fit a comfortable height, else a page, else the narrowest."""
    widths = [WIDEST_BAR - step * 0.01 for step in range(18)]  # down to NARROWEST_BAR
    candidates = [_grid_of(trials, options, thumbnails, width) for width in widths]
    for limit in (COMFORTABLE_HEIGHT, PAGE_HEIGHT):
        fitting = [candidate for candidate in candidates if candidate.height <= limit - 0.5]
        # Below 0.2 inch pictures are hard to make out, so a taller figure is better than that.
        if fitting and (fitting[0].bar >= 0.2 or limit == PAGE_HEIGHT):
            return fitting[0]
    return candidates[-1]


def _grid_of(trials: int, options: int, thumbnails: bool, bar: float) -> Grid:
    room = PAGE_WIDTH - LEFT - RIGHT
    rows = ceil(trials / max(1, floor(room / ((options + GAP) * bar) + 1e-9)))
    per_row = ceil(trials / rows)
    filled = min(WIDEST_BAR, room / per_row / (options + GAP))
    return Grid(rows, per_row, filled, options, thumbnails)
