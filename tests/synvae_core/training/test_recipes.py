"""Recipes: the shipped ones fit, what is wrong in one is named, and the schedule that one describes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from synvae_core.training.config import (
    RECIPES,
    MusicVaeRecipe,
    RecipeError,
    ReverseRecipe,
    parse_recipe,
    read_recipe,
)
from synvae_core.training.schedule import batch_indices, learning_rate
from tests.synvae_core.training.tiny_recipes import (
    LOOP,
)


def test_an_unknown_key_of_a_recipe_is_refused_by_name() -> None:
    with pytest.raises(RecipeError, match="learningrate: Extra inputs are not permitted"):
        parse_recipe(LOOP | {"task": "visvae", "learningrate": 1})


def test_a_missing_recipe_names_the_shipped_ones() -> None:
    with pytest.raises(RecipeError, match=r"classifier-cifar, classifier-mnist, .*, visvae-paintings"):
        read_recipe("nosuch")


@pytest.mark.parametrize("name", sorted(path.stem for path in RECIPES.glob("*.yaml")))
def test_shipped_recipes_are_understood_and_their_nets_fit_their_images(name: str) -> None:
    recipe = read_recipe(name)
    kinds = {"mnist": "mnist", "cifar10": "cifar", "folder:paintings": "bam"}
    assert isinstance(recipe, MusicVaeRecipe | ReverseRecipe) or recipe.model.kind == kinds[recipe.data]


def test_each_pass_shows_each_example_at_most_once() -> None:
    schedule = read_recipe("visvae-mnist").model_copy(update={"batch": 10})
    seen = torch.cat([batch_indices(55, schedule, step) for step in range(5)])
    again = torch.cat([batch_indices(55, schedule, step) for step in range(5, 10)])
    assert len(seen.unique()) == 50
    assert not torch.equal(seen, again)


def test_the_learning_rate_warms_up_and_falls_to_zero() -> None:
    schedule = read_recipe("musicvae").model_copy(
        update={"hearing": None, "steps": 10, "warm_up": 2, "learning_rate": 1.0, "decay": "linear"}
    )
    assert [round(learning_rate(schedule, step), 3) for step in (0, 1, 5, 9)] == [0.5, 0.9, 0.5, 0.1]


def test_a_folder_is_no_recipe(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").mkdir()
    with pytest.raises(RecipeError, match="give a YAML file"):
        read_recipe(tmp_path / "recipe.yaml")
