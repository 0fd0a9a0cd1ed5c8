from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import Design, DesignError, Latents, PlanMismatch, StudyPlan, Trial, plan_study, verify_plan
from tests.sampling.blobs import DIGITS, blobs, points

LATENTS = blobs(DIGITS)
PLAN = plan_study(LATENTS, Design(), seed=7)

designs = st.builds(
    Design,
    classes=st.one_of(st.integers(2, 6), st.sampled_from([("0", "3"), ("5", "1", "2", "4")])),
    examples_per_class=st.integers(0, 5),
    trials=st.integers(1, 25),
    rule=st.sampled_from(["perimeter", "max_min"]),
    nearest=st.one_of(st.none(), st.just(30)),
)
seeds = st.integers(0, 2**63 - 1)


@given(design=designs, seed=seeds)
def test_a_plan_has_what_its_design_says_and_no_image_twice(design: Design, seed: int) -> None:
    plan = plan_study(LATENTS, design, seed)
    width = design.classes if isinstance(design.classes, int) else len(design.classes)
    assert len(plan.classes) == width
    assert [len(ids) for ids in plan.examples] == [design.examples_per_class] * width
    assert [len(trial.options) for trial in plan.trials] == [width] * design.trials
    assert max(Counter(plan.image_ids).values()) == 1
    of_class = dict(zip(LATENTS.ids, LATENTS.labels, strict=True))
    for place, name in enumerate(plan.classes):
        shown = [*plan.examples[place], *(trial.options[place] for trial in plan.trials)]
        assert {LATENTS.class_names[of_class[id_]] for id_ in shown} == {name}


@given(design=designs, seed=seeds)
def test_truths_are_balanced_within_one(design: Design, seed: int) -> None:
    times = plan_study(LATENTS, design, seed).truths.values()
    assert sum(times) == design.trials
    assert max(times) - min(times) <= 1


@given(design=designs, seed=seeds)
@settings(max_examples=30)
def test_the_same_seed_gives_the_same_plan_and_verifies(design: Design, seed: int) -> None:
    plan = plan_study(LATENTS, design, seed)
    assert plan == plan_study(LATENTS, design, seed)
    verify_plan(LATENTS, plan)


@given(order=st.permutations(range(6)), seed=seeds)
@settings(max_examples=30)
def test_the_numbers_of_the_labels_do_not_matter(order: list[int], seed: int) -> None:
    names = [""] * 6
    for old, new in enumerate(order):
        names[new] = LATENTS.class_names[old]
    again = replace(LATENTS, labels=np.array(order)[LATENTS.labels], class_names=tuple(names))
    plan = plan_study(LATENTS, Design(), seed)
    assert replace(plan_study(again, Design(), seed), latents=plan.latents) == plan


@given(random=st.integers(0, 10_000))
@settings(max_examples=30)
def test_the_order_of_the_rows_does_not_matter(random: int) -> None:
    rows = np.random.default_rng(random).permutation(len(LATENTS))
    ids = tuple(LATENTS.ids[row] for row in rows)
    again = Latents(LATENTS.z[rows], LATENTS.labels[rows], ids, LATENTS.class_names)
    assert_same_choice(plan_study(again, Design(), seed=7))


@given(random=st.integers(0, 10_000), scale=st.floats(1e-6, 1e6))
@settings(max_examples=30)
def test_turning_moving_and_scaling_the_space_does_not_matter(random: int, scale: float) -> None:
    generator = np.random.default_rng(random)
    turn, _ = np.linalg.qr(generator.normal(size=(4, 4)))
    moved = replace(LATENTS, z=(LATENTS.z @ turn + generator.normal(size=4)) * scale)
    assert_same_choice(plan_study(moved, Design(), seed=7))


def assert_same_choice(plan: StudyPlan) -> None:
    assert (plan.classes, plan.examples, plan.trials, plan.ranks) == (
        PLAN.classes,
        PLAN.examples,
        PLAN.trials,
        PLAN.ranks,
    )


def test_the_images_are_the_nearest_members_and_their_ranks_and_distances_are_kept() -> None:
    for place, name in enumerate(PLAN.classes):
        rows = LATENTS.members(LATENTS.class_names.index(name))
        far = np.linalg.norm(LATENTS.z[rows] - LATENTS.z[rows].mean(axis=0), axis=1)
        nearest = [LATENTS.ids[row] for row in rows[np.argsort(far)][:24]]
        shown = [*PLAN.examples[place], *(trial.options[place] for trial in PLAN.trials)]
        assert sorted(shown) == sorted(nearest)
        assert [PLAN.ranks[id_] for id_ in nearest] == list(range(1, 25))
        np.testing.assert_allclose([PLAN.distances[id_] for id_ in nearest], np.sort(far)[:24], rtol=1e-6)


def test_with_nearest_images_are_drawn_from_so_many_members() -> None:
    ranks = plan_study(LATENTS, Design(nearest=30), seed=7).ranks.values()
    assert len(ranks) == 72
    assert 24 < max(ranks) <= 30


def test_more_trials_keep_the_examples_and_the_options_of_the_first_trials() -> None:
    few = plan_study(LATENTS, Design(trials=10, nearest=30), seed=7)
    many = plan_study(LATENTS, Design(trials=20, nearest=30), seed=7)
    assert many.examples == few.examples
    assert [trial.options for trial in many.trials[:10]] == [trial.options for trial in few.trials]


def test_naming_the_classes_that_the_rule_would_choose_gives_the_same_plan() -> None:
    named = Design(classes=PLAN.classes[::-1])
    assert replace(plan_study(LATENTS, named, seed=7), design=PLAN.design) == PLAN


def test_another_seed_gives_another_plan() -> None:
    plans = [plan_study(LATENTS, Design(), seed) for seed in range(20)]
    assert len({plan.examples for plan in plans}) == 20
    assert len({tuple(trial.truth for trial in plan.trials) for plan in plans}) == 20
    assert {plan.classes for plan in plans} == {PLAN.classes}


def test_this_plan_never_changes() -> None:
    """A study planned today must verify with every later version of this package and of numpy."""
    line = points(
        {name: [(start + step**2 / 100,) for step in range(6)] for name, start in [("a", 0), ("b", 9)]}
    )
    plan = plan_study(line, Design(classes=2, examples_per_class=2, trials=4), seed=7)
    assert plan.examples == (("a-04", "a-05"), ("b-04", "b-02"))
    assert plan.trials == (
        Trial(("a-02", "b-00"), truth=0),
        Trial(("a-03", "b-01"), truth=0),
        Trial(("a-00", "b-05"), truth=1),
        Trial(("a-01", "b-03"), truth=1),
    )


@pytest.mark.parametrize("seed", [-1, 2**63, 7.0, "7", None, True])
def test_a_seed_that_is_no_whole_number_is_refused(seed: Any) -> None:
    with pytest.raises(
        DesignError, match="The seed must be a whole number from 0 to 9223372036854775807, not"
    ):
        plan_study(LATENTS, Design(), seed)


def test_verifying_against_other_latents_is_refused() -> None:
    with pytest.raises(PlanMismatch, match="These are not the latents that the plan was made from"):
        verify_plan(blobs(DIGITS, seed=1), PLAN)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"classes": ("0", "1", "2")}, "classes"),
        ({"examples": PLAN.examples[::-1]}, "examples"),
        ({"trials": PLAN.trials[::-1]}, "trials"),
        (
            {"trials": (Trial(PLAN.trials[0].options, (PLAN.trials[0].truth + 1) % 3), *PLAN.trials[1:])},
            "trials",
        ),
        ({"ranks": dict.fromkeys(PLAN.ranks, 1)}, "ranks"),
        ({"distances": {id_: far * 1.001 for id_, far in PLAN.distances.items()}}, "distances"),
        ({"seed": 8}, "examples, trials"),
        ({"design": Design(rule="max_min", nearest=30)}, "trials, ranks"),
    ],
)
def test_a_plan_that_was_tampered_with_is_found_out(change: dict[str, Any], part: str) -> None:
    with pytest.raises(PlanMismatch) as mismatch:
        verify_plan(LATENTS, replace(PLAN, **change))
    assert part in str(mismatch.value)


def test_the_last_digit_of_a_distance_may_differ_between_machines() -> None:
    verify_plan(
        LATENTS, replace(PLAN, distances={id_: far * (1 + 1e-7) for id_, far in PLAN.distances.items()})
    )
