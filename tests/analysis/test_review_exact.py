"""Exact distributions against counting every case, scipy and recorded numbers."""

from collections import Counter
from itertools import permutations, product
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import integrate, stats

from analysis.review.chance import holm
from analysis.review.exact import (
    SMALLEST,
    at_least,
    guessed_at_least,
    matches,
    squared_counts,
    sum_at_least,
)
from analysis.review.sensitivity import d_prime, d_prime_of_counts, proportion_correct


@pytest.mark.parametrize(
    ("correct", "n", "p"),
    [(161, 220, 1.6e-33), (298, 420, 9.5e-56), (11, 20, 0.0376), (10, 20, 0.0919)],
)
def test_exact_p_of_the_paper_and_of_one_volunteer(correct: int, n: int, p: float) -> None:
    assert at_least(correct, n, 1 / 3) == pytest.approx(p, rel=0.04)
    theirs = stats.binomtest(correct, n, 1 / 3, alternative="greater").pvalue
    assert at_least(correct, n, 1 / 3) == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize(("n", "raw", "corrected"), [(11, 7, 9), (21, 12, 14)])
def test_right_answers_that_one_trial_of_twenty_needs(n: int, raw: int, corrected: int) -> None:
    p = [at_least(correct, n, 1 / 3) for correct in range(n + 1)]
    assert min(correct for correct in range(n + 1) if p[correct] < 0.05) == raw
    assert min(correct for correct in range(n + 1) if p[correct] < 0.05 / 20) == corrected


@given(st.integers(0, 12), st.lists(st.integers(2, 5), min_size=1, max_size=12))
def test_guesses_among_different_numbers_of_options_equal_counting_all(
    correct: int, options: list[int]
) -> None:
    correct = min(correct, len(options))
    kinds = tuple(sorted(Counter(options).items()))
    pmf: NDArray[np.float64] = np.ones(1)
    for k in options:
        pmf = np.convolve(pmf, [1 - 1 / k, 1 / k])
    assert guessed_at_least(correct, kinds) == pytest.approx(pmf[correct:].sum(), abs=1e-12)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=6))
def test_matches_equal_going_through_every_permutation(pairs: list[tuple[str, str]]) -> None:
    chosen, truths = zip(*pairs, strict=True)
    margins = tuple((chosen.count(name), truths.count(name)) for name in "abc")
    every = Counter(sum(a == b for a, b in zip(chosen, order, strict=True)) for order in permutations(truths))
    counted = [every[m] / factorial(len(pairs)) for m in range(len(pairs) + 1)]
    assert matches(margins) == pytest.approx(counted, abs=1e-12)


@pytest.mark.parametrize(("n", "places"), [(1, 3), (5, 3), (4, 4), (6, 2)])
def test_squared_counts_equal_going_through_every_choice(n: int, places: int) -> None:
    every = Counter(
        sum(count**2 for count in Counter(choices).values()) for choices in product(range(places), repeat=n)
    )
    expected = [every[s] / places**n for s in range(n * n + 1)]
    assert squared_counts(n, places) == pytest.approx(expected, abs=1e-12)


@given(
    st.lists(
        st.tuples(st.lists(st.integers(0, 5), min_size=2, max_size=5).filter(any), st.integers(1, 4)),
        min_size=1,
        max_size=4,
    ),
    st.integers(0, 40),
)
def test_the_tail_of_a_sum_equals_convolving_one_by_one(
    weights: list[tuple[list[int], int]], observed: int
) -> None:
    terms: Counter[tuple[float, ...]] = Counter()
    whole = np.ones(1)
    for row, times in weights:
        pmf = np.array(row) / sum(row)
        terms[tuple(pmf.tolist())] += times
        for _ in range(times):
            whole = np.convolve(whole, pmf)
    mean, p = sum_at_least(observed, terms)
    assert mean == pytest.approx(np.arange(len(whole)) @ whole)
    assert p == pytest.approx(max(SMALLEST, whole[observed:].sum()), abs=1e-11)


def test_the_tail_of_many_terms_is_that_of_the_binomial() -> None:
    for correct in (6600, 6700, 6800, 7000):
        _, p = sum_at_least(correct, {(2 / 3, 1 / 3): 20_000})
        assert p == pytest.approx(max(SMALLEST, stats.binom.sf(correct - 1, 20_000, 1 / 3)), abs=1e-11)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_equals_statsmodels(p: list[float]) -> None:
    from statsmodels.stats.multitest import multipletests

    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1], abs=1e-12)


@pytest.mark.parametrize(
    ("accuracy", "options", "d"), [(0.73, 3, 1.353), (0.71, 3, 1.276), (0.8, 4, 1.89317)]
)
def test_d_prime_gives_recorded_values(accuracy: float, options: int, d: float) -> None:
    assert d_prime(accuracy, options) == pytest.approx(d, abs=6e-4)


def test_an_unbiased_listener_of_d_prime_one_is_right_as_in_the_published_table() -> None:
    assert proportion_correct(1, 3) == pytest.approx(0.6337, abs=5e-5)


@given(st.floats(-2, 5), st.integers(2, 6))
def test_proportion_correct_equals_scipys_integral(d: float, options: int) -> None:
    theirs, _ = integrate.quad(
        lambda x: stats.norm.pdf(x - d) * stats.norm.cdf(x) ** (options - 1), -12, 12 + d, epsabs=1e-12
    )
    assert proportion_correct(d, options) == pytest.approx(theirs, abs=1e-9)
    assert d_prime(proportion_correct(d, options), options) == pytest.approx(d, abs=1e-4)


def test_d_prime_at_the_ends_is_corrected_and_at_chance_is_nought() -> None:
    assert d_prime_of_counts(20, 20, 3) == d_prime(20.5 / 21, 3)
    assert d_prime_of_counts(0, 20, 3) == d_prime(0.5 / 21, 3)
    assert d_prime(1 / 3, 3) == pytest.approx(0, abs=1e-9)
    assert d_prime_of_counts(19, 20, 3) == d_prime(19 / 20, 3)
