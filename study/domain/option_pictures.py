"""The pictures of a study's trials, as charts show them, and those that have gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from study.domain import media
from study.models import Study, TrialOption

if TYPE_CHECKING:
    from django.db.models import QuerySet


def thumbnails(study: Study) -> dict[int, list[bytes | None]]:
    """Return the PNG files of each trial's pictures, in the canonical order of classes; None for one gone."""
    pictures: dict[int, list[bytes | None]] = {}
    for option in _pictures(study):
        try:
            picture = media.content(option.stimulus.image)
        except media.MediaMissing:  # the numbers stand without it, and so does their chart
            picture = None
        pictures.setdefault(option.trial.number, []).append(picture)
    return pictures


def missing_pictures(study: Study) -> list[tuple[int, str]]:
    """Return the trial and the id of each picture that has gone from the server."""
    options = list(_pictures(study))
    gone = media.gone(str(option.stimulus.image.name) for option in options)
    return [
        (option.trial.number, option.stimulus.source_id)
        for option in options
        if option.stimulus.image.name in gone
    ]


def _pictures(study: Study) -> QuerySet[TrialOption]:
    options = TrialOption.objects.filter(trial__set=study.stimuli_id).select_related("trial", "stimulus")
    return options.order_by("trial__number", "slot")
