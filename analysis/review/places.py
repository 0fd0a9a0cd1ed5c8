"""Whether places on the screen attract choices."""

from collections import Counter

import numpy as np
from scipy.special import chdtrc

from analysis.matrix import UNKNOWN, AnswerMatrix
from analysis.review.exact import squared_counts, sum_at_least
from analysis.review.sections import PositionBias
from analysis.values import Undefined


def position_bias(matrix: AnswerMatrix) -> PositionBias | Undefined:
    """Every trial shows its options in an order drawn by chance, so without bias all places are equal."""
    place = matrix.told["position"]
    known = place != UNKNOWN
    if not known.any():
        return Undefined("The table does not tell which place on the screen was chosen.")
    options = np.unique(matrix.offered.sum(axis=1)[known.any(axis=0)])
    if len(options) > 1:
        return Undefined("Trials have different numbers of options, so places can't be counted together.")
    k = int(options[0])
    own = np.stack([(place == one).sum(axis=1) for one in range(k)], axis=1)  # (n, k)
    correct = [int((matrix.correct & (place == one)).sum()) for one in range(k)]
    counts, expected = own.sum(axis=0), own.sum() / k
    chi_square = float(((counts - expected) ** 2).sum() / expected)
    answers = Counter(number for number in own.sum(axis=1).tolist() if number)
    terms = {squared_counts(number, k): times for number, times in answers.items()}
    _, p_within = sum_at_least(int((own**2).sum()), terms)
    return PositionBias(
        counts=tuple(counts.tolist()),
        correct=tuple(correct),
        chi_square=chi_square,
        df=k - 1,
        p=float(chdtrc(k - 1, chi_square)),
        p_within=p_within,
    )
