"""`evaluate --report`: the page that shows a model beside its numbers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from synvae_core.cli.arguments import at_least_one
from synvae_core.cli.output import progress_bar

if TYPE_CHECKING:
    from synvae_core.classifier import Classifier
    from synvae_core.data import ImageSource
    from synvae_core.metrics.evaluate import Evaluation
    from synvae_core.translator import Translator

CARD = "MODEL_CARD.md"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the report goes and what it shows."""
    parser.add_argument(
        "--report", type=Path, metavar="FOLDER", help="also write a page of pictures, sounds and curves"
    )
    parser.add_argument(
        "--report-images", type=at_least_one, default=20, metavar="N", help="images on the page (default: 20)"
    )
    parser.add_argument(
        "--report-run",
        type=Path,
        action="append",
        metavar="FOLDER",
        help="a training run whose curves the page shows (default: the model's own folder)",
    )


def check(arguments: argparse.Namespace) -> None:
    """Refuse a place for the report, or a run without a log, before any work is done."""
    if arguments.report:
        from synvae_core.report import check_folder, check_run

        for run in arguments.report_run or ():
            check_run(run)
        check_folder(arguments.report)


def write(
    arguments: argparse.Namespace,
    translator: Translator,
    images: ImageSource,
    judge: Classifier | None,
    evaluation: Evaluation,
) -> None:
    """Write the report, if one was asked for, with a bar that shows how far it is, and say where it is."""
    if not arguments.report:
        return
    from synvae_core.report import Subject, work, write_report

    folders = _folders(arguments.model)
    subject = Subject(
        model=Path(arguments.model).resolve().name,
        data=arguments.data,
        translator=translator,
        images=images,
        judge=judge,
        evaluation=evaluation,
        folders=arguments.report_run or folders,
        cards=[folder / CARD for folder in folders],
        pictures=arguments.report_images,
        seed=arguments.seed,
        settings={"seed": str(arguments.seed)},
    )
    with progress_bar(work(len(images), subject.pictures), "steps of the report") as bar:
        page = write_report(arguments.report, subject, bar.update)
    print(f"The report is {page}; open it in a browser.", file=sys.stderr if arguments.json else sys.stdout)


def _folders(model: str) -> list[Path]:
    """The folders of the model's parts, SynVAE first; none for a shared file, which has no folder."""
    from synvae_core.sharing import pair_folders

    if Path(model).is_file():
        return []
    visual, musical = pair_folders(model)
    return list(dict.fromkeys([musical, visual]))
