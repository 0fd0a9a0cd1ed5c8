"""The people and studies that the product's tests share; studies are made through the domain.

Alice owns the study, Bob works on it with her, Charlie must see nothing of it.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.test import Client
    from pytest_django import Settings

    from study.domain.translation import Sound
    from study.models import Build, Session, Study

MakeStudy = Callable[..., "Study"]
PASSWORD = "listen-closely-7"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give the tests a database in a file, as the product has: threads then really compete for it."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        name = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
        database.setdefault("TEST", {})["NAME"] = name


@pytest.fixture
def product(settings: Settings, tmp_path: Path) -> Settings:
    """The product's settings with media and what studies are made from in a folder of the test's own."""
    from django.core.cache import cache

    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MODEL_FOLDERS = tmp_path / "models"
    settings.PICTURE_FOLDERS = tmp_path / "pictures"
    settings.VAR = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CELERY_BROKER_URL = "memory://"
    cache.clear()
    return settings


def person(name: str) -> User:
    from django.contrib.auth.models import User

    return User.objects.create_user(name, f"{name}@example.org", PASSWORD)


@pytest.fixture
def alice(db: None, product: Settings) -> User:
    """Owns the study."""
    return person("alice")


@pytest.fixture
def bob(db: None, product: Settings) -> User:
    """Works on Alice's study."""
    return person("bob")


@pytest.fixture
def charlie(db: None, product: Settings) -> User:
    """A researcher with no part in Alice's study."""
    return person("charlie")


@pytest.fixture
def make_study(alice: User, bob: User) -> MakeStudy:
    """Make a study of Alice's and Bob's, "draft", "built" or "published"; see `make`."""

    def make(status: str = "published", **configuration: Any) -> Study:
        from study.domain import studies

        tiny = {
            "title": "Digits",
            "examples_per_class": 2,
            "trial_count": 6,
            "seed": 7,
            "consent_text": "I agree.",
            "organiser": "The Listening Lab",
            "contact": "lab@example.org",
            "minimum_listens": 0,  # most tests answer without a page that plays
            "rest_half_way": False,
        }
        study = studies.create(by=alice, configuration=tiny | configuration)
        studies.add_collaborator(study, bob, by=alice)
        if status != "draft":
            give_stimuli(study, alice)
        if status == "published":
            study = studies.publish(study, by=alice)
        return study

    return make


@pytest.fixture
def study(make_study: MakeStudy) -> Study:
    """A published study of six trials over three classes."""
    return make_study()


def give_stimuli(study: Study, by: User) -> None:
    """Build a study from random latents, noise for pictures and tones for clips: all but the models."""
    from study.domain import building, layout, media, pipeline

    build = building.claim(building.request(study, by=by).pk)
    assert build is not None
    latents = random_latents()
    plan = pipeline.make_plan(study, latents)
    blocks = np.random.default_rng(0).random((len(plan.image_ids), 7, 7, 1)).round()
    noise = blocks.repeat(4, axis=1).repeat(4, axis=2).astype(np.float32)
    files = [
        layout.write_files(id_, pixels, tone(number), media.attempt_folder(build))
        for number, (id_, pixels) in enumerate(zip(plan.image_ids, noise, strict=True))
    ]
    folder = media.attempt_folder(build)
    kept = layout.write_latents(latents, folder)
    others = other_music(study, plan, files, folder)
    assert layout.store(build, plan, files, kept, others, imagined_listening(plan, study.model, folder))
    study.refresh_from_db()


def describe_all(study: Study, by: User) -> None:
    """Write a description of each picture: no two alike, none with the name of a class."""
    from study.domain import descriptions

    shown = descriptions.pictures(study)
    words = {item.source_id: f"Bright blocks, pattern {place + 10}" for place, item in enumerate(shown)}
    descriptions.describe(study, words, by=by)


def other_music(study: Study, plan: Any, files: list[Any], folder: str) -> list[Any]:
    """What the study's conditions play beside its own music: higher tones, or the same ones exchanged."""
    from study.domain import conditions, layout, variants

    made = []
    for translator, music in conditions.kinds(study)[1:]:
        told = files
        if translator:
            told = [
                layout.write_picture_and_sound(
                    file.source_id, variants.content(file.image), tone(100 + n), folder
                )
                for n, file in enumerate(files)
            ]
        if music == "exchanged":
            told = variants.exchanged(plan, told, folder)
        made.append(layout.Variant(translator, music, told))
    return made


def imagined_listening(plan: Any, model: str, folder: str) -> str:
    """What a machine would have heard in tones: clips near their pictures, features without meaning."""
    from analysis.machine.measuring import Measured
    from study.domain import machine

    generator = np.random.default_rng(2)
    latents = random_latents()
    row = {id_: number for number, id_ in enumerate(latents.ids)}
    seen = latents.z[[row[id_] for id_ in plan.image_ids]]
    heard = seen + 4 * generator.normal(size=seen.shape)
    distances = np.linalg.norm(heard[:, np.newaxis] - seen[np.newaxis], axis=2)
    measured = Measured(plan.image_ids, distances, seen, generator.normal(size=(len(seen), 6)))
    return machine.write(plan, measured, model, "own", folder)


def random_latents() -> Any:
    """Latents of 5 classes of 40 pictures, far enough apart to be classes."""
    from sampling import Latents

    generator = np.random.default_rng(1)
    labels = np.repeat(np.arange(5), 40)
    z = generator.normal(size=(200, 8)) + 5 * generator.normal(size=(5, 8))[labels]
    return Latents(
        z, labels, tuple(f"picture-{n:03}" for n in range(200)), ("alder", "birch", "cedar", "hazel", "rowan")
    )


@cache
def tone(number: int) -> Sound:
    """A short tone as MP3 and FLAC; each number sounds at its own pitch."""
    import soundfile

    from study.domain.translation import Sound

    wave = 0.1 * np.sin(2 * np.pi * (200 + 10 * number) * np.arange(4410) / 44_100)
    files = {}
    for suffix in ("mp3", "flac"):
        file = io.BytesIO()
        soundfile.write(file, wave, 44_100, format=suffix)
        files[suffix] = file.getvalue()
    return Sound(files["mp3"], files["flac"], b"MThd", 0.1)


@pytest.fixture
def visit(study: Study) -> Session:
    """A volunteer's session that stands at its first trial."""
    return at_first_trial(study)


def at_first_trial(study: Study, **options: Any) -> Session:
    """Start a session and walk it to its first trial."""
    from study.domain import sessions, steps

    session = sessions.start(study, **options)
    for verb in (sessions.consent, sessions.confirm_sound, steps.read_instructions, sessions.finish_examples):
        session = verb(session)
    return steps.finish_practice(session) if study.practice else session


def signed_in(user: User) -> Client:
    """A browser in which this person has signed in."""
    from django.test import Client

    client = Client()
    client.force_login(user)
    return client


def new_client_id() -> str:
    """An id as a browser makes it."""
    return secrets.token_hex(8)


def answer_all(session: Session, right: Callable[[int], bool] = lambda position: True) -> Session:
    """Answer every trial, rightly where `right(position)` says so, and finish."""
    from study.domain import sessions

    answer_some(session, session.presentations.count(), right)
    return sessions.finish(session)


def answer_some(session: Session, count: int, right: Callable[[int], bool] = lambda position: True) -> None:
    """Answer the next trials of a session, rightly where `right(position)` says so."""
    from study.domain import answering

    waiting = session.presentations.filter(response__isnull=True).select_related("trial")
    for presentation in waiting.order_by("position")[:count]:
        truth = presentation.trial.options.get(is_truth=True).slot
        place = presentation.option_order.index(truth)
        if not right(presentation.position):
            place = (place + 1) % len(presentation.option_order)
        answering.answer(
            session, presentation.token, choice=place, client_id=new_client_id(), milliseconds=1500
        )


def silence(build: Build) -> None:
    """Let a build look as if its worker had been killed ten minutes ago."""
    from django.utils import timezone

    from study.models import Build

    Build.objects.filter(pk=build.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=10))
