"""Accuracy, recall and confusion against scikit-learn, intervals against statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, recall_score
from statsmodels.stats.proportion import proportion_confint

from synvae_core.metrics.classification import Classification, NothingClassified, classified, wilson

NAMES = ("ant", "bee", "cat")


def test_a_small_example_by_hand() -> None:
    found = classified(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 0]), NAMES)
    assert found == Classification(
        accuracy=0.5,
        interval=wilson(2, 4),
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
