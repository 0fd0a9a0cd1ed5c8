"""Each fault of the original's sampling script, as a behaviour that ours must have instead."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from sampling import ClassTooSmall, Design, Latents, merge_small_classes, plan_study
from tests.sampling.blobs import DIGITS, blobs, points


def test_exactly_as_many_members_as_are_shown_are_enough() -> None:
    """The original asked for 24 and took 25: it crashed, or made image -1 an example."""
    latents = blobs({"a": 24, "b": 24, "c": 24})
    for seed in range(20):
        plan = plan_study(latents, Design(), seed)
        assert sorted(plan.image_ids) == sorted(latents.ids)


def test_no_drawn_member_is_left_unused() -> None:
    """The original's 25th member of each class was in no example and no trial."""
    plan = plan_study(blobs(DIGITS), Design(), seed=7)
    assert Counter(plan.ranks.values()) == dict.fromkeys(range(1, 25), 3)


def test_no_three_classes_large_enough_is_a_sentence() -> None:
    """The original stopped with an UnboundLocalError."""
    with pytest.raises(ClassTooSmall, match=r"too small: 'b' \(23\)"):
        plan_study(blobs({"a": 24, "b": 23, "c": 24}), Design(), seed=7)


def test_an_empty_class_disturbs_no_choice() -> None:
    """The original sorted by the NaN mean of an empty class, and could put it first."""
    latents = blobs(DIGITS)
    with_empty = Latents(latents.z, latents.labels, latents.ids, (*latents.class_names, "A empty"))
    assert plan_study(with_empty, Design(), seed=7).classes == plan_study(latents, Design(), seed=7).classes


def test_merging_keeps_every_image_in_the_class_that_is_named() -> None:
    """The original dropped a small class's mean but not its number, so all later classes had wrong names."""
    latents = points({"a": [(0.0,)] * 2, "b": [(1.0,)] * 9, "c": [(20.0,)] * 9, "d": [(40.0,)] * 9})
    merged = merge_small_classes(latents, 9)
    assert merged.class_names == ("a+b", "c", "d")
    of_id = {id_: merged.class_names[label] for id_, label in zip(merged.ids, merged.labels, strict=True)}
    assert all(id_.split("-")[0] in name.split("+") for id_, name in of_id.items())


def test_truths_are_7_7_6_for_every_seed() -> None:
    """The original drew each truth alone: a gap of more than one in 89 % of studies."""
    latents = blobs(DIGITS)
    truths = [sorted(plan_study(latents, Design(), seed).truths.values()) for seed in range(50)]
    assert truths == [[6, 7, 7]] * 50


def test_one_seed_decides_everything_whatever_other_code_draws() -> None:
    """The original used two unseeded generators."""
    latents = blobs(DIGITS)
    state = np.random.get_state()
    first = plan_study(latents, Design(), seed=7)
    assert str(np.random.get_state()) == str(state)
    np.random.seed(1)
    assert plan_study(latents, Design(), seed=7) == first
    np.random.set_state(state)


def test_trials_are_not_in_order_of_rank_and_options_of_a_trial_have_ranks_of_their_own() -> None:
    """The original's trial i showed the i-th nearest of every class: harder as listeners learned."""
    plan = plan_study(blobs(DIGITS), Design(), seed=7)
    ranks = [[plan.ranks[id_] for id_ in trial.options] for trial in plan.trials]
    for of_class in zip(*ranks, strict=True):
        assert any(before > after for before, after in pairwise(of_class))
    assert any(len(set(of_trial)) > 1 for of_trial in ranks)


def test_more_than_the_most_central_images_can_be_studied() -> None:
    """The original only ever asked about the 24 most typical of thousands."""
    latents = blobs(dict.fromkeys("abc", 200))
    plan = plan_study(latents, Design(nearest=200), seed=7)
    assert np.median(list(plan.ranks.values())) > 75


def test_classes_are_known_by_name_not_by_number() -> None:
    """The original's BAM numbers were given by first appearance and differ between splits."""
    one = blobs({"scary": 30, "happy": 30, "calm": 30})
    other = Latents(one.z, np.array([2, 0, 1])[one.labels], one.ids, ("happy", "calm", "scary"))
    first, second = (plan_study(latents, Design(), seed=7) for latents in (one, other))
    assert (first.classes, first.examples, first.trials) == (second.classes, second.examples, second.trials)
