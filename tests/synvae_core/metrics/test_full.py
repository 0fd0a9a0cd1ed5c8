"""The costly metrics with tiny models: what is learned, from what, kept where, and what is refused."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from synvae_core.classifier import Classifier, ClassifierConfig
from synvae_core.data import ImageSet
from synvae_core.metrics import mutual_information, own_judge
from synvae_core.metrics.evaluate import EvaluationError, check
from synvae_core.metrics.finite import NotFinite
from synvae_core.metrics.fitting import Schedule, Step
from synvae_core.metrics.measuring import Measuring, PathMetrics
from synvae_core.metrics.own_judge import judge_key
from synvae_core.metrics.paths import musical_paths, travel, visual_path
from synvae_core.synvae import SynVae
from synvae_core.training.models import load_synvae
from synvae_core.visvae import VisVae, VisVaeConfig
from tests.synvae_core.tiny import save_tiny_synvae

NAMES = ("dark", "light")


@pytest.fixture(scope="module")
def synvae(tmp_path_factory: pytest.TempPathFactory) -> SynVae:
    return load_synvae(save_tiny_synvae(tmp_path_factory.mktemp("tiny")))


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    torch.manual_seed(3)
    return Classifier(ClassifierConfig(model=VisVaeConfig(widths=(3, 4)), class_names=NAMES))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A taste of each schedule is enough to see that it is followed."""
    monkeypatch.setattr(own_judge, "SCHEDULE", Schedule(epochs=6, batch=20, learning_rate=1e-2))
    short = Schedule(epochs=2, batch=40)
    monkeypatch.setattr("synvae_core.metrics.measuring.MELODY_SCHEDULE", short)
    monkeypatch.setattr("synvae_core.metrics.measuring.CRITIC_SCHEDULE", short)
    monkeypatch.setattr(mutual_information, "PAPER_EPOCHS", 1)


def pictures(count: int, name: str) -> ImageSet:
    generator = np.random.default_rng(len(name))
    labels = np.arange(count) % 2
    pixels = generator.random((count, 28, 28, 1)) < 0.1 + 0.8 * labels[:, None, None, None]
    return ImageSet(pixels.astype(np.float32), labels, NAMES, tuple(f"{name}-{i}" for i in range(count)))


@pytest.fixture(scope="module")
def images() -> ImageSet:
    return pictures(60, "test")


@pytest.fixture(scope="module")
def training() -> ImageSet:
    return pictures(240, "train")


def measured(path_number: int, synvae: SynVae, measuring: Measuring) -> PathMetrics:
    return measuring.measure(musical_paths(synvae)[path_number])


def test_the_audible_path_gets_everything_and_the_others_what_they_have(
    images: ImageSet, training: ImageSet, synvae: SynVae, classifier: Classifier
) -> None:
    full = Measuring(images, classifier, training)
    latent, audible = (measured(number, synvae, full) for number in (0, 1))
    visual = full.measure(visual_path(synvae.visual))
    for found in (visual, latent, audible):
        assert found.own_judge is not None
        assert sum(map(sum, found.own_judge.confusion)) == 60
    assert visual.mutual_information is None
    assert [visual.melodies, latent.melodies] == [None, None]
    for found in (latent, audible):
        assert found.mutual_information is not None
        assert found.mutual_information.pairs == (192, 48, 60)
        assert found.mutual_information.paper_style is not None
    assert audible.melodies is not None
    assert sum(map(sum, audible.melodies.confusion)) == 60


def test_cheap_metrics_do_not_depend_on_the_costly_ones(
    images: ImageSet, training: ImageSet, synvae: SynVae, classifier: Classifier
) -> None:
    quickly = measured(1, synvae, Measuring(images, classifier))
    fully = measured(1, synvae, Measuring(images, classifier, training))
    assert replace(fully, own_judge=None, mutual_information=None, melodies=None) == quickly


def test_the_seed_repeats_even_what_is_trained(
    images: ImageSet, training: ImageSet, synvae: SynVae, classifier: Classifier
) -> None:
    once, again, other = (
        measured(1, synvae, Measuring(images, classifier, training, seed=seed)) for seed in (1, 1, 2)
    )
    assert once == again != other


def test_a_judge_of_reconstructions_learns_what_the_model_makes_of_a_class(
    images: ImageSet, training: ImageSet, synvae: SynVae, classifier: Classifier
) -> None:
    path = visual_path(synvae.visual)
    known = travel(training, path.way, keep_images=True)
    known = replace(known, images=np.full((240, 1, 28, 28), 60, dtype=np.uint8))
    known.images[known.labels == 1] = 180  # type: ignore[index]
    judge = own_judge.own_judge(known, classifier.config, schedule=own_judge.SCHEDULE)
    shades = torch.tensor([60.0, 180.0]).view(2, 1, 1, 1).expand(2, 1, 28, 28) / 255
    assert judge.predict(shades).tolist() == [0, 1]
    assert judge.config == classifier.config


def test_a_judge_is_kept_and_found_again_for_the_same_model_alone(
    images: ImageSet, training: ImageSet, synvae: SynVae, classifier: Classifier, tmp_path: Path
) -> None:
    stages: Counter[str] = Counter()

    @contextmanager
    def progress(stage: str, examples: int) -> Iterator[Step]:
        stages[stage] += 1
        yield lambda done: None

    kept = Measuring(images, classifier, training, cache=tmp_path / "judges", progress=progress)
    first, second = measured(1, synvae, kept), measured(1, synvae, kept)
    assert first == second
    assert stages["audible: a judge of its own"] == 1
    torch.manual_seed(0)
    measured(1, SynVae(VisVae(synvae.visual.config), synvae.music), kept)
    assert stages["audible: a judge of its own"] == 2


def test_all_that_a_judge_follows_from_is_in_its_key(classifier: Classifier, synvae: SynVae) -> None:
    base = ("audible", "digest", ("a", "b"), classifier.config, 0)
    others = [
        ("latent", "digest", ("a", "b"), classifier.config, 0),
        ("audible", "other", ("a", "b"), classifier.config, 0),
        ("audible", "digest", ("a", "c"), classifier.config, 0),
        ("audible", "digest", ("a", "b"), classifier.config.model_copy(update={"data": "birds"}), 0),
        ("audible", "digest", ("a", "b"), classifier.config, 1),
    ]
    keys = {judge_key(*parts) for parts in (base, *others)}
    assert len(keys) == 6
    assert judge_key(*base) in keys


def test_a_digest_tells_weights_and_relaxation_apart(synvae: SynVae) -> None:
    def digest(model: SynVae) -> str:
        return musical_paths(model)[0].digest

    same = SynVae(synvae.visual, synvae.music, synvae.relaxation)
    torch.manual_seed(0)
    others = [
        SynVae(synvae.visual, synvae.music, "logits"),
        SynVae(VisVae(synvae.visual.config), synvae.music),
    ]
    assert digest(same) == digest(synvae)
    assert len({digest(synvae), *map(digest, others)}) == 3


def test_every_number_of_a_full_measurement_is_plain_json(
    images: ImageSet, training: ImageSet, synvae: SynVae, classifier: Classifier
) -> None:
    from dataclasses import asdict

    found = asdict(measured(1, synvae, Measuring(images, classifier, training)))
    assert json.loads(json.dumps(found))["melodies"]["class_names"] == list(NAMES)


def test_a_model_that_gives_no_numbers_is_refused(
    images: ImageSet, synvae: SynVae, classifier: Classifier
) -> None:
    broken = VisVae(synvae.visual.config)
    torch.nn.init.constant_(broken.mean.bias, float("nan"))
    with pytest.raises(NotFinite, match="evaluate an earlier checkpoint"):
        Measuring(images, classifier).measure(visual_path(broken))


def test_what_cannot_be_learned_from_is_refused_before_the_long_work(
    images: ImageSet, training: ImageSet, synvae: SynVae, classifier: Classifier
) -> None:
    nets = (synvae.visual,)
    dark = training.subset(np.flatnonzero(np.arange(240) < 120).repeat(2) // 2 * 2)
    with pytest.raises(EvaluationError, match="there are 240 of 1 and 60: give more, or leave out --full"):
        check(images, dark, classifier, nets)
    with pytest.raises(EvaluationError, match="there are 199 of 2 and 60"):
        check(images, training.subset(range(199)), classifier, nets)
    with pytest.raises(EvaluationError, match="there are 240 of 2 and 39"):
        check(images.subset(range(39)), training, classifier, nets)


def test_images_that_are_learned_from_are_not_scored(
    images: ImageSet, training: ImageSet, synvae: SynVae, classifier: Classifier
) -> None:
    check(images, training, classifier, (synvae.visual,))
    with pytest.raises(EvaluationError, match="50 images would be learned from and scored, such as train-0"):
        check(training.subset(range(50)), training, classifier, (synvae.visual,))
    strange = replace(training, class_names=("cat", "dog"))
    with pytest.raises(EvaluationError, match="the images are of cat, dog"):
        check(images, strange, classifier, (synvae.visual,))
