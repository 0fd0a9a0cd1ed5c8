"""People against machines, and the map of the pictures: what is drawn, and what it says in words."""

import dataclasses
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from analysis import Answer, FigureError, summarise
from analysis.cli import main
from analysis.figures.material import Material
from analysis.figures.registry import chart, charts
from analysis.figures.style import CLASS_COLOURS, CLASS_MARKS
from analysis.machine.comparison import beside
from analysis.machine.document import Machine, Spot
from analysis.machine.errors import OtherStudy
from analysis.machine.files import machine_json
from analysis.machine.report import beside_report
from analysis.tables import long_csv
from analysis.values import is_number, signed
from tests.analysis.machine.machines import believing, machine, people
from tests.analysis.test_figures import _assert_apart, drawn, words

BELIEFS = [[0.7, 0.2, 0.1], [0.2, 0.6, 0.2], [0.5, 0.3, 0.2]]


def material(found: Machine, answers: list[Answer] | None = None) -> Material:
    given = answers or people(found, [t.probability["naive"] for t in found.trials], n=8)
    return Material(given, summarise(given), None, found)


def points(axes: Axes) -> list[tuple[float, float, str, str]]:
    """Where each mark stands, its form and colour."""
    found = []
    for line in axes.lines:
        if line.get_marker() in CLASS_MARKS:
            x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
            colour = to_hex(str(line.get_color())).upper()
            found += [
                (round(float(a), 9), float(b), str(line.get_marker()), colour)
                for a, b in zip(x, y, strict=True)
            ]
    return found


def test_each_trial_is_a_mark_over_its_difficulty() -> None:
    found = believing(machine(3), BELIEFS)
    answers = [
        dataclasses.replace(answer, choice=answer.truth if int(answer.session[1:]) < right else "1")
        for answer in people(found, [[1, 0, 0], [0, 1, 0], [0, 0, 1]], n=4)
        for right in [[3, 4, 2][answer.trial - 1]]
    ]
    figure = drawn(chart("machine", material(found, answers)))
    blue, orange, yellow = CLASS_COLOURS[:3]
    for axes in figure.axes:
        assert points(axes) == [
            (30, 75, "o", blue), (40, 100, "s", orange),
            (80, 50, "^", yellow),
        ]  # fmt: skip
    assert {"0", "1", "4"} <= words(figure)


def test_the_charts_of_machines_say_what_they_show() -> None:
    found = believing(machine(3), BELIEFS)
    told = chart("machine", material(found)).alt_text
    assert told.startswith(
        "Two charts of the accuracy of 8 volunteers in 3 trials, over their difficulty: 1 less the "
        "probability that a machine listener gave the truth. The model was right in 2 of 3; "
    )
    assert "The naive listener was right in 2 of 3; " in told


def test_the_correlation_has_one_sign_in_figure_words_and_command() -> None:
    found = believing(machine(4), [[0.9, 0.05, 0.05], [0.2, 0.7, 0.1], [0.3, 0.3, 0.4], [0.5, 0.25, 0.25]])
    made = material(found)
    compared = beside(made.answers, made.summary, found)
    rho = compared.listeners[0].difficulty.rho
    assert is_number(rho)
    assert rho < 0
    drawing = chart("machine", made)
    assert f"rho with its difficulty {rho:+.2f}" in drawing.alt_text
    assert any(f"; rho {rho:+.2f}, " in text for text in words(drawn(drawing)))
    assert f"{rho:+.3f}   Spearman's rho" in beside_report(compared)
    assert [signed(value, 2) for value in (-0.001, 0.004, -0.17, 0.17)] == ["0.00", "0.00", "-0.17", "+0.17"]


def test_every_picture_is_on_the_map_in_the_form_of_its_class() -> None:
    spots = (
        Spot("a", "0", "example", 0, 0), Spot("b", "1", "truth", 5, 1), Spot("c", "4", "option", 1, 7),
        Spot("d", "4", "truth", 0.1, 0.1),
    )  # fmt: skip
    found = dataclasses.replace(machine(3), spots=spots, explained=(0.5, 0.25))
    figure = drawn(chart("map", material(found)))
    shown = [line for line in figure.axes[0].lines if line.get_label() != "hole"]
    marks = {
        (float(x), float(y), str(line.get_marker()), str(line.get_label()))
        for line in shown
        for x, y in zip(np.asarray(line.get_xdata()), np.asarray(line.get_ydata()), strict=True)
    }
    assert marks == {
        (0, 0, "o", "example"), (5, 1, "s", "truth"), (1, 7, "^", "option"), (0.1, 0.1, "^", "truth")
    }  # fmt: skip
    assert {
        "First component (50 % of variance)",
        "Second component (25 %)",
        "clip was made from it",
    } <= words(figure)
    assert chart("map", material(found)).alt_text == (
        "Map of 4 pictures of 3 classes (0, 1, 4) on two axes, which hold 50 % and 25 % of the variance of "
        "their latents. 3 of 4 lie nearest to the middle of their own class."
    )


@pytest.mark.parametrize(
    ("trials", "classes", "people_"),
    [
        (1, ("a", "b"), 1),
        (12, ("happy+peaceful", "gloomy_and_sad", "scary", "a very long class name of a painting"), 1),
        (20, ("0", "1", "4"), 21),
        (60, tuple("abcdefg"), 5),
    ],
)
def test_no_text_is_cut_or_lies_on_another(trials: int, classes: tuple[str, ...], people_: int) -> None:
    found = machine(trials, classes=classes)
    answers = people(found, [t.probability["naive"] for t in found.trials], n=people_)
    for name in ("machine", "map"):
        _assert_apart(drawn(chart(name, material(found, answers))))


def test_the_bytes_never_change(tmp_path: Path) -> None:
    found = machine(6)
    answers = people(found, [t.probability["naive"] for t in found.trials], n=8)
    mine = material(found, answers)
    (tmp_path / "answers.csv").write_text(long_csv(answers))
    (tmp_path / "machine.json").write_text(machine_json(found))
    files = [str(tmp_path / name) for name in ("answers.csv", "machine.json")]
    for name, kind in (("machine", "svg"), ("map", "pdf"), ("map", "png")):
        out = tmp_path / f"{name}.{kind}"
        assert main(["figure", name, files[0], "--machine", files[1], "-o", str(out)]) == 0
        assert out.read_bytes() == chart(name, mine).render(kind)


def test_without_machine_json_both_say_what_they_need() -> None:
    mine = dataclasses.replace(material(machine(3)), machine=None)
    for name in ("machine", "map"):
        with pytest.raises(FigureError, match=r"needs machine\.json"):
            chart(name, mine)
    assert not {"machine", "map"} & set(charts(mine))


def test_another_studys_machine_is_never_drawn_beside_people() -> None:
    mine = dataclasses.replace(material(machine(3)), machine=machine(2))
    with pytest.raises(OtherStudy):
        chart("machine", mine)
    assert "machine" not in charts(mine)


def test_forms_differ_so_that_colour_is_never_needed() -> None:
    assert len(set(CLASS_MARKS)) == len(CLASS_COLOURS)
    assert all(one != other for one, other in combinations(CLASS_MARKS, 2))
