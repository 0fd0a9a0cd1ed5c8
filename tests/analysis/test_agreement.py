"""Fleiss' kappa against published tables, statsmodels and the cases in which it has no value."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_kappa

from analysis import Undefined, is_number, summarise
from analysis.agreement import fleiss_kappa
from tests.analysis.studies import FLEISS_1971, WIKIPEDIA, from_counts, study


@pytest.mark.parametrize(("table", "published"), [(FLEISS_1971, 0.430245), (WIKIPEDIA, 0.209931)])
def test_published_tables_give_their_published_kappa(table: NDArray[np.int64], published: float) -> None:
    assert fleiss_kappa(table) == pytest.approx(published, abs=1e-6)
    assert summarise(from_counts(table)).kappa == pytest.approx(published, abs=1e-6)


@given(st.integers(2, 8), st.integers(1, 12), st.integers(2, 6), st.randoms(use_true_random=False))
def test_kappa_equals_statsmodels_wherever_both_are_defined(n: int, T: int, K: int, random: Random) -> None:
    ratings = [[random.randrange(K) for _ in range(n)] for _ in range(T)]
    counts = np.array([np.bincount(row, minlength=K) for row in ratings])
    ours = fleiss_kappa(counts)
    assume(is_number(ours))
    assert ours == pytest.approx(statsmodels_kappa(counts), abs=1e-12)


def _turned(options: tuple[str, ...], by: int) -> tuple[str, ...]:
    return options[by % len(options) :] + options[: by % len(options)]


def test_columns_are_classes_so_another_storage_order_keeps_kappa() -> None:
    answers = study(["0141", "0144", "1140"], "0140")
    turned = [replace(answer, options=_turned(answer.options, by=answer.trial)) for answer in answers]
    assert summarise(turned).kappa == summarise(answers).kappa


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        (["0140"], "Kappa compares volunteers with each other; there is only one answer per trial."),
        (
            ["0000", "0000"],
            "Kappa is undefined: all answers fall into one class, "
            "so agreement by chance is already complete.",
        ),
        (
            ["0140", "01 0"],
            "Kappa is defined only where every trial has the same number of answers; "
            "here trials have between 1 and 2.",
        ),
    ],
)
def test_a_kappa_without_value_says_why(choices: list[str], sentence: str) -> None:
    kappa = summarise(study(choices, "0140")).kappa
    assert kappa == Undefined(sentence)
    assert str(kappa) == sentence


def test_unanimous_answers_over_several_classes_agree_completely() -> None:
    assert summarise(study(["0140", "0140", "0140"], "0141")).kappa == pytest.approx(1)
