"""The whole evaluation with tiny untrained models: its paths, its shape as JSON, its seed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
import torch

from synvae_core.classifier import Classifier, ClassifierConfig
from synvae_core.data import ImageSet
from synvae_core.melody import canonical_tokens
from synvae_core.metrics import paths
from synvae_core.metrics.classification import classified
from synvae_core.metrics.evaluate import EvaluationError, evaluate, measure_music
from synvae_core.metrics.fitting import Step
from synvae_core.metrics.measuring import Measuring
from synvae_core.metrics.music import notes_per_bar, onset_accuracy
from synvae_core.metrics.neighbours import precision_at
from synvae_core.metrics.paths import musical_paths
from synvae_core.musicvae.decoders import as_one_hot
from synvae_core.synvae import Relaxation, SynVae
from synvae_core.training.models import load_synvae
from synvae_core.translator import Translator
from synvae_core.visvae import VisVae, VisVaeConfig, channels_first, kl_to_prior
from tests.synvae_core.tiny import MUSICAL, save_tiny_synvae


@pytest.fixture(scope="module")
def synvae(tmp_path_factory: pytest.TempPathFactory) -> SynVae:
    return load_synvae(save_tiny_synvae(tmp_path_factory.mktemp("tiny")))


@pytest.fixture(scope="module")
def visvae(synvae: SynVae) -> VisVae:
    torch.manual_seed(9)
    return VisVae(synvae.visual.config)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    torch.manual_seed(3)
    net = VisVaeConfig(kind="mnist", widths=(3, 4))
    return Classifier(ClassifierConfig(model=net, class_names=("dark", "light")))


@pytest.fixture
def images() -> ImageSet:
    generator = np.random.default_rng(0)
    labels = np.arange(24) % 2
    pixels = generator.random((24, 28, 28, 1)) < 0.2 + 0.6 * labels[:, None, None, None]
    return ImageSet(pixels.astype(np.float32), labels, ("dark", "light"), tuple(map(str, range(24))))


@pytest.fixture
def melodies() -> np.ndarray:
    tokens = np.zeros((12, MUSICAL.steps), dtype=np.uint8)
    tokens[:, ::4] = np.random.default_rng(1).integers(40, 60, (12, MUSICAL.steps // 4))
    return tokens


METRICS = ["mse", "kl", "p10_sampled", "p10_mean", "accuracy"]


def test_the_result_is_the_promised_json_object_and_is_repeated_by_its_seed(
    images: ImageSet, melodies: np.ndarray, visvae: VisVae, synvae: SynVae, classifier: Classifier
) -> None:
    def once(seed: int) -> str:
        models = {"visvae": visvae, "synvae": synvae, "classifier": classifier}
        return json.dumps(evaluate(images, melodies, seed=seed, **models).as_dict())  # type: ignore[arg-type]

    result = json.loads(once(0))
    assert list(result) == ["visvae", "synvae", "music", "images", "training_images", "seed"]
    assert (result["images"], result["training_images"], result["seed"]) == (24, 0, 0)
    assert list(result["music"]) == ["onset_accuracy", "density_ratio"]
    for path in (result["visvae"], result["synvae"]["latent"], result["synvae"]["audible"]):
        assert list(path)[:5] == METRICS
        assert path["own_judge"] is path["mutual_information"] is path["melodies"] is None
        assert [p["n"] for p in path["precision_mean"]] == [1, 5, 10]  # not 50, of 24 images
        assert path["p10_mean"] == path["precision_mean"][2]["value"]
        assert path["p10_sampled"] == path["precision_sampled"][2]["value"]
        assert path["accuracy"] == path["judged"]["accuracy"]
    assert once(0) == once(0)
    assert once(1) != once(0)


def test_the_audible_path_scores_the_very_images_that_the_translator_gives_back(
    images: ImageSet, synvae: SynVae, visvae: VisVae, classifier: Classifier
) -> None:
    scored = Measuring(images, classifier).measure(musical_paths(synvae)[1])
    translator = Translator(synvae, visvae)
    reconstructed = translator.reconstruct(images)
    heard = np.array([melody.tokens for melody in translator.translate(images)])
    with torch.no_grad():
        mean, logvar = synvae.encode(channels_first(images.pixels))
        z = synvae.hear(torch.from_numpy(canonical_tokens(heard)))[0].numpy()
        seen = classifier.predict(channels_first(reconstructed)).numpy()
    errors = ((reconstructed - images.pixels) ** 2).sum(axis=(1, 2, 3))
    assert scored.mse == pytest.approx(errors.mean())
    assert scored.mse_error == pytest.approx(errors.astype(float).std(ddof=1) / 24**0.5, rel=1e-4)
    assert scored.kl == pytest.approx(kl_to_prior(mean, logvar).mean().item())
    assert scored.p10_mean == precision_at(z, images.labels)
    assert scored.judged == classified(images.labels, seen, ("dark", "light"))


@pytest.mark.parametrize("relaxation", ["logits", "straight_through"])
def test_the_latent_path_encodes_what_the_model_passes_on(
    images: ImageSet, synvae: SynVae, relaxation: Relaxation
) -> None:
    x, generator = channels_first(images.pixels), torch.Generator().manual_seed(4)
    model = SynVae(synvae.visual, synvae.music, relaxation)
    passage = paths.through_latents(model, x, torch.Generator().manual_seed(4))
    with torch.no_grad():
        mean, logvar = model.encode(x)
        seen = model.visual.sample(mean, logvar, generator)
        undrawn, heard = (
            model.music.encode(logits if relaxation == "logits" else as_one_hot(symbols, logits))
            for symbols, logits in map(model.music.decode, (mean, seen))
        )
        z = heard[0] + heard[1] * torch.randn(heard[0].shape, generator=generator)
        torch.testing.assert_close(passage.mean, undrawn[0])
        torch.testing.assert_close(passage.drawn, z)
        torch.testing.assert_close(passage.image, model.visual.decode(z))


def test_the_visual_path_scores_one_draw_per_image(
    images: ImageSet, visvae: VisVae, classifier: Classifier
) -> None:
    passage = paths.through_visvae(visvae, channels_first(images.pixels), torch.Generator().manual_seed(4))
    image, mean, _ = visvae(channels_first(images.pixels), torch.Generator().manual_seed(4))
    torch.testing.assert_close(passage.image, image)
    torch.testing.assert_close(passage.mean, mean)
    assert not torch.equal(passage.drawn, passage.mean)


def test_music_is_scored_on_greedy_reconstructions_and_prior_samples(
    synvae: SynVae, melodies: np.ndarray
) -> None:
    scored = measure_music(synvae.music, melodies, seed=2)
    with torch.no_grad():
        mean, _ = synvae.music.encode_symbols(torch.from_numpy(melodies.astype(np.int64)))
        decoded = synvae.music.play(mean).numpy()
        noise = torch.randn(mean.shape, generator=torch.Generator().manual_seed(2))
        sampled = synvae.music.play(noise).numpy()
    assert scored.onset_accuracy == onset_accuracy(melodies, decoded)
    assert scored.density_ratio == notes_per_bar(sampled) / notes_per_bar(melodies)


def test_batches_do_not_change_deterministic_metrics_and_progress_counts_every_example(
    images: ImageSet,
    melodies: np.ndarray,
    visvae: VisVae,
    synvae: SynVae,
    classifier: Classifier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    models = {"visvae": visvae, "synvae": synvae, "classifier": classifier}
    whole = evaluate(images, melodies, **models)  # type: ignore[arg-type]
    monkeypatch.setattr(paths, "BATCH", 7)
    done: Counter[str] = Counter()

    @contextmanager
    def progress(stage: str, examples: int) -> Iterator[Step]:
        yield lambda n: done.update({f"{stage} of {examples}": n})

    parts = evaluate(images, melodies, progress=progress, **models)  # type: ignore[arg-type]
    assert done == {
        "visvae: images of 24": 24,
        "latent: images of 24": 24,
        "audible: images of 24": 24,
        "music: held-out melodies of 12": 12,
    }
    assert parts.synvae.audible.mse == pytest.approx(whole.synvae.audible.mse)
    assert parts.music.onset_accuracy == whole.music.onset_accuracy


def test_models_of_another_shape_and_classes_of_another_set_are_refused(
    images: ImageSet, melodies: np.ndarray, visvae: VisVae, synvae: SynVae, classifier: Classifier
) -> None:
    models = {"visvae": visvae, "synvae": synvae, "classifier": classifier}
    with pytest.raises(EvaluationError, match="The classifier knows dark, light, the images are of cat, dog"):
        evaluate(replace(images, class_names=("cat", "dog")), melodies, **models)  # type: ignore[arg-type]
    coloured = {**models, "visvae": VisVae(VisVaeConfig(kind="cifar", latent=2, widths=(2, 2, 2)))}
    with pytest.raises(EvaluationError, match="The images are 28x28x1, the models read 28x28x1, 32x32x3"):
        evaluate(images, melodies, **coloured)  # type: ignore[arg-type]
