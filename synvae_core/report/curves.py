"""Training curves: one small chart for each figure, training dashed, validation whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from synvae_core.report.history import Series

WIDTH, HEIGHT = 360, 200
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 10, 26
MOST_POINTS = 1000  # of a line: more cannot be told apart
STEEP = 20  # a curve that falls to less than a twentieth is drawn on a logarithmic scale

Points = Sequence[tuple[int, float]]


@dataclass(frozen=True)
class Scale:
    """From a step and a value to a place in the drawing."""

    first: int
    last: int
    low: float
    high: float
    logarithmic: bool

    def x(self, step: float) -> float:
        """The place of a step."""
        return LEFT + (step - self.first) / max(1, self.last - self.first) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        """The place of a value."""
        low, high, at = self.low, self.high, value
        if self.logarithmic:
            low, high, at = math.log(low), math.log(high), math.log(value)
        return TOP + (high - at) / ((high - low) or 1) * (HEIGHT - TOP - BOTTOM)

    def ticks(self) -> list[float]:
        """Two to seven round values within the scale; on a logarithmic one its ends and middle."""
        if self.logarithmic:
            return [self.low, math.sqrt(self.low * self.high), self.high]
        step = _round_step((self.high - self.low) / 6)
        first = math.ceil(self.low / step)
        return [step * n for n in range(first, math.floor(self.high / step + 1e-9) + 1)]


def chart(series: Series) -> Markup:
    """The series as an SVG element; its colours are the page's."""
    scale = _scale(series)
    parts = [_ticks(scale), _steps(scale)]
    for points, kind in ((series.train, "train"), (series.validation, "validation")):
        if points:
            parts.append(_line(points, scale, kind))
    return Markup('<svg class="chart" role="img" aria-label="{}" viewBox="0 0 {} {}">{}</svg>').format(
        words(series), WIDTH, HEIGHT, Markup("").join(parts)
    )


def words(series: Series) -> str:
    """What the chart shows, in a sentence."""
    points = series.validation or series.train
    if not points:
        return f"{series.name}: no values."
    (first, begin), (last, end) = points[0], points[-1]
    best = min(value for _, value in points)
    if first == last:
        return f"{series.name} in validation is {number(end)} at step {last:,}."
    return (
        f"{series.name} in validation goes from {number(begin)} at step {first:,} to {number(end)} at step "
        f"{last:,}; its lowest value is {number(best)}."
    )


def number(value: float) -> str:
    """A value with three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _scale(series: Series) -> Scale:
    points = [*series.train, *series.validation] or [(0, 0.0)]
    steps, values = [step for step, _ in points], [value for _, value in points]
    low, high = min(values), max(values)
    if low > 0 and high / low > STEEP:
        return Scale(min(steps), max(steps), low, high, logarithmic=True)
    room = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    return Scale(min(steps), max(steps), low - room, high + room, logarithmic=False)


def _round_step(rough: float) -> float:
    """The next of 1, 2, 5, 10, 20, ... (times a power of ten) that is not below `rough`."""
    size = 10 ** math.floor(math.log10(rough))
    return next(factor * size for factor in (1.0, 2.0, 5.0, 10.0) if factor * size >= rough * (1 - 1e-9))


def _ticks(scale: Scale) -> Markup:
    return Markup("").join(
        Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(
            LEFT, WIDTH - RIGHT, scale.y(tick), scale.y(tick)
        )
        + Markup('<text x="{}" y="{:.1f}" text-anchor="end">{}</text>').format(
            LEFT - 6, scale.y(tick) + 4, number(tick)
        )
        for tick in scale.ticks()
    )


def _steps(scale: Scale) -> Markup:
    left, right = (f"{step:,}" for step in (scale.first, scale.last))
    return Markup('<text x="{}" y="{}">step {}</text><text x="{}" y="{}" text-anchor="end">{}</text>').format(
        LEFT, HEIGHT - 8, left, WIDTH - RIGHT, HEIGHT - 8, right
    )


def _line(points: Points, scale: Scale, kind: str) -> Markup:
    if len(points) == 1:
        (step, value) = points[0]
        return Markup('<circle class="{} dot" cx="{:.1f}" cy="{:.1f}" r="4"/>').format(
            kind, scale.x(step), scale.y(value)
        )
    shown = [*points[: -1 : 1 + len(points) // MOST_POINTS], points[-1]]
    places = " ".join(f"{scale.x(step):.1f},{scale.y(value):.1f}" for step, value in shown)
    return Markup('<polyline class="{}" points="{}"/>').format(kind, places)
