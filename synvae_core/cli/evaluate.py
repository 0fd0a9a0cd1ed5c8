"""Measure trained models on a data set, on the paper's latent path and on what listeners hear."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from synvae_core.cli.output import print_json, progress_bar

if TYPE_CHECKING:
    from synvae_core.corpus import Corpus
    from synvae_core.metrics.evaluate import Evaluation

EXAMPLES = """  python -m synvae_core evaluate mnist
  python -m synvae_core evaluate mnist --json > metrics.json
  python -m synvae_core evaluate mnist --limit 1000      a first look, in a tenth of the time"""
PATHS = 3  # visvae, latent, audible


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The images, the models and the judge."""
    parser.add_argument("data", nargs="?", default="mnist", help="mnist, or folder:PATH (default: mnist)")
    parser.add_argument("--split", help="train, validation or test (default: mnist's test, all of a folder)")
    parser.add_argument("--model", default="mnist", help="a shipped model's name or a SynVAE's folder")
    parser.add_argument(
        "--classifier", default="classifier-mnist", help="the judge of reconstructions: a name or a folder"
    )
    parser.add_argument("--limit", type=_at_least_one, metavar="N", help="only the first N images")
    parser.add_argument("--seed", type=int, default=0, help="of the drawn latents (default: 0)")


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number of at least 1")
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Evaluates and prints; melodies that MusicVAE has not seen come from the corpus, built if need be."""
    from synvae_core import data
    from synvae_core.melody import STEPS_PER_BAR
    from synvae_core.metrics.evaluate import evaluate
    from synvae_core.training.models import load_classifier
    from synvae_core.translator import Translator

    translator = Translator.load(arguments.model)
    judge = load_classifier(arguments.classifier)
    held_out = _corpus(translator.synvae.music.config.steps // STEPS_PER_BAR).test
    images = data.load(arguments.data, arguments.split, shape=translator.image_shape)
    images = images.subset(range(min(len(images), arguments.limit or len(images))))
    with progress_bar(PATHS * len(images) + len(held_out), "examples") as bar:
        evaluation = evaluate(
            images,
            held_out,
            visvae=translator.visvae,
            synvae=translator.synvae,
            classifier=judge,
            seed=arguments.seed,
            progress=lambda path, done: bar.update(done),
        )
    if arguments.json:
        print_json(evaluation.as_dict())
    else:
        _print_table(evaluation)
    return 0


def _corpus(bars: int) -> Corpus:
    from synvae_core.corpus import build_corpus, load_corpus
    from synvae_core.corpus.build import corpus_path

    if not corpus_path(bars).exists():
        build_corpus(bars)
    return load_corpus(bars)


def _print_table(evaluation: Evaluation) -> None:
    paths = {
        "VisVAE": evaluation.visvae,
        "SynVAE, latent path": evaluation.synvae.latent,
        "SynVAE, audible path": evaluation.synvae.audible,
    }
    print(f"{'':22s}{'MSE':>8s}{'KL':>8s}{'P@10 drawn':>12s}{'P@10 mean':>11s}{'accuracy':>10s}")
    for name, m in paths.items():
        print(f"{name:22s}{m.mse:8.2f}{m.kl:8.1f}{m.p10_sampled:12.3f}{m.p10_mean:11.3f}{m.accuracy:10.3f}")
    music = evaluation.music
    print(f"MusicVAE: onset accuracy {music.onset_accuracy:.3f}, density ratio {music.density_ratio:.2f}")
