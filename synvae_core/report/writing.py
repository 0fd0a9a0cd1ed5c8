"""From a model and its evaluation to a report on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from synvae_core.classifier import Classifier
from synvae_core.cli.files import save_png
from synvae_core.data import ImageSource
from synvae_core.melody import Melody
from synvae_core.metrics.evaluate import Evaluation
from synvae_core.report import gathering
from synvae_core.report.files import Sounds, copy_static
from synvae_core.report.folder import check_folder, publish
from synvae_core.report.gathering import DIMENSIONS, MAPPED, PATHS, TURNS, Gathered, gather
from synvae_core.report.history import read_run
from synvae_core.report.maps import LatentMap, latent_map
from synvae_core.report.page import Page, render_page
from synvae_core.translator import Translator

SPACES = ("z_v, what the encoder sees", "z_a, what is heard")
Progress = Callable[[int], object]  # called with the number of steps just done


@dataclass(frozen=True)
class Subject:
    """What a report is about: the model and the data by the names that people gave them.

    `folders` are those of training runs, whose logs and recipes are shown where they have them; `cards` are
    the model cards' files.
    """

    model: str
    data: str
    translator: Translator
    images: ImageSource
    judge: Classifier | None
    evaluation: Evaluation
    folders: Sequence[Path] = ()
    cards: Sequence[Path] = ()
    pictures: int = 20
    seed: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)


def work(images: int, pictures: int) -> int:
    """At most how many steps `write_report` reports: images on paths and maps, melodies made and rendered."""
    shown, mapped, turns = min(images, pictures), min(images, MAPPED), DIMENSIONS * len(TURNS)
    return shown * len(PATHS) + mapped + turns + mapped * len(SPACES) + shown + turns


def write_report(folder: Path, subject: Subject, progress: Progress = lambda done: None) -> Path:
    """Write the page and its files into the folder, and return the page's path.

    The same subject gives the same report. Raises ReportError for a folder that cannot be written to or
    images without a class, and RenderError when a sound cannot be written.
    """
    check_folder(folder)
    gathered = gather(
        subject.images,
        subject.translator,
        subject.judge,
        pictures=subject.pictures,
        seed=subject.seed,
        step=progress,
    )
    sounds = Sounds(_melodies(gathered))
    page = _page(subject, gathered, tuple(_maps(subject, gathered, progress)), sounds)

    def fill(part: Path) -> None:
        copy_static(part)
        _save_pictures(gathered, part)
        sounds.write(part, progress)

    return publish(folder, fill, lambda name: render_page(page, name))


def _melodies(gathered: Gathered) -> Iterator[Melody]:
    yield from (example.melody for example in gathered.examples)
    yield from (heard.melody for traversal in gathered.traversals for heard in traversal.turns)


def _maps(subject: Subject, gathered: Gathered, progress: Progress) -> Iterator[LatentMap]:
    for z, name in zip((gathered.z_v, gathered.z_a), SPACES, strict=True):
        yield latent_map(name, z, gathered.labels, tuple(subject.images.class_names), subject.seed)
        progress(len(z))


def _page(subject: Subject, gathered: Gathered, maps: tuple[LatentMap, ...], sounds: Sounds) -> Page:
    runs = [read_run(folder, folder.resolve().name) for folder in subject.folders]
    cards = [card.read_bytes().decode(errors="replace") for card in subject.cards if card.is_file()]
    return Page(subject, gathered, maps, sounds, tuple(run for run in runs if run), tuple(cards))


def _save_pictures(gathered: Gathered, folder: Path) -> None:
    (folder / "pictures").mkdir()
    for place, example in enumerate(gathered.examples):
        save_png(example.original, folder / "pictures" / f"{place:03}-original.png")
        for name, view in zip(gathering.PATHS, example.paths, strict=True):
            save_png(view.picture, folder / "pictures" / f"{place:03}-{name}.png")
    for traversal in gathered.traversals:
        for turn, heard in enumerate(traversal.turns):
            save_png(heard.picture, folder / "pictures" / f"z{traversal.dimension}-{turn}.png")
