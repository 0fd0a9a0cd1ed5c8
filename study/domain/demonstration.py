"""The demonstration study: a researcher and a published study that this machine has built itself."""

from __future__ import annotations

import logging
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop, override

from study.domain import building, exhibits, studies, texts
from study.errors import EarsightError
from study.models import Build, Exhibit, Study

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from study.domain.pipeline import Watch

NAME = "demo"
TITLE = gettext_noop("Which digit do you hear?")
EXHIBIT = "Ten digits and their music"
logger = logging.getLogger(__name__)
CONFIGURATION = {
    "title": TITLE,
    "model": "mnist",
    "data": "mnist",
    "seed": 20,
    "welcome_text": gettext_noop(
        "A computer looked at handwritten digits and turned each one into a few seconds of piano music. "
        "Can you hear which digit it was looking at?"
    ),
    "thanks_text": gettext_noop("Thank you for listening!"),
    "organiser": gettext_noop("whoever runs this server, to show what Earsight does"),
    "contact": settings.DEFAULT_FROM_EMAIL,
}


class DemonstrationFailed(EarsightError):
    """The demonstration study could not be built."""


@dataclass(frozen=True)
class Demonstration:
    """The published study, and where its researcher's password is written."""

    study: Study
    user_name: str
    password_file: Path
    made_now: bool


def make(*, watch: Watch | None = None) -> Demonstration:
    """Build and publish the demonstration study in this process; where it is there already, change nothing.

    Raises:
        DemonstrationFailed: with the sentence that the build ended with.
    """
    user = _researcher()
    study = Study.objects.filter(owner=user, title=TITLE).order_by("pk").first()
    made_now = study is None or study.is_draft
    if study is None:
        study = studies.create(by=user, configuration=CONFIGURATION)
    if study.is_draft:  # perhaps left so by an earlier version, which did not name anybody
        named = {name: CONFIGURATION[name] for name in ("organiser", "contact")}
        study = studies.update(study, by=user, configuration=named)
        study = _built(study, user, watch)
        _translate(study, user)
        study = studies.publish(study, by=user)
    if not Exhibit.objects.filter(owner=user, title=EXHIBIT).exists():
        _hang(study, user)
    return Demonstration(study, NAME, password_file(), made_now)


def _hang(study: Study, user: User) -> None:
    """Hang ten pictures with their music where anybody finds them; without them the demonstration stands."""
    try:
        exhibits.make(title=EXHIBIT, model=study.model, data=study.data, count=10, seed=study.seed, by=user)
    except EarsightError as error:
        logger.warning("The gallery of the demonstration is left out: %s", error)


def password_file() -> Path:
    """Return where the demonstration researcher's password is written, readable by the operator alone."""
    path: Path = settings.VAR / "demo-password.txt"
    return path


def _built(study: Study, user: User, watch: Watch | None) -> Study:
    if study.stimuli_ready:
        return study
    # A build that an earlier start was killed in; nobody else builds this study.
    Build.objects.active().filter(study=study).update(
        status=Build.Status.CANCELLED, finished_at=timezone.now()
    )
    done = building.run(building.request(study, by=user).pk, watch=watch)
    if done is None or done.status != Build.Status.DONE:
        raise DemonstrationFailed(done.error if done else "Another process has taken the build over.")
    study.refresh_from_db()
    return study


def _translate(study: Study, user: User) -> None:
    """Say the study's texts in every language of the pages, from our own catalogs."""
    for language, _ in settings.LANGUAGES:
        if language == study.language:
            continue
        with override(language):
            said = {source.name: gettext(source.text) for source in texts.sources(study)}
        texts.translate(study, language, said, by=user)


def _researcher() -> User:
    user, is_new = get_user_model().objects.get_or_create(
        username=NAME, defaults={"email": "demo@earsight.invalid"}
    )
    if is_new or not password_file().exists():
        password = secrets.token_urlsafe(12)
        _write_secret(password_file(), password)
        user.set_password(password)
        user.save()
    return user


def _write_secret(path: Path, text: str) -> None:
    with open(path, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text + "\n")
