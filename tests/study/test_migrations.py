"""A database of an earlier version: its rows before, the same rows after."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

pytestmark = pytest.mark.django_db(transaction=True)


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def at(name: str | None) -> Any:
    """Bring the database to a migration of ours (None: the newest) and return the models of that time."""
    executor = MigrationExecutor(connection)
    wanted = [("study", name)] if name else executor.loader.graph.leaf_nodes("study")
    executor.migrate(wanted)
    return MigrationExecutor(connection).loader.project_state(wanted).apps


@pytest.fixture
def before_consent_texts() -> Any:
    """The models as they were before consent texts were kept."""
    yield at("0007_galleries_and_own_pictures")
    at(None)


def test_the_text_that_volunteers_agreed_to_is_kept(before_consent_texts: Any) -> None:
    owner = before_consent_texts.get_model("auth", "User").objects.create(username="alice")
    study = before_consent_texts.get_model("study", "Study").objects.create(
        owner=owner, title="Digits", code="digits", consent_text="I agree."
    )
    build = before_consent_texts.get_model("study", "Build").objects.create(study=study, token="b")
    stimuli = before_consent_texts.get_model("study", "StimulusSet").objects.create(
        study=study, build=build, class_names=[], plan={}, content_hash="a"
    )
    row = {"study": study, "stimuli": stimuli, "study_hash": "a"}
    rows = before_consent_texts.get_model("study", "Session").objects
    for number, sha256 in enumerate((sha256_of("I agree."), sha256_of("I agree."), sha256_of("Gone."))):
        when = datetime(2026, 1, 3 - number, tzinfo=UTC)
        rows.create(token=f"t{number}", seed=number, consented_at=when, consent_hash=sha256, **row)
    kept = at(None).get_model("study", "ConsentText").objects
    assert list(kept.values_list("study__code", "sha256", "text", "first_agreed_at")) == [
        ("digits", sha256_of("I agree."), "I agree.", datetime(2026, 1, 2, tzinfo=UTC))
    ]


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


@pytest.fixture
def before_conditions() -> Any:
    """The models as they were before a study had conditions."""
    yield at("0004_descriptions")
    at(None)


def test_built_stimuli_are_the_studys_own_music(before_conditions: Any) -> None:
    owner = before_conditions.get_model("auth", "User").objects.create(username="alice")
    study = before_conditions.get_model("study", "Study").objects.create(
        owner=owner, title="Digits", code="digits"
    )
    build = before_conditions.get_model("study", "Build").objects.create(study=study, token="b")
    stimuli = before_conditions.get_model("study", "StimulusSet").objects.create(
        study=study, build=build, class_names=[], plan={}, content_hash="a"
    )
    before_conditions.get_model("study", "Session").objects.create(
        study=study, stimuli=stimuli, study_hash="a", token="t", seed=7
    )
    new = at(None)
    sets = new.get_model("study", "StimulusSet").objects
    assert list(sets.values_list("build", "translator", "music")) == [(build.pk, "", "own")]
    visits = new.get_model("study", "Session").objects
    assert list(visits.values_list("seed", "condition", "places_held")) == [(7, None, {})]


@pytest.fixture
def before_personal_codes() -> Any:
    """The models as they were before visits had a code and an end."""
    yield at("0009_study_texts")
    at(None)


def test_visits_that_are_there_get_a_code_of_their_own_and_no_end(before_personal_codes: Any) -> None:
    owner = before_personal_codes.get_model("auth", "User").objects.create(username="alice")
    study = before_personal_codes.get_model("study", "Study").objects.create(
        owner=owner, title="Digits", code="digits", consent_text="I agree."
    )
    build = before_personal_codes.get_model("study", "Build").objects.create(study=study, token="b")
    stimuli = before_personal_codes.get_model("study", "StimulusSet").objects.create(
        study=study, build=build, class_names=[], plan={}, content_hash="a"
    )
    for number in range(3):
        before_personal_codes.get_model("study", "Session").objects.create(
            token=f"t{number}", seed=number, study=study, stimuli=stimuli, study_hash="a"
        )
    rows = at(None).get_model("study", "Session").objects.order_by("pk")
    codes = [row.resume_code for row in rows]
    assert [len(code) for code in set(codes)] == [16, 16, 16]
    assert list(rows.values_list("token", "expires_at", "extensions")) == [
        ("t0", None, 0),
        ("t1", None, 0),
        ("t2", None, 0),
    ]
