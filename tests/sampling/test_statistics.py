"""Over 2,000 seeds nothing about a trial tells anything about its truth."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest, chisquare

from sampling import Design, plan_study
from tests.sampling.blobs import blobs

SEEDS = 2_000
SURE = 1e-4  # seeds are fixed: these tests pass always or never


class Studies:
    """2,000 plans as arrays: truths (S, T), ranks of the options (S, T, K) and of the examples (S, K, E)."""

    def __init__(self) -> None:
        latents = blobs({"a": 24, "b": 24, "c": 24}, dimensions=2)
        plans = [plan_study(latents, Design(), seed) for seed in range(SEEDS)]
        self.truths = np.array([[trial.truth for trial in plan.trials] for plan in plans])
        self.ranks = np.array(
            [[[plan.ranks[id_] for id_ in trial.options] for trial in plan.trials] for plan in plans]
        )
        self.example_ranks = np.array(
            [[[plan.ranks[id_] for id_ in ids] for ids in plan.examples] for plan in plans]
        )


@pytest.fixture(scope="module")
def studies() -> Studies:
    return Studies()


def correlation(one: NDArray[Any], other: NDArray[Any]) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_every_place_in_the_order_has_every_truth_equally_often(studies: Studies) -> None:
    for trial in range(20):
        assert chisquare(np.bincount(studies.truths[:, trial], minlength=3)).pvalue > SURE


def test_every_class_has_one_truth_less_equally_often(studies: Studies) -> None:
    counts = np.stack([(studies.truths == truth).sum(axis=1) for truth in range(3)], axis=1)
    assert chisquare(np.bincount(counts.argmin(axis=1), minlength=3)).pvalue > SURE


def test_a_truth_follows_itself_as_often_as_in_a_random_order(studies: Studies) -> None:
    """Of 7 + 7 + 6 shuffled truths, (7*6 + 7*6 + 6*5) / (20*19) = 0.3 of the neighbours are equal."""
    equal = sum(int((before == after).sum()) for before, after in pairwise(studies.truths.T))
    assert equal / (SEEDS * 19) == pytest.approx(0.3, abs=0.01)


def test_pairs_of_neighbouring_truths_have_no_direction(studies: Studies) -> None:
    table = np.zeros((3, 3))
    for before, after in pairwise(studies.truths.T):
        np.add.at(table, (before, after), 1)
    for one, other in [(0, 1), (0, 2), (1, 2)]:
        there, back = int(table[one, other]), int(table[other, one])
        assert binomtest(there, there + back).pvalue > SURE


def test_rank_is_not_tied_to_the_number_of_the_trial(studies: Studies) -> None:
    number = np.broadcast_to(np.arange(20)[None, :, None], studies.ranks.shape)
    assert abs(correlation(number, studies.ranks)) < 0.01
    for of_class in range(3):
        assert np.ptp(studies.ranks[:, :, of_class].mean(axis=0)) < 1  # of ranks from 1 to 24


def test_rank_is_not_tied_to_the_truth(studies: Studies) -> None:
    is_truth = studies.truths[:, :, None] == np.arange(3)
    assert abs(correlation(is_truth, studies.ranks)) < 0.01


def test_the_nearest_or_farthest_option_is_the_truth_a_third_of_the_time(studies: Studies) -> None:
    for guess in (studies.ranks.argmin(axis=2), studies.ranks.argmax(axis=2)):
        untied = np.sort(studies.ranks, axis=2)
        clear = (untied[:, :, 0] < untied[:, :, 1]) & (untied[:, :, 1] < untied[:, :, 2])
        right = (guess == studies.truths)[clear]
        assert binomtest(int(right.sum()), right.size, 1 / 3).pvalue > SURE


def test_examples_are_neither_nearer_nor_farther_than_the_images_of_trials(studies: Studies) -> None:
    assert studies.example_ranks.mean() == pytest.approx(12.5, abs=0.2)
    assert chisquare(np.bincount(studies.example_ranks.ravel(), minlength=25)[1:]).pvalue > SURE


def test_ranks_of_the_options_of_a_trial_are_not_tied_to_each_other(studies: Studies) -> None:
    for one, other in [(0, 1), (0, 2), (1, 2)]:
        assert abs(correlation(studies.ranks[:, :, one], studies.ranks[:, :, other])) < 0.02


def test_neighbouring_seeds_share_no_truths(studies: Studies) -> None:
    equal = (studies.truths[:-1] == studies.truths[1:]).mean()
    assert equal == pytest.approx(1 / 3, abs=0.01)
