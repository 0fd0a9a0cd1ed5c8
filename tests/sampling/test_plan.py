from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sampling import Design, DesignError, PlanError, StudyPlan, plan_study
from tests.sampling.blobs import DIGITS, blobs

PLAN = plan_study(blobs(DIGITS), Design(classes=2, examples_per_class=2, trials=5, nearest=20), seed=7)


def test_a_plan_survives_its_json() -> None:
    assert StudyPlan.from_json(PLAN.to_json()) == PLAN
    assert StudyPlan.from_json(PLAN.to_json().encode()).to_json() == PLAN.to_json()


def test_the_json_has_the_keys_that_other_programs_read() -> None:
    data = json.loads(PLAN.to_json())
    assert data["seed"] == 7
    assert data["classes"] == list(PLAN.classes)
    assert data["examples"] == [list(ids) for ids in PLAN.examples]
    assert data["trials"] == [{"options": list(trial.options), "truth": trial.truth} for trial in PLAN.trials]
    assert data["design"] == PLAN.design.to_dict() | {"rule": "perimeter"}
    assert data["ranks"].keys() == data["distances"].keys() == set(PLAN.image_ids)
    assert data["latents"].startswith("sha256:")
    assert data["version"] == 1


def test_ids_in_any_script_survive() -> None:
    latents = blobs({"été": 8, "冬": 8, "broken\udcff": 8})
    plan = plan_study(latents, Design(classes=3, examples_per_class=1, trials=3), seed=1)
    assert StudyPlan.from_json(plan.to_json().encode()) == plan


def damaged(change: Callable[[dict[str, Any]], object]) -> str:
    data = json.loads(PLAN.to_json())
    change(data)
    return json.dumps(data)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda data: data.pop("design"), "design missing or unknown"),
        (lambda data: data.update(colour=1), "colour missing or unknown"),
        (lambda data: data.update(version=2), "This is not a plan of version 1; plan the study again"),
        (lambda data: data["trials"][0].update(truth=2), "every truth must be a whole number from 0 to 1"),
        (lambda data: data["trials"][0].update(truth="1"), "every truth must be a whole number from 0 to 1"),
        (lambda data: data["trials"][0].update(truth=-1), "every truth must be a whole number from 0 to 1"),
        (lambda data: data["trials"][0].pop("options"), "damaged: 'options'"),
        (lambda data: data["trials"][0]["options"].pop(), "must be given for each of the 2 classes"),
        (lambda data: data["examples"].pop(), "must be given for each of the 2 classes"),
        (lambda data: data["examples"][0].__setitem__(0, data["examples"][0][1]), "is used twice"),
        (
            lambda data: data["examples"][0].__setitem__(0, "x"),
            "ranks and distances must be given for exactly",
        ),
        (lambda data: data["examples"][0].__setitem__(0, []), "This plan is damaged: "),
        (lambda data: data["classes"].__setitem__(0, 0), "classes and images must be named by strings"),
        (lambda data: data["examples"][0].__setitem__(0, 0), "classes and images must be named by strings"),
        (
            lambda data: data["distances"].update({PLAN.image_ids[0]: "far"}),
            "every distance must be a number",
        ),
        (lambda data: data.update(design=None), "This plan is damaged: "),
        (lambda data: data.update(trials=None), "This plan is damaged: "),
        (lambda data: data.update(ranks={}), "ranks and distances must be given for exactly its images"),
    ],
)
def test_a_damaged_plan_is_refused_with_a_sentence(
    change: Callable[[dict[str, Any]], object], sentence: str
) -> None:
    with pytest.raises(PlanError) as refusal:
        StudyPlan.from_json(damaged(change))
    assert sentence in str(refusal.value)


@pytest.mark.parametrize("text", ["", "{", b"\xff\xfe\x00", "[]", "null", '"plan"', "{}"])
def test_what_is_no_plan_is_refused(text: str | bytes) -> None:
    with pytest.raises(PlanError, match="This is not a plan"):
        StudyPlan.from_json(text)


def test_an_unknown_design_key_in_a_plan_is_refused() -> None:
    with pytest.raises(DesignError, match="A design has no colour"):
        StudyPlan.from_json(damaged(lambda data: data["design"].update(colour="red")))


def test_a_plan_nested_without_end_is_refused() -> None:
    with pytest.raises(PlanError, match="not JSON"):
        StudyPlan.from_json("[" * 100_000)
