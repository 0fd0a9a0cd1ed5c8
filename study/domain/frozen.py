"""The rows that belong to a study's configuration: frozen with it, hashed with it, copied with it.

A part is a topic with rows of its own (questions, descriptions, ...). Its module in this package offers one
`drafts.Part`; to add a topic, add its part to PARTS. A part's module changes rows of a draft alone, by
`drafts.changeable`, and never imports `study.domain.studies`, which imports this module.
"""

from __future__ import annotations

from typing import Any

from study.domain import conditions, descriptions, gallery_texts, questions, texts
from study.domain.drafts import Part
from study.models import Study

PARTS: tuple[Part, ...] = (conditions.PART, descriptions.PART, gallery_texts.PART, questions.PART, texts.PART)


def content(study: Study) -> dict[str, Any]:
    """Return every part that has rows, by name; what is empty leaves no trace in the content hash."""
    values = {part.name: part.value(study) for part in PARTS} if study.pk else {}
    return {name: value for name, value in values.items() if value}


def copy(study: Study, to: Study) -> None:
    """Give a new version its own copy of every part."""
    for part in PARTS:
        part.copy(study, to)


def refuse_unready(study: Study) -> None:
    """Refuse to publish a study that one of its parts is not ready for.

    Raises:
        EarsightError: as the part words it.
    """
    for part in PARTS:
        part.check(study)
