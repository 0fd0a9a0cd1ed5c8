"""Better than guessing? Of all volunteers together, of each of them, and of each trial."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from analysis.intervals import wilson
from analysis.matrix import AnswerMatrix
from analysis.review.exact import at_least, guessed_at_least, matches, sum_at_least
from analysis.review.sections import AgainstChance, ExactTest, NaiveTest, PermutationTest, StudentTest
from analysis.review.sensitivity import d_prime_of_counts
from analysis.values import Number, Undefined

Floats = NDArray[np.float64]


def against_chance(matrix: AnswerMatrix) -> AgainstChance:
    """Three tests of the whole sample, from the one to report to the one that readers look for."""
    return AgainstChance(
        t=_student(matrix),
        permutation=_permutation(matrix),
        naive=_naive(matrix),
    )


def _student(matrix: AnswerMatrix) -> StudentTest | Undefined:
    """`scipy.stats.ttest_1samp(accuracy - chance, 0, alternative="greater")`."""
    answered, among = matrix.answered, matrix.offered.sum(axis=1)
    above = np.sort((matrix.correct - answered / among).sum(axis=1) / answered.sum(axis=1))
    n = len(above)
    if n < 2:
        return Undefined("A t test over volunteers needs at least two volunteers.")
    spread = float(above.std(ddof=1))
    if np.ptp(above) < 1e-12:
        return Undefined("All volunteers lie equally far from chance, so a t test has no spread to go by.")
    t = float(above.mean() / (spread / np.sqrt(n)))
    return StudentTest(t=t, df=n - 1, p=float(stdtr(n - 1, -t)), effect=float(above.mean() / spread))


def _permutation(matrix: AnswerMatrix) -> PermutationTest | Undefined:
    """All permutations of the truths over each volunteer's trials with the same options, at once."""
    groups = [np.flatnonzero((matrix.offered == options).all(axis=1)) for options in _option_sets(matrix)]
    if all(len(np.unique(matrix.truth[columns])) < 2 for columns in groups):
        return Undefined(
            "Truths can be permuted only among trials with the same options and different truths; "
            "there are none."
        )
    terms = Counter(pmf for columns in groups for pmf in _matches(matrix, columns))
    expected, p = sum_at_least(int(matrix.correct.sum()), terms)
    return PermutationTest(expected=expected / int(matrix.answered.sum()), p=p)


def _option_sets(matrix: AnswerMatrix) -> NDArray[np.bool_]:
    return np.asarray(np.unique(matrix.offered, axis=0))


def _matches(matrix: AnswerMatrix, columns: NDArray[np.int64]) -> list[tuple[float, ...]]:
    """How the matches of each volunteer are distributed over permutations within these trials."""
    classes = np.arange(matrix.offered.shape[1])
    choice, truth = matrix.choice[:, columns], matrix.truth[columns]
    chosen = (choice[:, :, None] == classes).sum(axis=1)  # (n, K)
    true = (matrix.answered[:, columns, None] & (truth[:, None] == classes)).sum(axis=1)  # (n, K)
    base = len(columns) + 1
    codes, times = np.unique(np.sort(chosen * base + true, axis=1), axis=0, return_counts=True)
    found: list[tuple[float, ...]] = []
    for row, number in zip(codes.tolist(), times.tolist(), strict=True):
        margins = tuple(divmod(code, base) for code in row if code)
        found += [matches(margins)] * number if margins else []
    return found


def _naive(matrix: AnswerMatrix) -> NaiveTest:
    correct, n = int(matrix.correct.sum()), int(matrix.answered.sum())
    per_options = _answers_by_options(matrix.answered.sum(axis=0), matrix.offered.sum(axis=1))
    if len(per_options) == 1:
        p = at_least(correct, n, 1 / next(iter(per_options)))
    else:
        _, p = sum_at_least(correct, {(1 - 1 / among, 1 / among): n for among, n in per_options.items()})
    return NaiveTest(correct=correct, answers=n, p=p, wilson=wilson(correct, n))


def _answers_by_options(answers: NDArray[np.int64], options: NDArray[np.int64]) -> dict[int, int]:
    """Number of options -> answers given to trials with so many, from (T,) each."""
    pairs = {int(among): int(answers[options == among].sum()) for among in np.unique(options)}
    return {among: number for among, number in pairs.items() if number}


def volunteer_tests(matrix: AnswerMatrix) -> tuple[ExactTest, ...]:
    """One exact test per session, in alphabetical order, corrected for their number."""
    kinds = np.unique(matrix.offered.sum(axis=1))
    by_kind = matrix.answered @ (matrix.offered.sum(axis=1)[:, None] == kinds).astype(np.int64)  # (n, kinds)
    rows = sorted(zip(matrix.sessions, matrix.correct.sum(axis=1).tolist(), by_kind.tolist(), strict=True))
    options = [
        tuple((among, n) for among, n in zip(kinds.tolist(), row, strict=True) if n) for _, _, row in rows
    ]
    p = [guessed_at_least(correct, kind) for (_, correct, _), kind in zip(rows, options, strict=True)]
    return tuple(
        ExactTest(name, correct, sum(n for _, n in kind), one, corrected, _d_prime(correct, kind))
        for (name, correct, _), kind, one, corrected in zip(rows, options, p, holm(p), strict=True)
    )


def _d_prime(correct: int, options: tuple[tuple[int, int], ...]) -> Number:
    if len(options) > 1:
        return Undefined("Trials had different numbers of options, so there is no single d'.")
    ((among, n),) = options
    return d_prime_of_counts(correct, n, among)


def trial_tests(matrix: AnswerMatrix) -> tuple[ExactTest, ...]:
    """One exact test per trial, in the order of trial numbers, corrected for their number."""
    among = matrix.offered.sum(axis=1).tolist()
    correct, n = matrix.correct.sum(axis=0).tolist(), matrix.answered.sum(axis=0).tolist()
    p = [at_least(right, of, 1 / k) for right, of, k in zip(correct, n, among, strict=True)]
    d = [d_prime_of_counts(right, of, k) for right, of, k in zip(correct, n, among, strict=True)]
    return tuple(
        ExactTest(str(name), *numbers)
        for name, *numbers in zip(matrix.trials, correct, n, p, holm(p), d, strict=True)
    )


def holm(p: list[float]) -> list[float]:
    """p corrected for their number, after Holm (1979), Scandinavian Journal of Statistics 6, 65-70."""
    order = np.argsort(p, kind="stable")
    stepped = np.array(p)[order] * np.arange(len(p), 0, -1)
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(1, np.maximum.accumulate(stepped))
    return [float(one) for one in corrected]
