"""The page of a report, from what was gathered; everything that is not ours is escaped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from synvae_core.report.card import card_html
from synvae_core.report.curves import chart
from synvae_core.report.figures import confusion_tables, metrics_table
from synvae_core.report.files import TEMPLATES, Sounds
from synvae_core.report.gathering import PATHS, TURNS, Example, Gathered, Traversal
from synvae_core.report.history import Run
from synvae_core.report.marks import marks
from synvae_core.report.rolls import Pitches, piano_roll, pitch_range, words

if TYPE_CHECKING:
    from markupsafe import Markup

    from synvae_core.melody import Melody
    from synvae_core.report.maps import LatentMap
    from synvae_core.report.writing import Subject

PATH_NAMES = {"visvae": "VisVAE", "latent": "SynVAE, latent path", "audible": "SynVAE, as heard"}


@dataclass(frozen=True)
class Page:
    """Everything that is shown."""

    subject: Subject
    gathered: Gathered
    maps: tuple[LatentMap, ...]
    sounds: Sounds
    runs: tuple[Run, ...]
    cards: tuple[str, ...]


@dataclass(frozen=True)
class Picture:
    """A picture with its caption and the words for whoever cannot see it; `right` is None without a judge."""

    file: str
    caption: str
    alt: str
    seen: str | None = None
    right: bool | None = None


@dataclass(frozen=True)
class Music:
    """A melody as the page shows and plays it; `file` is None without sound."""

    roll: Markup
    words: str
    label: str
    file: str | None


@dataclass(frozen=True)
class Card:
    """An image, what becomes of it on every path, and its music."""

    title: str
    pictures: tuple[Picture, ...]
    music: Music


@dataclass(frozen=True)
class Strip:
    """A dimension's traversal."""

    title: str
    activity: float
    turns: tuple[tuple[Picture, Music], ...]


def render_page(page: Page, files: str) -> str:
    """The page as HTML; `files` is the name of the folder beside it that holds its files."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"chart": chart, "card": card_html}
    pitches = pitch_range(page.sounds.melodies)
    return environment.get_template("index.html").render(
        subject=page.subject,
        files=files,
        gathered=page.gathered,
        silent=page.sounds.reason,
        cards=list(_cards(page, pitches)),
        strips=list(_strips(page, pitches)),
        maps=page.maps,
        marks=marks(tuple(page.subject.images.class_names)),
        metrics=metrics_table(page.subject.evaluation),
        music=page.subject.evaluation.music,
        confusions=confusion_tables(page.subject.evaluation),
        runs=page.runs,
        model_cards=page.cards,
    )


def _cards(page: Page, pitches: Pitches) -> Iterator[Card]:
    for place, example in enumerate(page.gathered.examples):
        title = f"{example.class_name}: {example.id}"
        original = Picture(
            f"pictures/{place:03}-original.png", "Original", f"The original, of class {example.class_name}."
        )
        yield Card(
            title=title,
            pictures=(original, *_views(example, place)),
            music=_music(page, example.melody, pitches, f"Melody of {example.id}"),
        )


def _views(example: Example, place: int) -> Iterator[Picture]:
    for name, view in zip(PATHS, example.paths, strict=True):
        seen = f" The classifier sees {view.seen}." if view.seen else ""
        yield Picture(
            file=f"pictures/{place:03}-{name}.png",
            caption=PATH_NAMES[name],
            alt=f"Reconstruction of {example.class_name} by {PATH_NAMES[name]}.{seen}",
            seen=view.seen,
            right=view.seen == example.class_name if view.seen else None,
        )


def _strips(page: Page, pitches: Pitches) -> Iterator[Strip]:
    for traversal in page.gathered.traversals:
        title = f"Dimension {traversal.dimension}"
        turns = (_turn(page, traversal, turn, pitches) for turn in range(len(TURNS)))
        yield Strip(title, traversal.activity, tuple(turns))


def _turn(page: Page, traversal: Traversal, turn: int, pitches: Pitches) -> tuple[Picture, Music]:
    at = f"{TURNS[turn]:+g}".replace("-", "−") if TURNS[turn] else "0"
    where = f"dimension {traversal.dimension} at {at}"
    picture = Picture(
        f"pictures/z{traversal.dimension}-{turn}.png", at, f"What the model hears with {where}."
    )
    return picture, _music(page, traversal.turns[turn].melody, pitches, f"Melody with {where}")


def _music(page: Page, melody: Melody, pitches: Pitches, label: str) -> Music:
    return Music(piano_roll(melody, pitches), words(melody), label, page.sounds.name(melody))
