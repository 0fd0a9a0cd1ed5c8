"""Both listeners: their choice, their confidence, and what they learn from examples alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression

from analysis.machine.document import favourite
from analysis.machine.listeners import (
    by_distance,
    example_sets,
    fit_sharpness,
    learn,
)
from analysis.machine.measuring import Layout, Measured, listen, principal
from tests.analysis.machine.machines import layout, machine, measured


def test_the_model_chooses_the_nearest_picture_and_is_surer_the_nearer_it_is() -> None:
    near, far = by_distance(np.array([[1.0, 5.0, 6.0], [4.0, 5.0, 6.0]]), sharpness=0.7)
    assert near.argmax() == far.argmax() == 0
    assert near[0] > far[0]
    assert near.sum() == pytest.approx(1)


def test_a_clip_that_is_nearer_to_another_picture_is_taken_for_it() -> None:
    plan = Layout(("a", "b"), (("e0",), ("e1",)), ((("t0", "t1"), 0),))
    heard = np.full((4, 4), 9.0) - 5 * np.eye(4)
    heard[2] = [9, 9, 4, 1]  # the clip of t0
    found = listen(plan, Measured(("e0", "e1", "t0", "t1"), heard, np.eye(4), np.zeros((4, 6))), model="m")
    assert (found.trials[0].choice("model"), found.trials[0].truth) == ("b", "a")
    assert found.trials[0].difficulty("model") > 0.5


@given(st.integers(1, 5), st.integers(2, 4), st.integers(0, 50))
def test_the_sharpness_is_the_most_likely_one(examples: int, k: int, seed: int) -> None:
    """Against scipy's minimiser of the same loss; smoothed targets keep it finite when all are right."""
    rng = np.random.default_rng(seed)
    sets = rng.gamma(4, size=(examples * k, k))
    sets[:, 0] *= 0.6
    n = examples * k
    target = np.full(k, 1 / (n + k))
    target[0] = (n + 1) / (n + k)

    def loss(sharpness: float) -> float:
        return float(-(target * log_softmax(-sharpness * sets, axis=1)).sum())

    best = minimize_scalar(loss, bounds=(0, 200), method="bounded", options={"xatol": 1e-10})
    assert fit_sharpness(sets, n) == pytest.approx(best.x, abs=1e-3)


def test_examples_that_teach_nothing_leave_the_model_without_preference() -> None:
    assert fit_sharpness(np.full((6, 3), 2.0), 6) == 0
    assert fit_sharpness(np.array([[9.0, 1.0], [8.0, 1.0]]), 2) == 0
    assert by_distance(np.array([1.0, 2.0, 3.0]), 0).tolist() == pytest.approx([1 / 3] * 3)


def test_example_sets_put_the_own_picture_first_and_one_of_each_other_class() -> None:
    distances, classes = np.arange(16.0).reshape(4, 4), np.array([0, 0, 1, 1])
    assert example_sets(distances, classes).tolist() == [
        [0, 2], [0, 3], [5, 6], [5, 7], [10, 8], [10, 9], [15, 12], [15, 13],
    ]  # fmt: skip


@pytest.mark.parametrize("K", [2, 3, 5])
def test_the_naive_listener_is_a_ridge_regression(K: int) -> None:
    """The same probabilities as scikit-learn's, which study code may not load here."""
    rng = np.random.default_rng(K)
    classes = np.repeat(np.arange(K), 4)
    features = rng.normal(size=(4 * K, 6)) * [1, 10, 5, 0.1, 0.2, 3] + 3 * classes[:, None]
    naive = learn(features, classes, K)
    scaled = (features - features.mean(axis=0)) / features.std(axis=0)
    theirs = LogisticRegression(C=1.0, tol=1e-12, max_iter=10_000).fit(scaled, classes)
    if K > 2:  # scikit-learn's two classes share one weight, and with it another penalty
        np.testing.assert_allclose(naive.probabilities(features), theirs.predict_proba(scaled), atol=1e-5)
    assert (naive.probabilities(features).argmax(axis=1) == classes).mean() > 0.8


def test_the_naive_listener_hears_the_class_it_was_taught() -> None:
    rng = np.random.default_rng(1)
    classes = np.repeat(np.arange(3), 4)
    means = rng.normal(size=(3, 6)) * 2
    naive = learn(means[classes] + 0.3 * rng.normal(size=(12, 6)), classes, 3)
    asked = np.repeat(np.arange(3), 50)
    heard = naive.probabilities(means[asked] + 0.3 * rng.normal(size=(150, 6)))
    assert (heard.argmax(axis=1) == asked).mean() > 0.95


def test_features_without_the_class_in_them_teach_only_chance() -> None:
    right = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        naive = learn(rng.normal(size=(12, 6)), np.repeat(np.arange(3), 4), 3)
        asked = rng.integers(0, 3, 20)
        right.append((naive.probabilities(rng.normal(size=(20, 6))).argmax(axis=1) == asked).mean())
    assert np.mean(right) == pytest.approx(1 / 3, abs=0.04)


def test_missing_and_constant_features_do_no_harm() -> None:
    classes = np.array([0, 0, 1, 1])
    features = np.column_stack([[1.0, 2, 8, 9], [5.0] * 4, [np.nan] * 4])
    naive = learn(features, classes, 2)
    plain = learn(features[:, :1], classes, 2)
    asked = np.array([[1.0, 77, np.nan], [9.0, 5, 3]])
    np.testing.assert_allclose(naive.probabilities(asked), plain.probabilities(asked[:, :1]))
    assert naive.probabilities(np.array([[np.nan] * 3])).tolist() == [[0.5, 0.5]]


@given(st.permutations(range(12)))
def test_the_order_of_examples_changes_nothing(order: list[int]) -> None:
    rng = np.random.default_rng(3)
    features, classes = rng.normal(size=(12, 6)), np.repeat(np.arange(3), 4)
    asked = rng.normal(size=(5, 6))
    first = learn(features, classes, 3).probabilities(asked)
    second = learn(features[order], classes[order], 3).probabilities(asked)
    np.testing.assert_allclose(first, second, atol=1e-8)


def test_exchanged_clips_are_what_both_listeners_hear() -> None:
    plan = layout(6)
    found = measured(plan)
    swap = {"t0-0": "t3-0", "t3-0": "t0-0"}
    own = listen(plan, found, model="m").trials
    exchanged = listen(plan, found, model="m", music="exchanged", clip_of=swap).trials
    row = found.row
    assert exchanged[0].features == own[3].features
    assert exchanged[0].heard == tuple(found.heard[row["t3-0"], [row[id_] for id_ in own[0].option_ids]])
    assert exchanged[1] == own[1]


def test_without_noise_both_are_right_and_with_much_they_guess() -> None:
    clear, drowned = machine(60, noise=0.05), machine(60, noise=40)
    for listener in ("model", "naive"):
        right = [sum(t.choice(listener) == t.truth for t in found.trials) for found in (clear, drowned)]
        assert right[0] == 60
        assert 8 <= right[1] <= 34


def test_a_tie_is_no_preference() -> None:
    assert favourite((0.5, 0.5)) is None
    assert favourite((0.2, 0.5, 0.3)) == 1
    assert favourite((1e-20, 1e-18)) == 1


def test_the_map_shows_the_directions_of_most_variance_always_the_same_way_up() -> None:
    rng = np.random.default_rng(1)
    z = rng.normal(size=(30, 5)) * [9, 4, 0.1, 0.1, 0.1]
    points, explained = principal(z)
    assert explained[0] + explained[1] > 0.99
    gaps, drawn = (np.linalg.norm(a[:, None] - a[None], axis=2) for a in (z, points))
    np.testing.assert_allclose(drawn, gaps, atol=0.1)
    np.testing.assert_allclose(principal(-z)[0], principal(-z)[0])
    assert (points[np.abs(points).argmax(axis=0), [0, 1]] > 0).all()
    assert principal(np.ones((3, 4)))[1] == (0, 0)
