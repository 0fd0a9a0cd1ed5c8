"""Alpha, AC1 and the intervals of all three coefficients: published tables, hand-made cases, invariances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from analysis import Answer, Bootstrap, Interval, Undefined, is_number
from analysis.agreement import fleiss_kappa, gwet_ac1, krippendorff_alpha
from analysis.matrix import to_matrix
from analysis.review.agreeing import agreement, resampled_trials
from analysis.review.sections import Agreement
from tests.analysis.studies import FLEISS_1971, WIKIPEDIA, from_counts, simulated, studies, study

# By irrCAC 0.4.4 (both) and krippendorff 0.9.0 (alpha), which are not installed here.
KNOWN = [(FLEISS_1971, 0.430245, 0.433410, 0.44788), (WIKIPEDIA, 0.209931, 0.215574, 0.22561)]


@pytest.mark.parametrize(("table", "kappa", "alpha", "ac1"), KNOWN)
def test_published_tables_give_their_recorded_coefficients(
    table: NDArray[np.int64], kappa: float, alpha: float, ac1: float
) -> None:
    assert fleiss_kappa(table) == pytest.approx(kappa, abs=1e-6)
    assert krippendorff_alpha(table) == pytest.approx(alpha, abs=1e-6)
    assert gwet_ac1(table) == pytest.approx(ac1, abs=1e-5)


@given(st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=1, max_size=8))
def test_alpha_equals_the_coincidence_matrix_with_missing_answers(rows: list[list[int]]) -> None:
    """Krippendorff's own recipe: observed over expected coincidences of different names."""
    counts = np.array(rows)
    coincidences = np.zeros((3, 3))
    for row in rows:
        m = sum(row)
        if m > 1:
            pairs = np.outer(row, row) - np.diag(row)
            coincidences += pairs / (m - 1)
    margins, n = coincidences.sum(axis=1), coincidences.sum()
    ours = krippendorff_alpha(counts)
    if n == 0 or np.count_nonzero(margins) < 2:
        assert isinstance(ours, Undefined)
        return
    different = ~np.eye(3, dtype=bool)
    expected = (np.outer(margins, margins) - np.diag(margins))[different].sum() / (n - 1)
    assert ours == pytest.approx(1 - coincidences[different].sum() / expected)


def test_ac1_of_a_table_with_missing_answers_by_hand() -> None:
    counts = np.array([[2, 1], [1, 0], [0, 2]])  # agreeing pairs 1/3, none to compare, 1
    agreeing = (1 / 3 + 1) / 2
    first = (2 / 3 + 1 + 0) / 3
    chance = 2 * first * (1 - first)
    assert gwet_ac1(counts) == pytest.approx((agreeing - chance) / (1 - chance))


@pytest.mark.parametrize(("table", "low", "high"), [(FLEISS_1971, 0.316, 0.526), (WIKIPEDIA, 0.043, 0.368)])
def test_kappa_over_trials_has_the_recorded_interval(
    table: NDArray[np.int64], low: float, high: float
) -> None:
    kappa = resampled_trials(table, Bootstrap(draws=20_000, seed=3))[:, 0]
    assert np.quantile(kappa, [0.025, 0.975]) == pytest.approx([low, high], abs=0.012)


def reviewed(answers: list[Answer], draws: int = 200) -> Agreement:
    matrix = to_matrix(answers)
    return agreement(matrix, fleiss_kappa(matrix.counts()), Bootstrap(draws=draws))


def test_without_resampling_the_weighted_formulas_are_the_plain_ones() -> None:
    counts = np.array([[3, 1, 0], [0, 2, 1], [1, 0, 0], [0, 0, 4]])
    from analysis.review.agreeing import _coefficients, _Draws

    once = _Draws(counts[None].astype(float), counts.sum(axis=1)[None].astype(float), np.ones((1, 4)))
    _, alpha, ac1 = _coefficients(once)[0]
    assert alpha == pytest.approx(krippendorff_alpha(counts))
    assert ac1 == pytest.approx(gwet_ac1(counts))


def test_who_is_drawn_twice_does_not_agree_with_themself() -> None:
    """Guessing volunteers agree by chance alone, so the interval lies about nought, not above it."""
    rng = np.random.default_rng(3)
    choices = ["".join(rng.choice(list("014"), 40)) for _ in range(8)]
    kappa = reviewed(study(choices, "014" * 13 + "0"), draws=2000).kappa.interval
    assert isinstance(kappa, Interval)
    assert kappa.low < 0 < kappa.high
    assert (kappa.low + kappa.high) / 2 == pytest.approx(0, abs=0.05)


def test_missing_answers_undo_kappa_but_neither_alpha_nor_ac1() -> None:
    found = reviewed(study(["0140", "01 0", "1144"], "0140"))
    assert isinstance(found.kappa.value, Undefined)
    assert found.kappa.interval == found.kappa.value
    assert is_number(found.alpha.value)
    assert is_number(found.ac1.value)
    assert isinstance(found.alpha.interval, Interval)


def test_unanimous_answers_in_one_class_have_an_ac1_and_reasons_for_the_others() -> None:
    found = reviewed(study(["0000", "0000"], "0140"))
    assert found.alpha.value == Undefined(
        "Alpha is undefined: all answers fall into one class, so agreement by chance is already complete."
    )
    assert found.ac1.value == 1
    assert found.ac1.interval == Undefined(
        "Every draw agrees to the same degree, so resampling shows no spread."
    )


def test_one_volunteer_agrees_with_nobody() -> None:
    found = reviewed(study(["0140"], "0140"))
    assert found.alpha.value == Undefined(
        "Alpha compares answers to the same trial with each other; no trial has two."
    )
    assert found.ac1.value == Undefined(
        "AC1 compares answers to the same trial with each other; no trial has two."
    )


@given(studies(), st.randoms(use_true_random=False))
def test_no_order_of_answers_changes_a_coefficient_or_its_interval(answers: list[Answer], random) -> None:  # type: ignore[no-untyped-def]
    before = reviewed(answers, draws=30)
    shuffled = list(answers)
    random.shuffle(shuffled)
    assert reviewed(shuffled, draws=30) == before


def test_intervals_hold_the_coefficients_of_the_paper_sized_study() -> None:
    found = reviewed(simulated(21, 20))
    for coefficient in (found.kappa, found.alpha, found.ac1):
        assert is_number(coefficient.value)
        for interval in (coefficient.interval, coefficient.over_trials):
            assert isinstance(interval, Interval)
            assert interval.low < coefficient.value < interval.high


def test_tables_of_counts_and_answers_agree() -> None:
    matrix = to_matrix(from_counts(WIKIPEDIA))
    assert krippendorff_alpha(matrix.counts()) == pytest.approx(0.215574, abs=1e-6)
