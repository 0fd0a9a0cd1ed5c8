"""Makes the paper's Table 1 again from the models that are here: `make table1`.

Rows are the shipped models and the finished runs in var/runs, named KIND-FAMILY[-VARIANT][-seedN], such as
synvae-mnist, synvae-mnist-seed8, synvae-mnist-logits; runs that differ in their seed alone are averaged.
Every path of every model is a cell, kept under var/table1 and not measured twice: what was stopped goes on
when it is repeated. The page is written anew after each cell. It keeps the rows that were recorded in
table1.json before and whose models are not here, and tells the command that makes each of them; --train runs
these commands first.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path

from scripts.table1_cells import Cell, figures_of
from scripts.table1_models import FAMILIES, Model, find_models
from scripts.table1_page import write_page
from scripts.table1_trainings import TRAININGS, lacking, train
from synvae_core import data
from synvae_core.cli import main as synvae_core
from synvae_core.cli.arguments import at_least_one
from synvae_core.cli.evaluate import stage
from synvae_core.data import ImageSource
from synvae_core.data.fetching import data_folder
from synvae_core.errors import SynvaeError
from synvae_core.metrics.choosing import drawn, first
from synvae_core.metrics.evaluate import check
from synvae_core.metrics.fitting import Step
from synvae_core.metrics.measuring import Measuring
from synvae_core.metrics.paths import ModelPath, musical_paths, visual_path
from synvae_core.training.checkpoint import write_whole
from synvae_core.training.models import PRETRAINED, load_classifier, load_synvae, load_visvae, weights_digest
from synvae_core.visvae import VisVae

VERSION = 3  # of what a cell holds: cells of another version are measured again
LEARNED_FROM = 10_000
DIGITS = 12  # of a digest
DOCS, FIRST_LOOK = Path("docs"), Path("var/table1/first_look")
INTERRUPTED = 130


@dataclass(frozen=True)
class Settings:
    """What a cell's numbers depend on beside its model and judge."""

    seed: int
    full: bool
    limit: int | None
    train_limit: int | None
    version: int = VERSION


def paths_of(model: Model) -> tuple[ModelPath, ...]:
    """The paths of a VisVAE or a SynVAE; raises CheckpointError when it cannot be loaded."""
    if model.kind == "visvae":
        return (visual_path(load_visvae(model.folder)),)
    return musical_paths(load_synvae(model.folder))


Load = Callable[[str, Settings], tuple[ImageSource, ImageSource | None]]


def load_images(name: str, settings: Settings) -> tuple[ImageSource, ImageSource | None]:
    """The test images of a data set, and for costly metrics its training images."""
    images = first(data.load(name, "test"), settings.limit)
    if not settings.full:
        return images, None
    return images, drawn(data.load(name, "train"), settings.train_limit, settings.seed)


@dataclass(frozen=True)
class Job:
    """One path of one model, and the file of its cell."""

    model: Model
    judge: Path
    path: str
    kept: Path


def jobs_of(model: Model, judge: Path, settings: Settings, cells: Path) -> Iterator[Job]:
    """The cells of a model, named after all that they depend on."""
    for path in paths_of(model):
        known = [FAMILIES[model.family], path.name, path.digest, weights_digest(judge), asdict(settings)]
        key = sha256(json.dumps(known).encode()).hexdigest()[:12]
        yield Job(model, judge, path.name, cells / f"{model.name}-{path.name}-{key}.json")


def measure(job: Job, settings: Settings, load: Load) -> None:
    """Measures a cell and keeps it."""
    began = time.process_time()
    (path,) = (path for path in paths_of(job.model) if path.name == job.path)
    images, training = load(FAMILIES[job.model.family], settings)
    classifier = load_classifier(job.judge)
    check(images, training, classifier, (_net(path),))
    progress = partial(_stage, job.model.name)
    cache = data_folder() / "judges"
    measuring = Measuring(images, classifier, training, cache=cache, seed=settings.seed, progress=progress)
    found = asdict(measuring.measure(path)) | {
        "processor_seconds": round(time.process_time() - began),
        "day": datetime.now(UTC).date().isoformat(),
        "weights": weights_digest(job.model.folder)[:DIGITS],
    }
    write_whole(job.kept, json.dumps(found, indent=1).encode())


def _net(path: ModelPath) -> VisVae:
    return path.model if isinstance(path.model, VisVae) else path.model.visual


def _stage(model: str, what: str, examples: int) -> AbstractContextManager[Step]:
    return stage(f"{model}, {what}", examples)


def about(settings: Settings) -> str:
    """What the page says of how its numbers were made."""
    images = f"the first {settings.limit} test images" if settings.limit else "all test images"
    learned = f"{settings.train_limit} training images" if settings.train_limit else "all training images"
    trained = f"Judges of their own, melodies alone and mutual information were learned from {learned}. "
    return (
        f"Written by `make table1`: measured on {images} by seed {settings.seed}. "
        f"{trained if settings.full else ''}± is the standard deviation over trainings with "
        "other seeds. What each figure means, the original's way of accuracy too, is told in "
        "[metrics](metrics.md); recall per class, confusion "
        "and intervals are in `var/table1`."
    )


def plan(models: list[Model], settings: Settings, cells: Path) -> tuple[list[Job], list[str]]:
    """The cells of all models, and a sentence for each model that has none."""
    judges = {model.family: model.folder for model in models if model.row == f"classifier-{model.family}"}
    jobs: list[Job] = []
    without = []
    for model in models:
        if model.kind == "classifier":
            continue
        if model.family not in judges:
            without.append(f"{model.name} waits for classifier-{model.family}.")
            continue
        try:
            jobs += jobs_of(model, judges[model.family], settings, cells)
        except SynvaeError as error:
            without.append(f"{model.name}: {error}")
    return jobs, without


def make(
    shipped: Path, runs: Path, cells: Path, out: Path, settings: Settings, load: Load = load_images
) -> Path:
    """Writes the page of what is measured, and again after each cell that was not; returns it."""
    models, missing = find_models(shipped, runs)
    gone = lacking(TRAININGS, {model.name for model in models})
    missing += [f"{training.name}: {training.told(runs)}." for training in gone]
    jobs, without = plan(models, settings, cells)
    missing += without
    page = write_page(out, _cells(jobs, settings), missing, about(settings))
    for job in jobs:
        if job.kept.is_file():
            continue
        try:
            measure(job, settings, load)
        except SynvaeError as error:
            missing.append(f"{job.model.name}, {job.path}: {error}")
        page = write_page(out, _cells(jobs, settings), missing, about(settings))
    return page


def _cells(jobs: list[Job], settings: Settings) -> list[Cell]:
    return [_cell(job, settings) for job in jobs if job.kept.is_file()]


def _cell(job: Job, settings: Settings) -> Cell:
    found = json.loads(job.kept.read_bytes())
    return Cell(
        model=job.model.name,
        row=job.model.row,
        family=job.model.family,
        path=job.path,
        figures=figures_of(found),
        interval=(found["mutual_information"] or {}).get("interval"),
        day=found.get("day", ""),
        weights=found.get("weights", ""),
        learned_from=settings.train_limit if settings.full else None,
    )


def train_missing(shipped: Path, runs: Path) -> int:
    """Trains the models of the page that are not here or not finished; the exit status."""
    models, _ = find_models(shipped, runs)
    return train(lacking(TRAININGS, {model.name for model in models}), runs, synvae_core)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.table1",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--runs", type=Path, default=Path("var/runs"), help="trained runs (default: var/runs)"
    )
    parser.add_argument("--shipped", type=Path, default=PRETRAINED, help="shipped models")
    parser.add_argument("--cells", type=Path, default=Path("var/table1"), help="where cells are kept")
    parser.add_argument(
        "--out", type=Path, help=f"where the page goes (default: docs; of a first look {FIRST_LOOK})"
    )
    parser.add_argument("--train", action="store_true", help="first train what is missing, or go on with it")
    parser.add_argument("--seed", type=int, default=0, help="of all that is drawn and trained (default: 0)")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="a first look: leave out what must be trained on training images",
    )
    parser.add_argument(
        "--limit", type=at_least_one, metavar="N", help="a first look: only the first N test images"
    )
    parser.add_argument(
        "--train-limit",
        type=at_least_one,
        metavar="N",
        default=LEARNED_FROM,
        help="learn from N training images, or all if there are fewer (default: 10000, as in the page)",
    )
    return parser.parse_args()


def main() -> int:
    """0, or 130 after Ctrl-C; a model that cannot be measured is a line of the page, not an error."""
    given = _arguments()
    settings = Settings(given.seed, not given.quick, given.limit, given.train_limit)
    out = given.out or (FIRST_LOOK if given.quick or given.limit else DOCS)
    try:
        if given.train and (status := train_missing(given.shipped, given.runs)):
            return status
        page = make(given.shipped, given.runs, given.cells, out, settings)
    except KeyboardInterrupt:
        print("\nmake table1: stopped; what was measured is kept, repeat it to go on.", file=sys.stderr)
        return INTERRUPTED
    print(f"{page}\n\n{page.read_text(encoding='utf-8')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
