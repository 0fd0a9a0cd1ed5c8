"""Exact distributions of whole numbers: matches under permutation, uneven places, sums over volunteers."""

from collections.abc import Mapping
from functools import lru_cache
from math import comb, factorial

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc

Floats = NDArray[np.float64]

# The transform adds rounding of this size to every probability, so no smaller one is told.
SMALLEST = 1e-12


def at_least(correct: int, n: int, share: float) -> float:
    """P(X >= correct) for a binomial X of n draws: the exact one-sided p (Clopper & Pearson 1934)."""
    return float(bdtrc(correct - 1, n, share))


@lru_cache(maxsize=4096)
def guessed_at_least(correct: int, options: tuple[tuple[int, int], ...]) -> float:
    """The same for guesses in trials with (number of options, how many such trials): a Poisson binomial."""
    if len(options) == 1:
        ((among, n),) = options
        return at_least(correct, n, 1 / among)
    pmf = np.ones(1)
    for among, n in options:
        for _ in range(n):
            pmf = np.convolve(pmf, [1 - 1 / among, 1 / among])
    return float(min(1.0, pmf[correct:].sum()))


@lru_cache(maxsize=65536)
def matches(margins: tuple[tuple[int, int], ...]) -> tuple[float, ...]:
    """P(m matches), m = 0..n, when n truths are permuted over n answers.

    margins  per class how often it was chosen and how often it was the truth

    By rook numbers: r_j ways to place j matches, then inclusion and exclusion over whole numbers (Riordan
    1958, An Introduction to Combinatorial Analysis, chapters 7 and 8).
    """
    n = sum(chosen for chosen, _ in margins)
    rooks = [1]
    for chosen, true in margins:
        ways = [comb(chosen, j) * comb(true, j) * factorial(j) for j in range(min(chosen, true) + 1)]
        rooks = _product(rooks, ways)
    hits = [ways * factorial(n - j) for j, ways in enumerate(rooks)]
    exactly = [
        sum((-1) ** (j - m) * comb(j, m) * hits[j] for j in range(m, len(hits))) for m in range(len(hits))
    ]
    return tuple(ways / factorial(n) for ways in exactly) + (0.0,) * (n + 1 - len(hits))


@lru_cache(maxsize=1024)
def squared_counts(n: int, places: int) -> tuple[float, ...]:
    """P(sum of squared counts = s), s = 0..n^2, when n choices fall on places by chance."""
    ways = {(0, 0): 1}  # (choices placed, sum of squares) -> how many ways
    for _ in range(places):
        ways = _one_more_place(ways, n)
    pmf = [0.0] * (n * n + 1)
    for (placed, squares), number in ways.items():
        if placed == n:
            pmf[squares] = number / places**n
    return tuple(pmf)


def _one_more_place(ways: Mapping[tuple[int, int], int], n: int) -> dict[tuple[int, int], int]:
    more: dict[tuple[int, int], int] = {}
    for (placed, squares), number in ways.items():
        for here in range(n - placed + 1):
            key = placed + here, squares + here * here
            more[key] = more.get(key, 0) + number * comb(n - placed, here)
    return more


def _product(one: list[int], other: list[int]) -> list[int]:
    """Coefficients of the product of two polynomials."""
    whole = [0] * (len(one) + len(other) - 1)
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            whole[i + j] += a * b
    return whole


def sum_at_least(observed: int, terms: Mapping[tuple[float, ...], int]) -> tuple[float, float]:
    """(expected value, P(S >= observed)) of a sum S of independent whole numbers.

    terms  probabilities of 0, 1, 2, ... -> how many of the numbers are distributed so

    The product of characteristic functions is turned back by a Fourier transform whose length covers all of
    the sum, or all but less than a part in 10^12 of it by Bernstein's inequality. No p is below SMALLEST.
    """
    largest = max(len(pmf) for pmf in terms) - 1
    whole = sum((len(pmf) - 1) * times for pmf, times in terms.items())
    means, variances = np.array([_moments(pmf) for pmf in terms]).T
    times = np.array(list(terms.values()), dtype=float)
    mean, sd = float(times @ means), float(np.sqrt(times @ variances))
    half = min(whole, int(12 * sd + 20 * largest)) + 1
    first = max(0, int(mean) - half)
    length = 1 << max(2 * half + 1, largest + 1).bit_length()
    here = np.roll(_circular(terms, length), -first)  # here[i] is P(S = first + i)
    above = here[max(0, observed - first) :].sum()
    return mean, float(min(1.0, max(SMALLEST, above)))


def _moments(pmf: tuple[float, ...]) -> tuple[float, float]:
    values, weights = np.arange(len(pmf)), np.array(pmf)
    mean = float(values @ weights)
    return mean, float((values - mean) ** 2 @ weights)


def _circular(terms: Mapping[tuple[float, ...], int], length: int) -> Floats:
    """Distribution of the sum modulo `length`."""
    size, angle = np.zeros(length // 2 + 1), np.zeros(length // 2 + 1)
    for pmf, times in terms.items():
        transformed = np.fft.rfft(pmf, length)
        size += times * np.log(np.maximum(np.abs(transformed), np.finfo(float).tiny))
        angle += times * np.angle(transformed)
    return np.asarray(np.fft.irfft(np.exp(size + 1j * angle), length))
