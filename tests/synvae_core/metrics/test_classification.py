"""Accuracy, recall and confusion against scikit-learn, intervals against statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, multilabel_confusion_matrix, recall_score
from statsmodels.stats.proportion import proportion_confint

from synvae_core.metrics.classification import (
    Classification,
    NothingClassified,
    classified,
    mean_one_vs_rest_accuracy,
    wilson,
)

NAMES = ("ant", "bee", "cat")


def test_a_small_example_by_hand() -> None:
    found = classified(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 0]), NAMES)
    assert found == Classification(
        accuracy=0.5,
        interval=wilson(2, 4),
        mean_one_vs_rest_accuracy=1 - 2 * 0.5 / 3,  # (.5 + .75 + .75) / 3
        recall=(0.5, 1.0, 0.0),
        confusion=((1, 1, 0), (0, 1, 0), (1, 0, 0)),
        class_names=NAMES,
    )


def test_it_equals_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    labels, seen = generator.integers(0, 3, 200), generator.integers(0, 3, 200)
    found = classified(labels, seen, NAMES)
    np.testing.assert_array_equal(found.confusion, confusion_matrix(labels, seen))
    np.testing.assert_allclose(np.array(found.recall, dtype=float), recall_score(labels, seen, average=None))
    assert found.accuracy == np.mean(labels == seen)


@given(st.integers(2, 12).flatmap(lambda k: st.lists(st.tuples(*[st.integers(0, k - 1)] * 2), min_size=1)))
def test_decisions_of_one_against_the_rest_are_scikit_learn_s(pairs: list[tuple[int, int]]) -> None:
    count = max(map(max, pairs)) + 1
    labels, seen = np.array(pairs).T
    found = classified(labels, seen, tuple(map(str, range(count))))
    tables = multilabel_confusion_matrix(labels, seen, labels=range(count))
    each = [(table[0, 0] + table[1, 1]) / table.sum() for table in tables]
    assert found.mean_one_vs_rest_accuracy == pytest.approx(np.mean(each), abs=1e-12)
    assert found.mean_one_vs_rest_accuracy == pytest.approx(1 - 2 * (1 - found.accuracy) / count)


def test_guessing_one_of_ten_classes_has_82_of_100_decisions_against_the_rest_right() -> None:
    assert mean_one_vs_rest_accuracy([[1] * 10] * 10) == pytest.approx(0.82)


def test_a_class_without_examples_has_no_recall() -> None:
    found = classified(np.array([0, 0]), np.array([0, 2]), NAMES)
    assert found.recall == (0.5, None, None)
    assert found.confusion == ((1, 0, 1), (0, 0, 0), (0, 0, 0))


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_are_wilson_s_and_hold_the_share(counts: tuple[int, int]) -> None:
    right, count = counts
    low, high = wilson(right, count)
    expected = proportion_confint(right, count, method="wilson")
    assert (low, high) == pytest.approx(expected, abs=1e-9)
    assert 0 <= low <= right / count + 1e-12
    assert right / count - 1e-12 <= high <= 1


def test_nothing_cannot_be_classified() -> None:
    with pytest.raises(NothingClassified, match="give at least one image"):
        classified(np.array([], dtype=np.int64), np.array([], dtype=np.int64), NAMES)
