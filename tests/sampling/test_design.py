from __future__ import annotations

from typing import Any

import pytest

from sampling import Design, DesignError


def test_the_default_design_is_the_papers() -> None:
    assert Design().to_dict() == {
        "classes": 3,
        "examples_per_class": 4,
        "trials": 20,
        "rule": "perimeter",
        "merge_small": False,
        "nearest": None,
    }


def test_a_class_needs_an_image_for_each_example_and_trial() -> None:
    assert Design().members_needed == 24
    assert Design(examples_per_class=2, trials=6).members_needed == 8
    assert Design(nearest=100).members_needed == 100


@pytest.mark.parametrize(
    "design", [Design(), Design(classes=("0", "1"), trials=5, rule="max_min", nearest=50)]
)
def test_a_design_survives_its_dictionary(design: Design) -> None:
    assert Design.from_dict(design.to_dict()) == design


def test_names_in_a_list_are_the_names_in_a_tuple() -> None:
    assert Design.from_dict({"classes": ["0", "1"]}) == Design(classes=("0", "1"))


def test_unknown_keys_are_refused_by_name() -> None:
    with pytest.raises(DesignError, match="A design has no colour, trails; it has classes, "):
        Design.from_dict({"trails": 20, "trials": 20, "colour": "red"})


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"classes": 1}, "classes must be a whole number of at least 2, not 1"),
        ({"classes": True}, "classes must be a whole number of at least 2, not True"),
        ({"classes": "0"}, "classes must be a whole number of at least 2, not '0'"),
        ({"classes": ["0"]}, "Name two or more different classes, not 0"),
        ({"classes": []}, "Name two or more different classes, not none"),
        ({"classes": ["0", "1", "0"]}, "Name two or more different classes, not 0, 1, 0"),
        ({"classes": [0, 1]}, "Classes must be a number or names, not (0, 1)"),
        ({"trials": 0}, "trials must be a whole number of at least 1, not 0"),
        ({"trials": "20"}, "trials must be a whole number of at least 1, not '20'"),
        ({"trials": 20.0}, "trials must be a whole number of at least 1, not 20.0"),
        ({"examples_per_class": -1}, "examples_per_class must be a whole number of at least 0, not -1"),
        ({"nearest": 23}, "nearest must be a whole number of at least 24, not 23"),
        ({"rule": "area"}, "The rule must be one of perimeter, max_min, not 'area'"),
        ({"merge_small": 1}, "merge_small must be true or false, not 1"),
    ],
)
def test_impossible_designs_are_refused_with_a_sentence(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(DesignError) as refusal:
        Design.from_dict(values)
    assert sentence in str(refusal.value)
