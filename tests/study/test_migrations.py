"""A database of an earlier version: its rows before, the same rows after."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

pytestmark = pytest.mark.django_db(transaction=True)


def at(name: str | None) -> Any:
    """Bring the database to a migration of ours (None: the newest) and return the models of that time."""
    executor = MigrationExecutor(connection)
    wanted = [("study", name)] if name else executor.loader.graph.leaf_nodes("study")
    executor.migrate(wanted)
    return MigrationExecutor(connection).loader.project_state(wanted).apps


@pytest.fixture
def before_options() -> Any:
    """The models as they were before a study had options; the newest again when the test has ended."""
    yield at("0002_stimulusset_latents")
    at(None)


def test_a_published_study_goes_on_as_it_was(before_options: Any) -> None:
    owner = before_options.get_model("auth", "User").objects.create(username="alice")
    old = before_options.get_model("study", "Study")
    row = {"owner": owner, "title": "Digits", "seed": 7}
    old.objects.create(code="draft", **row)
    old.objects.create(
        code="frozen", status="published", content_hash="a", published_at="2026-01-01T00:00Z", **row
    )
    new = at(None).get_model("study", "Study").objects
    names = ("title", "content_hash", "minimum_listens", "rest_half_way", "resume_hours", "practice")
    assert list(new.filter(code="frozen").values_list(*names)) == [("Digits", "a", 0, False, 720, False)]
    assert list(new.filter(code="draft").values_list(*names)) == [("Digits", "", 1, True, 24, False)]
