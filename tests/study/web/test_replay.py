"""The word about a volunteer's score promises no more than the score shows."""

import pytest
from scipy.stats import binomtest

from study.web.replay import luck, sentence


@pytest.mark.parametrize("correct", [0, 7, 11, 20])
def test_luck_is_the_exact_binomial_tail(correct: int) -> None:
    assert luck(correct, 20, 3) == pytest.approx(binomtest(correct, 20, 1 / 3, "greater").pvalue)


@pytest.mark.parametrize(
    ("correct", "word"),
    [(6, "Guessing could"), (10, "Guessing could"), (11, "something"), (14, "good deal"), (20, "good deal")],
)
def test_only_what_guessing_seldom_reaches_is_called_hearing(correct: int, word: str) -> None:
    assert word in sentence(correct, 20, 3)
