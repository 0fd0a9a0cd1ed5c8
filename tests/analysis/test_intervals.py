"""Intervals against recorded numbers, scipy and a simulation of their coverage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from analysis import Interval, Undefined
from analysis.intervals import crossed_bootstrap, t_interval, weighted_accuracy, wilson

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


def ends(interval: Interval | Undefined) -> tuple[float, float]:
    assert isinstance(interval, Interval)
    return interval.low, interval.high


@pytest.mark.parametrize(
    ("correct", "n", "low", "high"), [(161, 220, 0.670, 0.786), (298, 420, 0.664, 0.751)]
)  # the paper's two studies
def test_wilson_gives_the_recorded_numbers(correct: int, n: int, low: float, high: float) -> None:
    assert ends(wilson(correct, n)) == pytest.approx((low, high), abs=5e-4)


@given(st.integers(1, 200), st.data())
def test_wilson_equals_scipy(n: int, data: st.DataObject) -> None:
    correct = data.draw(st.integers(0, n))
    theirs = stats.binomtest(correct, n).proportion_ci(method="wilson")
    assert ends(wilson(correct, n)) == pytest.approx(theirs, abs=1e-9)


def test_wilson_of_nothing_says_so() -> None:
    assert wilson(0, 0) == Undefined("There are no answers to take a share of.")


@pytest.mark.parametrize(
    ("n", "mean", "sigma", "low", "high"), [(11, 0.73, 0.22, 0.575, 0.885), (21, 0.71, 0.13, 0.649, 0.771)]
)
def test_t_interval_gives_the_recorded_numbers_of_the_paper(
    n: int, mean: float, sigma: float, low: float, high: float
) -> None:
    shape = np.linspace(-1, 1, n)
    accuracies = mean + shape * sigma / shape.std()
    assert ends(t_interval(accuracies)) == pytest.approx((low, high), abs=1e-3)


@given(st.lists(st.integers(0, 20), min_size=2, max_size=30))
def test_t_interval_equals_scipy_cut_at_nought_and_one(correct: list[int]) -> None:
    accuracies = np.array(correct) / 20
    ours = t_interval(accuracies)
    if np.ptp(accuracies) == 0:
        assert isinstance(ours, Undefined)
        return
    theirs = stats.ttest_1samp(accuracies, 0).confidence_interval()
    assert ends(ours) == pytest.approx(np.clip([theirs.low, theirs.high], 0, 1), abs=1e-9)


def test_t_interval_of_one_volunteer_says_why_it_has_none() -> None:
    assert t_interval(np.array([0.7])) == Undefined(
        "An interval over volunteers needs at least two volunteers."
    )


def test_weighted_accuracy_of_complete_data_is_the_pigeonhole_product() -> None:
    rng = np.random.default_rng(5)
    n, T, B = 7, 9, 40
    Y = (rng.random((n, T)) < 0.6).astype(float)
    people, items = (rng.multinomial(m, [1 / m] * m, B).astype(float) for m in (n, T))
    expected = np.einsum("bi,ij,bj->b", people, Y, items) / (n * T)
    np.testing.assert_allclose(weighted_accuracy(Y, np.ones((n, T)), people, items), expected, atol=1e-12)


def test_weighted_accuracy_leaves_out_people_without_any_drawn_item() -> None:
    answered = np.array([[1.0, 1.0], [0.0, 1.0]])
    correct = np.array([[1.0, 0.0], [0.0, 1.0]])
    items = np.array([[2.0, 0.0], [1.0, 1.0], [2.0, 0.0]])
    people = np.array([[1.0, 1.0], [1.0, 1.0], [0.0, 2.0]])
    means = weighted_accuracy(correct, answered, people, items)
    np.testing.assert_array_equal(means, [1.0, 0.75, np.nan])


def test_the_same_seed_draws_the_same_interval_and_another_seed_another() -> None:
    correct = np.random.default_rng(1).random((11, 20)) < 0.7
    everyone = np.ones_like(correct)
    first = crossed_bootstrap(correct, everyone, seed=3)
    assert crossed_bootstrap(correct[::-1], everyone, seed=3) == first
    assert crossed_bootstrap(correct, everyone, seed=4) != first


@pytest.mark.parametrize(
    ("correct", "reason"),
    [
        (np.array([[True, False]]), "This interval resamples volunteers and trials and needs two of each"),
        (np.ones((3, 4), dtype=bool), "All answers are right or all are wrong"),
        (np.zeros((3, 4), dtype=bool), "All answers are right or all are wrong"),
    ],
)
def test_a_bootstrap_without_spread_says_why(correct: Flags, reason: str) -> None:
    interval = crossed_bootstrap(correct, np.ones_like(correct))
    assert isinstance(interval, Undefined)
    assert interval.reason.startswith(reason)


def test_draws_without_any_answer_are_left_out_and_said_when_none_is_left() -> None:
    answered = np.eye(2, dtype=bool)
    correct = np.array([[True, False], [False, False]])
    ones = [crossed_bootstrap(correct, answered, draws=1, seed=seed) for seed in range(12)]
    empty = Undefined("No draw had an answer of a drawn volunteer to a drawn trial; draw more often.")
    assert empty in ones
    assert any(isinstance(interval, Interval) for interval in ones)


def test_the_crossed_bootstrap_covers_where_wilson_does_not() -> None:
    """Recorded for 11 people: crossed .968, Wilson .743; 150 studies leave some .035 of error."""
    rng = np.random.default_rng(20)
    covered = {"crossed": 0, "wilson": 0}
    for study in range(150):
        correct = _new_people_and_items(rng, 11, 20)
        crossed = crossed_bootstrap(correct, np.ones_like(correct), draws=300, seed=study)
        naive = wilson(int(correct.sum()), correct.size)
        covered["crossed"] += isinstance(crossed, Interval) and TRUE_ACCURACY in crossed
        covered["wilson"] += isinstance(naive, Interval) and TRUE_ACCURACY in naive
    assert covered["crossed"] / 150 == pytest.approx(0.968, abs=0.04)
    assert covered["wilson"] / 150 == pytest.approx(0.743, abs=0.1)


def _probability(ability: Floats) -> Floats:
    """Logistic above a floor of one third."""
    return np.asarray(1 / 3 + 2 / 3 / (1 + np.exp(-ability)))


MEAN_ABILITY = 0.34
# Over people and items with standard deviations 1 and 1, by Gauss-Hermite quadrature
_nodes, _weights = np.polynomial.hermite_e.hermegauss(60)
TRUE_ACCURACY = float((_weights * _probability(MEAN_ABILITY + np.sqrt(2) * _nodes)).sum() / _weights.sum())


def _new_people_and_items(rng: np.random.Generator, n: int, T: int) -> Flags:
    ability = MEAN_ABILITY + rng.normal(size=(n, 1)) + rng.normal(size=(1, T))
    return np.asarray(rng.random((n, T)) < _probability(ability))
