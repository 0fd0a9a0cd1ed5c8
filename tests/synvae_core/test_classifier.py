"""The classifier learns, repeats itself, is saved and loaded, and the shipped one knows MNIST's layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from synvae_core.classifier import (
    Classifier,
    ClassifierConfig,
    ClassifierError,
    accuracy,
    load_classifier,
    save_classifier,
    train_classifier,
)
from synvae_core.data import ImageSet
from synvae_core.training.checkpoint import CheckpointError
from synvae_core.visvae import VisVaeConfig, channels_first

SMALL = VisVaeConfig(kind="mnist", latent=1, widths=(4, 4))


def bars(count: int = 60) -> ImageSet:
    """Upright and lying bars, at random places."""
    generator = np.random.default_rng(0)
    pixels = np.zeros((count, 28, 28, 1), dtype=np.float32)
    labels = np.arange(count) % 2
    for image, label, place in zip(pixels, labels, generator.integers(2, 24, count), strict=True):
        (image if label else image.swapaxes(0, 1))[place : place + 3] = 1
    return ImageSet(pixels, labels.astype(np.int64), ("upright", "lying"), tuple(map(str, range(count))))


def trained(seed: int = 0) -> Classifier:
    return train_classifier(bars(), net=SMALL, epochs=12, batch=10, learning_rate=0.01, seed=seed)


def test_it_learns_two_classes_and_tells_its_progress() -> None:
    seen: list[tuple[int, float]] = []
    model = train_classifier(
        bars(),
        net=SMALL,
        epochs=12,
        batch=10,
        learning_rate=0.01,
        progress=lambda epoch, loss: seen.append((epoch, loss)),
    )
    assert accuracy(model, channels_first(bars().pixels), bars().labels) > 0.9
    assert [epoch for epoch, _ in seen] == list(range(1, 13))
    assert seen[-1][1] < 0.2 < seen[0][1]


def test_training_is_repeated_by_its_seed_and_leaves_the_global_generator_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, again, other = trained(), trained(), trained(seed=1)
    assert torch.equal(torch.rand(3), expected)
    x = channels_first(bars().pixels)
    assert torch.equal(first(x), again(x))
    assert not torch.equal(first(x), other(x))


def test_the_net_gives_logits_and_not_probabilities() -> None:
    logits = trained()(channels_first(bars().pixels))
    assert logits.min() < 0
    assert not torch.allclose(logits.sum(dim=1), torch.ones(len(logits)))


def test_a_saved_classifier_sees_the_same(tmp_path: Path) -> None:
    model = trained()
    save_classifier(model, tmp_path / "judge")
    again = load_classifier(tmp_path / "judge")
    x = channels_first(bars().pixels)
    assert again.config == model.config
    assert torch.equal(again.predict(x), model.predict(x))
    torch.testing.assert_close(again(x), model(x), atol=0.05, rtol=0.01)  # float16 on disk


def test_missing_and_foreign_folders_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="There is no model"):
        load_classifier(tmp_path / "nothing")
    save_classifier(trained(), tmp_path / "judge")
    config = tmp_path / "judge" / "config.json"
    config.write_text(config.read_text().replace("upright", 'sloping", "upright'))
    with pytest.raises(CheckpointError, match="does not hold a classifier"):
        load_classifier(tmp_path / "judge")
    config.write_text('{"kind": "visvae"}')
    with pytest.raises(CheckpointError, match="does not hold a classifier"):
        load_classifier(tmp_path / "judge")


def test_one_class_and_foreign_shapes_are_refused() -> None:
    images = bars(4)
    alone = ImageSet(images.pixels, images.labels * 0, ("bar",), images.ids)
    with pytest.raises(ClassifierError, match="at least two classes"):
        train_classifier(alone)
    wide = ImageSet(np.zeros((4, 28, 30, 1), dtype=np.float32), images.labels, ("a", "b"), images.ids)
    with pytest.raises(ClassifierError, match=r"\(28, 30, 1\); load them as 28x28x1"):
        train_classifier(wide)


def test_the_net_of_the_images_shape_is_chosen() -> None:
    colour = ImageSet(np.zeros((2, 64, 64, 3), dtype=np.float32), np.array([0, 1]), ("a", "b"), ("x", "y"))
    assert train_classifier(colour, epochs=0).config.net == VisVaeConfig(kind="bam")


def test_the_shipped_classifier_has_ten_digits_and_the_encoders_convolutions() -> None:
    model = load_classifier("classifier-mnist")
    assert model.config == ClassifierConfig(class_names=tuple("0123456789"))
    assert sum(p.numel() for p in model.parameters()) == 320 + 18_496 + 2304 * 10 + 10
