from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sampling import (
    ClassTooSmall,
    Design,
    Latents,
    LatentsError,
    merge_small_classes,
    plan_study,
    verify_plan,
)
from sampling.geometry import centroid
from tests.sampling.blobs import blobs, points

EMOTIONS = {"gloomy": 5, "happy": 30, "peaceful": 6, "scary": 40}
PLACES = {"gloomy": (0.0, 9), "happy": (20, 0), "peaceful": (20, 3), "scary": (0, 0)}


def groups(latents: Latents) -> dict[str, set[str]]:
    """The ids of each class, by its name."""
    return {
        name: {latents.ids[row] for row in latents.members(label)}
        for label, name in enumerate(latents.class_names)
    }


def test_small_classes_join_the_nearest_class() -> None:
    before = blobs(EMOTIONS, centres=PLACES)
    was = groups(before)
    assert groups(merge_small_classes(before, 24)) == {
        "gloomy+scary": was["gloomy"] | was["scary"],
        "happy+peaceful": was["happy"] | was["peaceful"],
    }


def test_nothing_is_merged_when_all_classes_are_large() -> None:
    before = blobs({"b": 24, "a": 24, "c": 30})
    assert groups(merge_small_classes(before, 24)) == groups(before)


def test_empty_classes_vanish() -> None:
    before = blobs({"a": 24, "none": 0, "b": 24})
    assert merge_small_classes(before, 24).class_names == ("a", "b")


def test_a_merged_class_has_the_centroid_of_all_its_images() -> None:
    before = blobs(EMOTIONS, centres=PLACES)
    after = merge_small_classes(before, 24)
    rows = [row for row, id_ in enumerate(before.ids) if id_.startswith(("happy", "peaceful"))]
    merged = after.class_names.index("happy+peaceful")
    np.testing.assert_allclose(centroid(after, merged), before.z[rows].mean(axis=0), rtol=1e-12)


def test_the_centroid_is_new_before_the_next_merge() -> None:
    """b joins c and draws its centroid from 4 to 3.625: nearer to a than -3.8 is, but not than -3.5."""
    before = {"a": [(0.0,)] * 2, "b": [(2.5,)], "c": [(4.0,)] * 3}
    near, far = (points(before | {"d": [(place,)] * 3}) for place in (-3.5, -3.8))
    assert merge_small_classes(near, 3).class_names == ("a+d", "b+c")
    assert merge_small_classes(far, 3).class_names == ("a+b+c", "d")


def test_ties_go_to_the_name_that_comes_first() -> None:
    between = points({"right": [(1.0,)] * 5, "middle": [(0.0,)], "left": [(-1.0,)] * 5})
    assert merge_small_classes(between, 5).class_names == ("left+middle", "right")


def test_if_all_classes_are_small_one_is_left() -> None:
    assert merge_small_classes(blobs({"a": 2, "b": 3, "c": 4}), 24).class_names == ("a+b+c",)


def test_a_merged_name_that_exists_already_is_refused() -> None:
    before = points({"a": [(0.0,)], "b": [(1.0,)] * 5, "a+b": [(50.0,)] * 5})
    with pytest.raises(LatentsError, match=r"makes a second class named 'a\+b'; rename the first"):
        merge_small_classes(before, 5)


def test_a_plan_may_merge_and_then_speaks_of_the_merged_classes() -> None:
    latents = blobs(EMOTIONS | {"proud": 30}, centres=PLACES | {"proud": (40, 40)})
    plan = plan_study(latents, Design(merge_small=True), seed=1)
    assert plan.classes == ("gloomy+scary", "happy+peaceful", "proud")
    verify_plan(latents, plan)
    named = Design(classes=plan.classes, merge_small=True)
    assert plan_study(latents, named, seed=1) == replace(plan, design=named)


def test_merging_that_leaves_too_few_classes_is_told() -> None:
    latents = blobs(EMOTIONS, centres=PLACES)
    with pytest.raises(ClassTooSmall, match="needs 3 classes of at least 24 images, but there are 2 such"):
        plan_study(latents, Design(merge_small=True), seed=1)
