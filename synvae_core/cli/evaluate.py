"""Measure trained models on a data set, on the paper's latent path and on what listeners hear."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from synvae_core.cli import reporting
from synvae_core.cli.arguments import at_least_one
from synvae_core.cli.output import print_json, progress_bar

if TYPE_CHECKING:
    from synvae_core.classifier import Classifier
    from synvae_core.corpus import Corpus
    from synvae_core.data import ImageSource
    from synvae_core.metrics.fitting import Step
    from synvae_core.visvae import Kind

EXAMPLES = """  python -m synvae_core evaluate mnist
  python -m synvae_core evaluate mnist --json > metrics.json
  python -m synvae_core evaluate mnist --limit 1000      a first look, in a tenth of the time
  python -m synvae_core evaluate mnist --full            mutual information, melodies alone, a second judge
  python -m synvae_core evaluate mnist --full --train-limit 10000       the same from fewer training images
  python -m synvae_core evaluate cifar10 --model var/runs/synvae-cifar
  python -m synvae_core evaluate mnist --report out/     and a page with pictures, sounds and curves"""
CLASSIFIERS = {"mnist": "classifier-mnist", "cifar": "classifier-cifar", "bam": "classifier-paintings"}
MODELS = {"cifar10": "cifar"}  # the shipped pair for a data set; others are listened to by "mnist"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The images, the models, the judge, and how much to measure."""
    parser.add_argument(
        "data", nargs="?", default="mnist", help="mnist, cifar10, folder:PATH or bam:PATH (default: mnist)"
    )
    parser.add_argument(
        "--split", help="train, validation or test (default: test; all of a folder, unless --full)"
    )
    parser.add_argument(
        "--model", help="a shipped name, a SynVAE's folder or a shared file (default: by data)"
    )
    parser.add_argument(
        "--classifier",
        help="the judge of reconstructions: a name or a folder (default: by the model's shape)",
    )
    parser.add_argument("--limit", type=at_least_one, metavar="N", help="only the first N images")
    parser.add_argument("--seed", type=int, default=0, help="of all that is drawn and trained (default: 0)")
    parser.add_argument(
        "--queries",
        type=at_least_one,
        metavar="N",
        help="precision at n: ask only N images, drawn by the seed",
    )
    parser.add_argument(
        "--full",
        action="store_true",
        help="also what must be trained on training images: mutual information, melodies alone, own judges",
    )
    parser.add_argument(
        "--train-limit",
        type=at_least_one,
        metavar="N",
        help="--full: only N training images, drawn by the seed",
    )
    reporting.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Evaluates and prints; melodies that MusicVAE has not seen come from the corpus, built if need be."""
    from synvae_core.cli.evaluation_table import print_tables
    from synvae_core.data.fetching import data_folder
    from synvae_core.melody import STEPS_PER_BAR
    from synvae_core.metrics.evaluate import evaluate
    from synvae_core.translator import Translator

    reporting.check(arguments)
    arguments.model = arguments.model or MODELS.get(arguments.data, "mnist")
    translator = Translator.load(arguments.model)
    net = translator.synvae.visual.config
    judge = _judge(arguments, net.kind)
    held_out = _corpus(translator.synvae.music.config.steps // STEPS_PER_BAR).test
    images, training = _images(arguments, net.image_shape)
    evaluation = evaluate(
        images,
        held_out,
        visvae=translator.visvae,
        synvae=translator.synvae,
        classifier=judge,
        training=training,
        queries=arguments.queries,
        cache=data_folder() / "judges",
        seed=arguments.seed,
        progress=stage,
    )
    if arguments.json:
        print_json(evaluation.as_dict())
    else:
        print_tables(evaluation)
    reporting.write(arguments, translator, images, judge, evaluation)  # last: the numbers are safe by now
    return 0


def _judge(arguments: argparse.Namespace, kind: Kind) -> Classifier:
    """The judge of originals that is given, or the shipped one for images of this kind."""
    from synvae_core.metrics.evaluate import EvaluationError
    from synvae_core.training.models import PRETRAINED, load_classifier

    shipped = f"classifier-{kind}"
    if not arguments.classifier and not (PRETRAINED / shipped).is_dir():
        raise EvaluationError(
            f"No judge of such images comes with Earsight: train one with 'train {CLASSIFIERS[kind]} --data "
            f"{arguments.data} -o FOLDER' and give --classifier FOLDER."
        )
    return load_classifier(arguments.classifier or shipped)


@contextmanager
def stage(name: str, examples: int) -> Iterator[Step]:
    """A bar of its own for each stage."""
    with progress_bar(examples, "examples") as bar:
        bar.set_description(name)
        yield bar.update


def _images(
    arguments: argparse.Namespace, shape: tuple[int, int, int]
) -> tuple[ImageSource, ImageSource | None]:
    """What is scored, and with --full what is learned from."""
    from synvae_core.metrics.choosing import drawn, first

    split = arguments.split or ("test" if arguments.full else None)
    images = first(_source(arguments.data, split, shape), arguments.limit)
    if not arguments.full:
        return images, None
    return images, drawn(_source(arguments.data, "train", shape), arguments.train_limit, arguments.seed)


def _source(name: str, split: str | None, shape: tuple[int, int, int]) -> ImageSource:
    from synvae_core import data

    # Paintings are many: they stay on disk.
    read = data.stream if name.startswith("bam:") else data.load
    return read(name, split, shape=shape)


def _corpus(bars: int) -> Corpus:
    from synvae_core.corpus import build_corpus, load_corpus
    from synvae_core.corpus.build import corpus_path

    if not corpus_path(bars).exists():
        build_corpus(bars)
    return load_corpus(bars)
