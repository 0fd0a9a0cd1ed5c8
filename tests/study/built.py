"""Builds run at once, and the files they leave."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import User
from django.core.files.storage import default_storage

from study.domain import building
from study.models import Build, Study


def files() -> set[str]:
    """Every file in the media storage."""

    def walk(folder: str) -> set[str]:
        try:
            folders, names = default_storage.listdir(folder)
        except FileNotFoundError:
            return set()
        found = {f"{folder}/{name}" for name in names}
        return found.union(*(walk(f"{folder}/{name}") for name in folders))

    return walk("stimuli")


def build(study: Study, by: User, **options: Callable[[Build], None]) -> Build:
    done = building.run(building.request(study, by=by).pk, **options)
    assert done is not None
    study.refresh_from_db()
    return done
