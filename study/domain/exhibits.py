"""Makes the exhibit of a model: some pictures of a set, one of each class in turn, with their music."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from django.db import transaction

from study.domain import layout, media, running_tests, translation
from study.errors import EarsightError, NotYours
from study.models import Exhibit, ExhibitPicture

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from study.domain.layout import StimulusFiles
    from study.domain.translation import ImageSet

FOLDER = "exhibits"
MOST = 60
Progress = Callable[[int, int], None]


class ExhibitImpossible(EarsightError):
    """No exhibit can be made of these pictures."""


def make(
    *, title: str, model: str, data: str, count: int, seed: int, by: User, about: str = "",
    progress: Progress | None = None,
) -> Exhibit:  # fmt: skip
    """Translate `count` pictures and hang them. Pictures that a running test asks about are left out.

    Raises:
        ExhibitImpossible: without a title, or with too few or too many pictures. TranslationFailed: when
            model, pictures or synthesiser are missing.
    """
    if not title.strip():
        raise ExhibitImpossible("Give the exhibit a title.")
    if not 1 <= count <= MOST:
        raise ExhibitImpossible(f"An exhibit shows 1 to {MOST} pictures, not {count}.")
    folder = f"{FOLDER}/{secrets.token_urlsafe(18)}"
    try:
        translator = translation.open_translator(model)
        images = translation.load_pictures(data, translator)
        chosen = images.subset(choose(images, count, seed, without=_asked_about(data)))
        files = []
        melodies = translation.translate(translator, chosen)
        for id_, pixels, sound in zip(chosen.ids, chosen.pixels, translation.sounds(melodies), strict=True):
            files.append(layout.write_files(id_, pixels, sound, folder))
            if progress:
                progress(len(files), len(chosen))
        labels = [chosen.class_names[label] for label in chosen.labels]
        exhibit = Exhibit(
            owner=by, title=title.strip(), about=about, model=model, data=data, seed=seed, folder=folder
        )
        return _hang(exhibit, files, labels)
    except BaseException:
        media.delete_folder(folder)
        raise


def choose(images: ImageSet, count: int, seed: int, *, without: set[str]) -> list[int]:
    """Return the rows of `count` pictures, a class after the other, drawn from each by the seed.

    Raises:
        ExhibitImpossible: when there are fewer.
    """
    generator = np.random.default_rng(seed)
    rows = [row for row in generator.permutation(len(images)).tolist() if images.ids[row] not in without]
    by_class: dict[int, list[int]] = {}
    for row in rows:
        by_class.setdefault(int(images.labels[row]), []).append(row)
    turns = [(turn, label, row) for label, of_class in by_class.items() for turn, row in enumerate(of_class)]
    if len(turns) < count:
        raise ExhibitImpossible(f"Only {len(turns)} pictures can be shown; ask for no more.")
    return [row for _, _, row in sorted(turns)[:count]]


@transaction.atomic
def remove(code: str) -> None:
    """Take an exhibit down with its files.

    Raises:
        NotYours: where there is none.
    """
    exhibit = Exhibit.objects.filter(code=code).first()
    if exhibit is None:
        raise NotYours
    folder = exhibit.folder
    exhibit.delete()
    transaction.on_commit(lambda: media.delete_folder(folder))


@transaction.atomic
def _hang(exhibit: Exhibit, files: list[StimulusFiles], labels: list[str]) -> Exhibit:
    exhibit.save()
    ExhibitPicture.objects.bulk_create(
        ExhibitPicture(
            exhibit=exhibit,
            position=position,
            source_id=file.source_id,
            label=label,
            image=file.image,
            clip=file.clip,
            seconds=file.seconds,
            image_sha256=file.image_sha256,
            clip_sha256=file.clip_sha256,
        )
        for position, (file, label) in enumerate(zip(files, labels, strict=True))
    )
    return exhibit


def _asked_about(data: str) -> set[str]:
    asked = running_tests.asked_about().filter(set__study__data=data)
    return set(asked.values_list("source_id", flat=True))
