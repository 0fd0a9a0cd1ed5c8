"""Planned studies against power that others measured, the interval of the results, and what chance allows."""

import json
from pathlib import Path

import numpy as np
import pytest

from analysis import Answer
from analysis.cli import main
from analysis.intervals import crossed_bootstrap
from analysis.power import Design, ImpossibleDesign, plan, power, power_figure, power_object, spread
from analysis.power.model import probabilities
from analysis.power.simulation import _by_bootstrap
from analysis.tables import long_csv
from tests.analysis.studies import study

# Power by the t test and by the crossed bootstrap for 11, 21, 40 and 80 volunteers: 20 trials, spreads of 1,
# 800 studies each, simulated independently of this package.
TABLE = {
    0.40: ((0.50, 0.23), (0.77, 0.44), (0.94, 0.74), (1.0, 0.95)),
    0.45: ((0.84, 0.64), (0.98, 0.90), (1.0, 1.0), (1.0, 1.0)),
}


def answered(design: Design, people: int, seed: int = 1) -> list[Answer]:
    """Answers that a study of this design gives."""
    rng = np.random.default_rng(seed)
    likely = probabilities(design, people, 1, rng)[0]
    right = rng.random(likely.shape) < likely
    return [
        Answer(f"s{row}", column + 1, tuple("abc"), "a", "a" if right[row, column] else "b")
        for row in range(people)
        for column in range(design.trials)
    ]


@pytest.mark.parametrize("accuracy", TABLE)
def test_power_is_that_of_the_known_table_within_three_hundredths(accuracy: float) -> None:
    found = [power(Design(accuracy), n, studies=2000) for n in (11, 21, 40, 80)]
    assert [(row.t_test.power, row.bootstrap.power) for row in found] == [
        pytest.approx(row, abs=0.03) for row in TABLE[accuracy]
    ]


@pytest.mark.parametrize(("sd", "sigma"), [(0, 0.093), (0.5, 0.112), (1, 0.148), (2, 0.204), (3, 0.236)])
def test_spreads_of_volunteers_give_the_known_sigmas(sd: float, sigma: float) -> None:
    rng = np.random.default_rng(3)
    likely = probabilities(Design(0.71, sd_people=sd), 21, 2000, rng)
    accuracies = (rng.random(likely.shape) < likely).mean(axis=2)
    assert accuracies.std(axis=1).mean() == pytest.approx(sigma, abs=0.004)
    assert accuracies.mean() == pytest.approx(0.71, abs=0.005)


def test_the_bootstrap_finds_what_the_interval_of_the_results_finds() -> None:
    rng = np.random.default_rng(5)
    likely = probabilities(Design(0.42), 15, 60, rng)
    right = rng.random(likely.shape) < likely
    bounds = [crossed_bootstrap(table, np.ones_like(table), level=0.9).low for table in right]  # type: ignore[union-attr]
    # Bounds within .005 of chance may fall on either side: the draws differ.
    sure = [bound > 1 / 3 for bound in bounds if abs(bound - 1 / 3) > 0.005]
    found = _by_bootstrap(right.astype(np.float32), 1 / 3, 1000, rng)
    assert 10 < sum(sure) <= found <= sum(sure) + len(bounds) - len(sure) < 50


def test_guessing_is_found_out_by_neither_test() -> None:
    found = power(Design(1 / 3), 21, studies=4000)
    assert found.t_test.power == pytest.approx(0.05, abs=0.015)
    assert found.bootstrap.power < 0.05


def test_equal_arguments_give_equal_numbers_and_other_seeds_others() -> None:
    once, again = (power(Design(0.4), 21, studies=300, seed=4) for _ in range(2))
    assert once == again != power(Design(0.4), 21, studies=300, seed=5)


def test_all_studies_are_reported_to_the_bar() -> None:
    told: list[int] = []
    power(Design(), 3, studies=2500, told=told.append)
    assert sum(told) == 2500
    assert len(told) > 1


def test_the_smallest_number_is_the_first_that_reaches_the_target() -> None:
    found = plan(Design(0.45), (21,), target=0.8, studies=1000)
    assert found.smallest_t is not None
    assert found.smallest_bootstrap is not None
    assert power(Design(0.45), found.smallest_t, studies=1000).t_test.power >= 0.8
    assert power(Design(0.45), found.smallest_t - 1, studies=1000).t_test.power < 0.8
    assert found.smallest_t < found.smallest_bootstrap
    assert power(Design(0.45), found.smallest_bootstrap, studies=1000).bootstrap.power >= 0.8


def test_a_target_out_of_reach_is_said() -> None:
    found = plan(Design(0.34), (11,), studies=50, searched=40)
    assert (found.smallest_t, found.smallest_bootstrap) == (None, None)
    assert "40 volunteers do not reach a power of 0.8" in power_figure(found).alt_text


def test_spreads_are_found_again_in_answers() -> None:
    design = Design(0.6, 80, 3, 1.2, 0.6)
    found = spread(answered(design, 250))
    assert found.people == 250
    assert found.answers == 20_000
    assert found.design.accuracy == pytest.approx(0.6, abs=0.03)
    assert (found.design.sd_people, found.design.sd_items) == pytest.approx((1.2, 0.6), abs=0.15)


def test_missing_answers_do_not_move_the_spreads() -> None:
    answers = answered(Design(0.6, 80, 3, 1.2, 0.6), 250)
    rng = np.random.default_rng(2)
    some = [answer for answer in answers if rng.random() > 0.1]
    whole, part = spread(answers).design, spread(some).design
    assert (part.sd_people, part.sd_items) == pytest.approx((whole.sd_people, whole.sd_items), abs=0.06)


def test_volunteers_who_only_differ_by_chance_have_no_spread() -> None:
    found = spread(answered(Design(0.6, 100, 3, 0, 0), 200)).design
    assert (found.sd_people, found.sd_items) == pytest.approx((0, 0), abs=0.12)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([], "at least two finished sessions"),
        (answered(Design(), 1), "at least two finished sessions"),
        ([Answer(f"s{n}", t, ("a", "b"), "a", "a") for n in (1, 2) for t in (1, 2)], "right in 100 %"),
        ([Answer(f"s{n}", t, ("a", "b"), "a", "b") for n in (1, 2) for t in (1, 2)], "right in 0 %"),
        ([Answer(f"s{n}", t, tuple("abc")[:t], "a", "a") for n in (1, 2) for t in (2, 3)], "differ in their"),
    ],
)
def test_answers_that_tell_no_spread_are_refused(answers: list[Answer], said: str) -> None:
    with pytest.raises(ImpossibleDesign, match=said):
        spread(answers)


@pytest.mark.parametrize(
    "said",
    [{"accuracy": 0.2}, {"accuracy": 1}, {"trials": 1}, {"options": 1}, {"sd_people": -1}, {"sd_items": 9}],
)
def test_impossible_designs_are_refused(said: dict[str, float]) -> None:
    with pytest.raises(ImpossibleDesign):
        Design(**said)  # type: ignore[arg-type]


def test_the_figure_is_the_same_every_time_and_says_what_it_shows() -> None:
    found = plan(Design(), (5, 9), studies=40, searched=20)
    figure = power_figure(found)
    assert figure.render("svg") == figure.render("svg")
    assert figure.alt_text.encode() in figure.render("svg")
    assert "5 volunteers 0." in figure.alt_text


def test_the_command_prints_what_was_simulated(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    line = ["power", "--accuracy", ".45", "--people", "9", "5", "--studies", "60", "--seed", "2"]
    assert main([*line, "--json", "-o", str(tmp_path / "power.png")]) == 0
    expected = plan(Design(0.45), (5, 9), studies=60, seed=2)
    assert json.loads(capsys.readouterr().out) == power_object(expected)
    assert (tmp_path / "power.png").read_bytes().startswith(b"\x89PNG")
    assert main(line) == 0
    assert f"{expected.smallest_t} volunteers reach a power of 0.8 by the t test" in capsys.readouterr().out


def test_the_command_reads_a_pilot(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    table = tmp_path / "pilot.csv"
    pilot = answered(Design(0.6, 12, 3, 1, 1), 30)
    table.write_text(long_csv(pilot), encoding="utf-8")
    line = ["power", "--from", str(table), "--people", "10", "--studies", "20", "--sd-items", "0.5", "--json"]
    assert main(line) == 0
    design, found = json.loads(capsys.readouterr().out)["design"], spread(pilot).design
    assert design["sd_people"] == found.sd_people
    assert (design["accuracy"], design["trials"], design["sd_items"]) == (found.accuracy, 12, 0.5)


def test_a_spread_at_the_end_of_what_is_tried_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "same.csv"
    path.write_text(long_csv(study(["00001111"] * 6, "00000000", classes=("0", "1", "4"))))
    assert main(["power", "--from", str(path), "--people", "4", "--studies", "20"]) == 0
    told = capsys.readouterr().err
    assert "The spread of trials is the largest that is tried, 5 logits" in told
    assert "The spread of volunteers" not in told


def test_the_command_refuses_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["power", "--people", "1"]) == 2
    assert capsys.readouterr().err == "analysis: Power can be simulated for 2 to 2000 volunteers.\n"
