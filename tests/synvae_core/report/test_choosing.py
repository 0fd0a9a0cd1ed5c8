"""Which images a report shows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from synvae_core.report.choosing import stratified

LABELS = some.lists(some.integers(0, 4), min_size=1, max_size=60).map(np.array)


@given(LABELS, some.integers(1, 70), some.integers(0, 99))
def test_classes_are_shown_as_evenly_as_they_have_images(labels: np.ndarray, count: int, seed: int) -> None:
    rows = stratified(labels, count, seed)
    assert len(rows) == min(count, len(labels)) == len(set(rows.tolist()))
    assert (np.diff(labels[rows]) >= 0).all()  # class by class
    shown, held = np.bincount(labels[rows], minlength=5), np.bincount(labels, minlength=5)
    for label in range(5):  # one may have fewer only if it has no more
        assert shown[label] >= min(shown.max() - 1, held[label])


@given(LABELS, some.integers(1, 40), some.integers(0, 99))
def test_more_images_keep_those_that_fewer_have(labels: np.ndarray, count: int, seed: int) -> None:
    assert set(stratified(labels, count, seed)) <= set(stratified(labels, count + 7, seed))


def test_another_seed_draws_others() -> None:
    labels = np.arange(200) % 4
    assert stratified(labels, 20, 1).tolist() == stratified(labels, 20, 1).tolist()
    assert stratified(labels, 20, 1).tolist() != stratified(labels, 20, 2).tolist()
