"""Looks by a declared rule: bounds against the published ones, and what guessing makes of them."""

import numpy as np
import pytest
from scipy.stats import norm, ttest_1samp

from analysis.sequential import InvalidRule, Looks, critical_values, verdict

# Jennison and Turnbull 2000, tables 2.1 and 2.3, two-sided .05 and .10: the same as one-sided .025 and .05.
POCOCK = {0.05: {2: 1.875, 3: 1.992, 4: 2.067, 5: 2.122}, 0.025: {2: 2.178, 3: 2.289, 4: 2.361, 5: 2.413}}
FLEMING = {0.05: {2: 1.678, 3: 1.710, 4: 1.733, 5: 1.751}, 0.025: {2: 1.977, 3: 2.004, 4: 2.024, 5: 2.040}}


@pytest.mark.parametrize("alpha", [0.05, 0.025])
@pytest.mark.parametrize("looks", [2, 3, 4, 5])
def test_bounds_are_the_published_ones(alpha: float, looks: int) -> None:
    assert critical_values(looks, "pocock", alpha) == pytest.approx([POCOCK[alpha][looks]] * looks, abs=0.002)
    falls = [FLEMING[alpha][looks] * (looks / k) ** 0.5 for k in range(1, looks + 1)]
    assert critical_values(looks, "obrien_fleming", alpha) == pytest.approx(falls, abs=0.004)


@pytest.mark.parametrize("bound", ["pocock", "obrien_fleming"])
def test_guessing_is_taken_for_more_in_five_per_cent(bound: str) -> None:
    rng = np.random.default_rng(1)
    rule = Looks(48, 4, bound)
    studies = rng.binomial(20, 1 / 3, (4000, 48)) / 20 - 1 / 3
    found = np.mean([verdict(rule, above).stopped is not None for above in studies])
    assert found == pytest.approx(0.05, abs=0.012)


def test_looks_lie_at_equal_distances_and_end_at_the_plan() -> None:
    assert Looks(40, 4, "pocock").volunteers == (10, 20, 30, 40)
    assert Looks(21, 2, "pocock").volunteers == (11, 21)
    assert Looks(40, 2, "pocock").levels == pytest.approx([norm.sf(1.875)] * 2, abs=1e-4)


def test_a_look_tests_the_first_volunteers_only() -> None:
    above = [0.1, -0.1, 0.2, 0.0, 0.3, 0.4]
    told = verdict(Looks(8, 2, "obrien_fleming"), above)
    assert told.looks[0].p == pytest.approx(ttest_1samp(above[:4], 0, alternative="greater").pvalue)
    assert str(told.looks[1].p) == "Not so many are counted yet."
    assert (told.over, told.stopped) == (False, None)
    assert "the next look is at 8 volunteers, 6 are counted so far" in told.sentence


def test_the_first_look_above_its_bound_ends_the_study() -> None:
    told = verdict(Looks(8, 2, "pocock"), [0.3, 0.4, 0.35, 0.3, -0.9])
    assert told.stopped is told.looks[0]
    assert told.over
    assert "at 4 volunteers the result is above chance" in told.sentence


def test_a_plan_that_found_nothing_is_over_too() -> None:
    told = verdict(Looks(4, 2, "pocock"), [0.1, -0.1, 0.0, 0.05])
    assert (told.over, told.stopped) == (True, None)
    assert "no look found" in told.sentence


def test_equal_volunteers_give_no_p() -> None:
    assert "no spread" in str(verdict(Looks(4, 2, "pocock"), [0.2] * 4).looks[1].p)


@pytest.mark.parametrize("rule", [(8, 1, "pocock"), (8, 6, "pocock"), (3, 2, "pocock"), (8, 2, "haybittle")])
def test_rules_that_cannot_be_followed_are_refused(rule: tuple[int, int, str]) -> None:
    with pytest.raises(InvalidRule):
        Looks(*rule)
