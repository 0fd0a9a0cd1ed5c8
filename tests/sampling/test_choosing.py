from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import ClassTooSmall, Design, DesignError, Latents, most_distinct_classes
from sampling.choosing import choose_classes
from tests.sampling.blobs import blobs, points


def names(latents: Latents, labels: tuple[int, ...]) -> list[str]:
    return [latents.class_names[label] for label in labels]


def by_brute_force(latents: Latents, count: int, rule: str) -> tuple[int, ...]:
    """Every group of classes, its sides measured one by one."""
    means = {
        name: [math.fsum(column) / len(column) for column in latents.z[latents.labels == label].T]
        for label, name in enumerate(latents.class_names)
    }

    def spreads(group: tuple[str, ...]) -> tuple[float, float]:
        sides = [math.dist(means[one], means[other]) for one, other in combinations(group, 2)]
        both = round(math.fsum(sides), 6), round(min(sides), 6)  # groups often share their smallest side
        return both if rule == "perimeter" else (both[1], both[0])

    best = max(combinations(sorted(means), count), key=spreads)
    return tuple(latents.class_names.index(name) for name in best)


@given(classes=st.integers(2, 8), dimensions=st.integers(2, 6), seed=st.integers(0, 10_000), data=st.data())
def test_the_choice_is_that_of_brute_force(
    classes: int, dimensions: int, seed: int, data: st.DataObject
) -> None:
    count = data.draw(st.integers(2, classes))
    rule = data.draw(st.sampled_from(["perimeter", "max_min"]))
    latents = blobs({f"class {number}": 3 for number in range(classes)}, dimensions=dimensions, seed=seed)
    assert most_distinct_classes(latents, count, rule=rule) == by_brute_force(latents, count, rule)


TIGHT_PAIR = points({"far": [(0, 0)], "near": [(10, 0)], "nearer": [(10, 1)], "side": [(5, 2)]})


def test_the_papers_rule_takes_a_tight_pair_and_a_far_class() -> None:
    assert names(TIGHT_PAIR, most_distinct_classes(TIGHT_PAIR, 3)) == ["far", "near", "nearer"]


def test_max_min_takes_classes_that_are_all_apart() -> None:
    chosen = most_distinct_classes(TIGHT_PAIR, 3, rule="max_min")
    assert names(TIGHT_PAIR, chosen) == ["far", "near", "side"]


@pytest.mark.parametrize("rule", ["perimeter", "max_min"])
@pytest.mark.parametrize("angle", [0.0, 0.3, 1.0])
def test_a_tie_goes_to_the_names_that_come_first(rule: str, angle: float) -> None:
    """The corners of a square make four equal triangles, whatever rounding does to their sides."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = np.array([(0, 0), (0, 1), (1, 1), (1, 0)]) @ turn * 0.1
    square = points({name: [tuple(place)] for name, place in zip("dbca", corners, strict=True)})
    assert names(square, most_distinct_classes(square, 3, rule=rule)) == ["a", "b", "c"]


def test_a_tie_of_the_smallest_side_goes_to_the_larger_perimeter() -> None:
    kite = points({"a": [(0, 0)], "b": [(4, 0)], "c": [(2, 10)], "d": [(2, 13)]})
    assert names(kite, most_distinct_classes(kite, 3, rule="max_min")) == ["a", "b", "d"]


def test_a_tie_of_the_perimeter_goes_to_the_larger_smallest_side() -> None:
    line = points({"a": [(0.0,)], "b": [(1.0,)], "c": [(5.0,)], "d": [(10.0,)]})
    assert names(line, most_distinct_classes(line, 3)) == ["a", "c", "d"]


def test_classes_in_one_place_are_chosen_by_name() -> None:
    same = points({name: [(1.0, 1.0)] for name in "cbad"})
    assert names(same, most_distinct_classes(same, 3)) == ["a", "b", "c"]


def test_only_classes_with_enough_images_are_chosen() -> None:
    centres = {"far": (100.0, 0), "a": (0, 0), "b": (1, 0), "c": (0, 1), "empty": (50, 0)}
    latents = blobs({"far": 23, "a": 24, "b": 24, "c": 24, "empty": 0}, centres=centres)
    assert names(latents, choose_classes(latents, Design())) == ["a", "b", "c"]


def test_classes_too_small_are_named_with_their_counts() -> None:
    latents = blobs({"scary": 24, "happy": 23, "calm": 0, "glad": 40})
    with pytest.raises(ClassTooSmall) as refusal:
        choose_classes(latents, Design())
    assert str(refusal.value) == (
        "The study needs 3 classes of at least 24 images, but there are 2 such, too small: 'calm' (0), "
        "'happy' (23); add images, merge small classes, or plan fewer classes or trials."
    )


def test_too_few_classes_are_told_even_if_all_are_large() -> None:
    with pytest.raises(
        ClassTooSmall, match="needs 3 classes of at least 24 images, but there are 2 such; add"
    ):
        choose_classes(blobs({"a": 24, "b": 24}), Design())


def test_the_researcher_may_name_the_classes() -> None:
    latents = blobs({"scary": 30, "happy": 30, "calm": 30, "glad": 2})
    chosen = choose_classes(latents, Design(classes=("scary", "calm")))
    assert names(latents, chosen) == ["calm", "scary"]


def test_a_named_class_that_is_too_small_is_told_with_its_count() -> None:
    latents = blobs({"scary": 30, "happy": 3, "calm": 0, "glad": 1})
    with pytest.raises(ClassTooSmall) as refusal:
        choose_classes(latents, Design(classes=("scary", "happy", "calm")))
    assert str(refusal.value) == (
        "Each class needs 24 images, too small: 'calm' (0), 'happy' (3); "
        "add images, choose other classes or plan fewer trials."
    )


def test_an_unknown_class_is_told_with_those_that_there_are() -> None:
    with pytest.raises(DesignError, match="There is no class 'c'; there are 'a', 'b'"):
        choose_classes(blobs({"a": 30, "b": 30}), Design(classes=("a", "c")))


def test_a_class_without_images_is_never_distinct() -> None:
    latents = blobs({"a": 1, "none": 0, "b": 1})
    assert names(latents, most_distinct_classes(latents, 2, members_needed=0)) == ["a", "b"]


def test_one_class_or_an_unknown_rule_is_refused() -> None:
    latents = blobs({"a": 1, "b": 1})
    with pytest.raises(DesignError, match="classes must be a whole number of at least 2, not 1"):
        most_distinct_classes(latents, 1)
    with pytest.raises(DesignError, match="The rule must be one of perimeter, max_min, not 'area'"):
        most_distinct_classes(latents, 2, rule="area")


def test_a_search_without_end_is_refused() -> None:
    many = points({f"{number:03}": [(float(number), 0)] for number in range(200)})
    with pytest.raises(DesignError, match="too many ways to choose 10 of 200 classes"):
        most_distinct_classes(many, 10)
