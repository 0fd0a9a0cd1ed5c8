"""The classifier learns a folder's classes, is saved and loaded, and the shipped one is in order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from synvae_core import data
from synvae_core.classifier import ClassifierConfig, Jitter, accuracy
from synvae_core.data import mnist
from synvae_core.data.fetching import data_folder
from synvae_core.training.checkpoint import CheckpointError
from synvae_core.training.config import ClassifierRecipe, Recipe, parse_recipe, read_recipe
from synvae_core.training.loop import Outcome, make_task, run
from synvae_core.training.models import StoredVisVae, load_classifier, load_visvae, save_model
from synvae_core.visvae import VisVae, VisVaeConfig, channels_first

SMALL = VisVaeConfig(kind="mnist", latent=1, widths=(4, 4))


@pytest.fixture(scope="module")
def bars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of lying and upright white bars at random places."""
    folder = tmp_path_factory.mktemp("bars")
    generator = np.random.default_rng(0)
    for number, place in enumerate(generator.integers(2, 24, 80)):
        lying = np.zeros((28, 28), dtype=np.uint8)
        lying[place : place + 3] = 255
        for name, picture in (("lying", lying), ("upright", lying.T)):
            path = folder / name / f"{number}.png"
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(np.ascontiguousarray(picture)).save(path)
    return folder


def recipe_for(folder: Path, seed: int = 3) -> Recipe:
    return parse_recipe(
        {
            "task": "classifier",
            "data": f"folder:{folder}",
            "model": SMALL.model_dump(),
            "seed": seed,
            "steps": 120,
            "batch": 16,
            "learning_rate": 0.02,
            "validate_every": 60,
        }
    )


@pytest.fixture(scope="module")
def trained(bars: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """The run's folder and its outcome."""
    folder = tmp_path_factory.mktemp("run")
    return folder, run(recipe_for(bars), folder, quiet=True)


def test_it_learns_the_classes_of_a_folder(bars: Path, trained: tuple[Path, Outcome]) -> None:
    folder, outcome = trained
    test = data.load(f"folder:{bars}", "test")
    assert outcome.finished
    assert outcome.figures["accuracy"] > 0.8
    assert accuracy(load_classifier(folder), channels_first(test.pixels), test.labels) > 0.8


def test_its_folder_says_what_it_is(bars: Path, trained: tuple[Path, Outcome]) -> None:
    config = ClassifierConfig(model=SMALL, data=f"folder:{bars}", class_names=("lying", "upright"))
    assert load_classifier(trained[0]).config == config


def test_the_net_gives_logits_and_not_probabilities(bars: Path, trained: tuple[Path, Outcome]) -> None:
    logits = load_classifier(trained[0])(channels_first(data.load(f"folder:{bars}").pixels))
    assert logits.min() < 0
    assert not torch.allclose(logits.sum(dim=1), torch.ones(len(logits)))


def test_first_weights_are_repeated_by_the_seed(bars: Path) -> None:
    heads = [make_task(recipe_for(bars, seed)).network.get_parameter("head.weight") for seed in (3, 3, 4)]
    assert torch.equal(heads[0], heads[1])
    assert not torch.equal(heads[0], heads[2])


def centre(x: torch.Tensor) -> torch.Tensor:
    """Where the light of each image (B, 1, H, W) lies, in pixels from the middle: (B, 2), rows first."""
    side = torch.arange(x.shape[2]) - (x.shape[2] - 1) / 2
    light = x[:, 0] / x.sum(dim=(1, 2, 3)).view(-1, 1, 1)
    return torch.stack(((light.sum(2) * side).sum(1), (light.sum(1) * side).sum(1)), dim=1)


def test_a_shift_moves_each_image_its_own_way_by_at_most_its_pixels() -> None:
    x = torch.zeros(400, 1, 15, 15)
    x[..., 6:9, 6:9] = 1
    places = centre(Jitter(shift=1.5)(x, torch.Generator().manual_seed(0)))
    assert 1.4 < places.abs().max() <= 1.5 + 1e-4
    assert places.std(dim=0).tolist() == pytest.approx([1.5 / 3**0.5] * 2, rel=0.1)


def test_a_turn_keeps_the_middle_and_moves_the_edge_by_at_most_its_angle() -> None:
    x = torch.zeros(400, 1, 31, 31)
    x[..., 14:17, 25:28] = 1
    down, across = centre(Jitter(turn=20)(x, torch.Generator().manual_seed(0))).T
    angles = torch.rad2deg(torch.atan2(down, across))
    assert 18 < angles.abs().max() < 20.5
    assert torch.hypot(down, across).tolist() == pytest.approx([11] * 400, abs=0.1)


def test_a_zoom_changes_size_by_at_most_its_share() -> None:
    x = torch.zeros(400, 1, 41, 41)
    x[..., 10:31, 10:31] = 1
    sizes = Jitter(zoom=0.2)(x, torch.Generator().manual_seed(0)).sum(dim=(1, 2, 3)).sqrt() / 21
    assert 0.82 < sizes.min() < 0.86
    assert 1.2 < sizes.max() < 1.27


def test_no_jitter_leaves_the_images_as_they_are() -> None:
    x = torch.rand(3, 1, 5, 5)
    assert Jitter()(x, None) is x


def test_half_precision_on_disk_sees_the_same(
    bars: Path, trained: tuple[Path, Outcome], tmp_path: Path
) -> None:
    model = load_classifier(trained[0])
    save_model(tmp_path / "half", model.config, model.state_dict(), halve=True)
    x = channels_first(data.load(f"folder:{bars}").pixels)
    assert torch.equal(load_classifier(tmp_path / "half").predict(x), model.predict(x))


def test_other_models_and_a_classifier_are_not_taken_for_each_other(
    trained: tuple[Path, Outcome], tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError, match="is a classifier, and a visual model is needed"):
        load_visvae(trained[0])
    with pytest.raises(CheckpointError, match="There is no model"):
        load_classifier(tmp_path / "nothing")
    with pytest.raises(CheckpointError, match="is a visvae, and a classifier is needed"):
        load_classifier(save_visvae(tmp_path / "visvae"))


def save_visvae(folder: Path) -> Path:
    save_model(folder, StoredVisVae(model=SMALL, data="mnist"), VisVae(SMALL).state_dict())
    return folder


def test_the_shipped_recipe_and_weights_are_of_the_encoders_convolutions() -> None:
    recipe = read_recipe("classifier-mnist")
    assert isinstance(recipe, ClassifierRecipe)
    model = load_classifier("classifier-mnist")
    assert model.config == ClassifierConfig(model=recipe.model, class_names=tuple("0123456789"))
    assert sum(p.numel() for p in model.parameters()) == 320 + 18_496 + 2304 * 10 + 10


def test_the_shipped_classifier_reads_mnist() -> None:
    folder = data_folder()
    if mnist.find(mnist.TEST_IMAGES, folder) is None:
        pytest.skip("MNIST is not on this machine; 'python -m synvae_core fetch mnist' brings it")
    test = data.load("mnist", "test").subset(range(1000))
    model = load_classifier("classifier-mnist")
    assert accuracy(model, channels_first(test.pixels), test.labels) > 0.98
