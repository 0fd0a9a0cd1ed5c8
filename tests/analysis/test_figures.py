"""The other figures: what is drawn, that nothing overlaps, grey copies, and bytes that never change."""

import os
import subprocess
import sys
from collections.abc import Sequence
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation, Text

from analysis import Answer, FigureError, summarise
from analysis.cli import _FIGURES
from analysis.figures.chart import Chart
from analysis.figures.material import Material
from analysis.figures.registry import FIGURES, chart, charts
from analysis.figures.style import ACCENT, CLASS_COLOURS, luminance, our_settings, readable_on
from analysis.intervals import wilson
from analysis.tables import long_csv
from analysis.values import Interval
from tests.analysis.studies import simulated, study

LONG_NAMES = ("happy+peaceful", "gloomy_and_sad", "scary", "a very long class name of a painting")


def material(answers: Sequence[Answer]) -> Material:
    return Material(answers, summarise(answers))


def small() -> Material:
    return material(study(["0140", "0100", "1140"], "0141"))


def drawn(found: Chart) -> Figure:
    with our_settings():
        figure = found.draw()
        figure.draw_without_rendering()
    return figure


def words(figure: Figure) -> set[str]:
    return {text.get_text() for text in figure.findobj(Text) if isinstance(text, Text) and text.get_text()}


def marks(figure: Figure) -> list[tuple[float, float]]:
    """Where the round marks stand, from left to right."""
    (line,) = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
    return list(zip(x.tolist(), y.tolist(), strict=True))


def whiskers(figure: Figure) -> list[tuple[float, float, float]]:
    """Place, lower and upper end of each upright line."""
    found = [one for one in figure.axes[0].collections if isinstance(one, LineCollection)]
    ends = [np.asarray(one.get_segments()[0]) for one in found]
    return sorted((end[0, 0], end[0, 1], end[1, 1]) for end in ends if end[0, 0] == end[1, 0])


def test_each_volunteer_is_a_mark_in_order_of_accuracy() -> None:
    figure = drawn(chart("volunteers", small()))
    assert marks(figure) == [(1, 50), (2, 50), (3, 75)]
    low, high = 100 * _wilson(2, 4)[0], 100 * _wilson(2, 4)[1]
    assert whiskers(figure)[0] == pytest.approx((1, low, high))
    summary = small().summary
    assert isinstance(summary.accuracy_interval, Interval)
    ends = [round(100 * end) for end in (summary.accuracy_interval.low, summary.accuracy_interval.high)]
    assert {f"mean 58 %\n({ends[0]} to {ends[1]} %)", "chance 33 %"} <= words(figure)


def _wilson(correct: int, n: int) -> tuple[float, float]:
    found = wilson(correct, n)
    assert isinstance(found, Interval)
    return found.low, found.high


def test_figure_2_has_the_interval_of_each_trial_below_its_triangle() -> None:
    figure = drawn(chart("figure2", small()))
    found = [trial.interval for trial in small().summary.trials]
    ends = [pytest.approx((100 * one.low, 100 * one.high)) for one in found if isinstance(one, Interval)]
    lines = [(low, high) for _, low, high in whiskers(figure)]
    assert lines[::2] == lines[1::2] == ends  # each is drawn in white, then in black
    triangles = [
        float(np.ravel(line.get_ydata())[0]) for line in figure.axes[0].lines if line.get_marker() == "v"
    ]
    assert all(mark > high for mark, (_, high) in zip(triangles, lines[::2], strict=True))


def test_many_volunteers_become_a_histogram_of_all_of_them() -> None:
    figure = drawn(chart("volunteers", material(simulated(200, 10))))
    bars = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    assert sum(bar.get_height() for bar in bars) == 200
    middles = [(bar.get_x() + bar.get_width() / 2) / 10 for bar in bars]
    assert middles == pytest.approx([round(middle) for middle in middles])
    means = [line.get_xdata() for line in figure.axes[0].lines]
    assert np.asarray(means[0])[0] == pytest.approx(100 * summarise(simulated(200, 10)).accuracy)


def test_the_confusion_of_classes_is_written_and_shaded() -> None:
    figure = drawn(chart("confusion", small()))
    assert {"50 %\n3", "67 %\n2", "33 %\n1", "0 %\n0", "1\n(n = 6)"} <= words(figure)
    cells = [p for p in figure.axes[0].patches if isinstance(p, Rectangle) and p.get_fill()]
    shares = [2 / 3, 1 / 3, 0, 1 / 2, 1 / 2, 0, 1 / 3, 0, 2 / 3]
    light = [luminance(to_hex(cell.get_facecolor())) for cell in cells]
    assert [light[n] for n in np.argsort(shares, kind="stable")] == sorted(light, reverse=True)


def test_the_correct_cells_are_framed() -> None:
    figure = drawn(chart("confusion", small()))
    frames = [p for p in figure.axes[0].patches if isinstance(p, Rectangle) and not p.get_fill()]
    assert [(int(frame.get_x()), int(frame.get_y())) for frame in frames] == [(0, 0), (1, 1), (2, 2)]


def test_accuracy_over_the_session_follows_the_order_of_each_session() -> None:
    answers = [
        Answer("s", trial, ("a", "b"), "a", "a" if order < 3 else "b", order=order)
        for trial, order in ((1, 2), (2, 4), (3, 1), (4, 3))
    ]
    answers += [Answer("t", trial, ("a", "b"), "a", "a", order=trial) for trial in (1, 2, 3, 4)]
    figure = drawn(chart("learning", material(answers)))
    assert marks(figure) == [(1, 100), (2, 100), (3, 50), (4, 50)]
    assert [ends[0] for ends in whiskers(figure)] == [1, 2, 3, 4]


def test_quarters_of_a_session_are_steps() -> None:
    answers = [Answer("s", n, ("a", "b"), "a", "a" if n > 4 else "b", order=n) for n in range(1, 9)]
    found = chart("learning", material(answers))
    steps = [
        one.get_segments()[0] for one in drawn(found).axes[0].collections if isinstance(one, LineCollection)
    ]
    level = [(step[0][0], step[1][0], step[0][1]) for step in steps if step[0][1] == step[1][1]]
    assert level == [(0.6, 2.4, 0), (2.6, 4.4, 0), (4.6, 6.4, 100), (6.6, 8.4, 100)]
    assert found.alt_text == (
        "Chart of accuracy over 8 places of the session: 0 % at places 1 to 2, 0 % at places 3 to 4, "
        "100 % at places 5 to 6, 100 % at places 7 to 8."
    )


def test_without_an_order_there_is_no_curve() -> None:
    with pytest.raises(FigureError, match="in which order trials were taken"):
        chart("learning", small())
    assert "learning" not in charts(small())
    assert "learning" in charts(material(simulated(3, 4)))


def test_only_counted_sessions_are_drawn() -> None:
    unfinished = [Answer("u", 1, ("a", "b"), "a", "b", order=7, session_complete=False)]
    answers = [*unfinished, *(Answer("s", n, ("a", "b"), "a", "a", order=n) for n in (1, 2))]
    assert marks(drawn(chart("learning", material(answers)))) == [(1, 100), (2, 100)]


def test_the_words_for_whoever_can_not_see_them_tell_the_drawn_values() -> None:
    assert chart("volunteers", small()).alt_text == (
        "Chart of the accuracy of 3 volunteers, from 50 % to 75 %; the mean is 58 %, chance 33 %. "
        "More right than chance gives: 3 of 3."
    )
    assert chart("confusion", small()).alt_text == (
        "Table of what was chosen for the clips of each class, the correct choice framed. "
        "For clips of 0: 0 by 67 %, 1 by 33 %, 4 by 0 %. For clips of 1: 0 by 50 %, 1 by 50 %, 4 by 0 %. "
        "For clips of 4: 0 by 33 %, 1 by 0 %, 4 by 67 %."
    )


STUDIES = {
    "one volunteer": simulated(1, 20),
    "the paper's": simulated(21, 20),
    "four options": simulated(21, 12, classes=LONG_NAMES),
    "all right": [Answer(f"s{n}", t, ("a", "b"), "a", "a", order=t) for n in range(3) for t in (1, 2)],
    "all wrong": [Answer(f"s{n}", t, ("a", "b"), "a", "b", order=t) for n in range(3) for t in (1, 2)],
    "many": simulated(70, 60, classes=tuple("abcdefg")),
    "odd names": simulated(2, 3, classes=("$x^2$", "\\frac", "猫")),
}


@pytest.mark.parametrize("which", STUDIES)
def test_no_text_is_cut_or_lies_on_another(which: str) -> None:
    for name, found in charts(material(STUDIES[which])).items():
        if name != "figure2":  # which has tests of its own
            _assert_apart(drawn(found))


def _assert_apart(figure: Figure) -> None:
    page = figure.bbox
    boxes = [(text.get_text(), text.get_window_extent()) for text in _visible(figure)]
    outside = [n for n, b in boxes if b.x0 < 0 or b.y0 < 0 or b.x1 > page.width or b.y1 > page.height]
    assert outside == []
    assert [
        (a, b) for (a, one), (b, other) in combinations(boxes, 2) if one.shrunk(0.98, 0.98).overlaps(other)
    ] == []


def _visible(figure: Figure) -> list[Text]:
    found: list[Text] = [text for legend in figure.legends for text in legend.get_texts()]
    for axes in figure.axes:
        within = [
            label for label in axes.get_xticklabels() if _between(label.get_position()[0], axes.get_xlim())
        ]
        found += [
            label for label in axes.get_yticklabels() if _between(label.get_position()[1], axes.get_ylim())
        ]
        found += [*within, axes.xaxis.label, axes.yaxis.label, axes.title]
        found += [text for text in axes.texts if isinstance(text, Annotation) or text.get_clip_box() is None]
    return [text for text in found if text.get_text() and text.get_visible()]


def _between(value: float, limits: tuple[float, float]) -> bool:
    return min(limits) <= value <= max(limits)


@pytest.mark.parametrize("kind", ["svg", "pdf", "png"])
def test_figures_have_the_same_bytes_in_any_order_of_answers(kind: str) -> None:
    answers = simulated(5, 8)
    first, second = charts(material(answers)), charts(material(answers[::-1]))
    assert [second[name].render(kind) for name in second] == [first[name].render(kind) for name in first]


def test_another_process_draws_the_same_bytes_on_the_command_line(repository: Path, tmp_path: Path) -> None:
    table = tmp_path / "answers.csv"
    table.write_text(long_csv(simulated(5, 8)))
    code = (
        "import sys; from analysis.cli import main\n"
        "for n in sys.argv[3:]:\n"
        "  for k in ('svg', 'pdf', 'png'): main(['figure', n, *sys.argv[1:3], f'{n}.{k}'])"
    )
    found = charts(material(simulated(5, 8)))
    command = [sys.executable, "-c", code, str(table), "-o", *found]
    environment = {**os.environ, "PYTHONPATH": str(repository), "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == [one.alt_text for one in found.values() for _ in range(3)]
    files = {
        f"{name}.{kind}": one.render(kind) for name, one in found.items() for kind in ("svg", "pdf", "png")
    }
    assert {name: (tmp_path / name).read_bytes() for name in files} == files


def test_fonts_are_embedded_and_nothing_tells_the_day() -> None:
    for found in charts(material(simulated(5, 8))).values():
        pdf = found.render("pdf")
        assert b"/FontFile2" in pdf
        assert b"/Type3" not in pdf
        assert b"/CreationDate" not in pdf


def test_classes_next_to_each_other_differ_in_a_grey_copy() -> None:
    """Neighbours by 1.25 to 1, as WCAG counts contrast, and the first three, as in the paper, by 1.7."""
    light = [luminance(colour) + 0.05 for colour in CLASS_COLOURS]
    contrasts = [max(a, b) / min(a, b) for a, b in pairwise(light)]
    assert min(contrasts) > 1.25
    assert min(max(a, b) / min(a, b) for a, b in combinations(light[:3], 2)) > 1.7


def test_words_on_a_cell_can_be_read_whatever_its_shade() -> None:
    from analysis.figures.confusion import _tint

    for share in np.linspace(0, 1, 101):
        colour = _tint(float(share))
        light, ink = luminance(colour), luminance(readable_on(colour))
        assert (max(light, ink) + 0.05) / (min(light, ink) + 0.05) >= 4.5
    assert luminance(ACCENT) == pytest.approx(0.155, abs=0.005)


def test_an_unknown_figure_is_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(
        FigureError, match="There is no figure 'pie'; there are figure2, volunteers, confusion"
    ):
        chart("pie", small())


def test_the_command_line_names_all_figures() -> None:
    assert tuple(FIGURES) == _FIGURES
