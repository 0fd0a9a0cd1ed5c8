"""The figures of a package: every one that its answers are enough for, in three formats."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.text import slugify

from study.domain import option_pictures
from study.models import Study

if TYPE_CHECKING:
    from analysis.package.inputs import Inputs
    from analysis.package.numbers import Computed

KINDS = ("svg", "pdf", "png")


@dataclass(frozen=True)
class Drawn:
    """One figure: its name in the package without ending, what it shows, and its files by ending."""

    stem: str
    title: str
    alt_text: str
    condition: str
    files: dict[str, bytes]


def drawn(study: Study, inputs: Inputs, computed: Computed) -> Iterator[Drawn]:
    """Yield the figures of each condition that can be counted."""
    from analysis.figures.material import Material
    from analysis.figures.registry import charts

    pictures = option_pictures.thumbnails(study)
    for place, (condition, review) in enumerate(computed.reviews.items(), start=1):
        heard = inputs.machines.get(condition)
        material = Material(computed.parts[condition], review.summary, pictures, heard)
        folder = f"figures/{place}-{slugify(condition) or 'condition'}" if condition else "figures"
        for name, chart in charts(material).items():
            files = {kind: chart.render(kind) for kind in KINDS}
            yield Drawn(f"{folder}/{name}", chart.title, chart.alt_text, condition, files)


def listing(figures: Sequence[Drawn]) -> str:
    """Return what each figure shows, in words, as JSON."""
    rows = [
        {"file": figure.stem, "title": figure.title, "alt_text": figure.alt_text, "kinds": list(KINDS)}
        for figure in figures
    ]
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"
