"""Create, change, publish, pause, resume, close and delete a study."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from study import permissions
from study.domain import frozen
from study.domain.drafts import StudyFrozen, changeable, locked
from study.errors import Conflict, EarsightError
from study.models import Build, Session, StimulusSet, Study
from study.models.studies import CONSENT

if TYPE_CHECKING:
    from django.contrib.auth.models import User

__all__ = [
    "NobodyNamed", "StillBuilding", "StudyFrozen", "StudyInvalid", "StudyNotReady", "WrongStatus",
    "add_collaborator", "close", "content_hash", "create", "delete", "locked", "new_version", "pause",
    "publish", "remove_collaborator", "resume", "update",
]  # fmt: skip


class StudyInvalid(EarsightError):
    """The study's configuration does not hold together."""


class StudyNotReady(Conflict):
    """Build the stimuli before publishing."""


class NobodyNamed(Conflict):
    """Before publishing, say who runs the study and whom volunteers can write to: “Change” asks for both."""


class StillBuilding(Conflict):
    """New stimuli are being built; wait for them or cancel the build, then publish."""


class WrongStatus(Conflict):
    """The study is not in a state for that."""


@transaction.atomic
def create(*, by: User, configuration: Mapping[str, Any]) -> Study:
    """Make a draft owned by this person.

    Raises:
        StudyInvalid: when a value is out of range, or a name is not a setting of a study.
    """
    study = Study(owner=by)
    _configure(study, configuration)
    study.save()
    return study


@transaction.atomic
def update(study: Study, *, by: User, configuration: Mapping[str, Any]) -> Study:
    """Change a draft; built stimuli are dropped when the change makes them wrong.

    Raises:
        StudyFrozen: once published.
        StudyInvalid: as for create.
    """
    study = changeable(study, by=by)
    before = _stimulus_configuration(study)
    _configure(study, configuration)
    if _stimulus_configuration(study) != before:
        study.stimuli = None
        Build.objects.active().filter(study=study).update(
            status=Build.Status.CANCELLED, finished_at=timezone.now()
        )
    study.save()
    return study


@transaction.atomic
def publish(study: Study, *, by: User) -> Study:
    """Freeze the study under its content hash and open it to volunteers.

    Raises:
        StudyNotReady: without built stimuli. StillBuilding: while a build would replace them.
        NobodyNamed: without an organiser or a contact. WrongStatus: when it is not a draft. What a part of
        the study may lack, as the part names it.
    """
    permissions.may_work_on(by, study)
    study = locked(study)
    if not study.is_draft:
        raise WrongStatus("Only a draft can be published; a paused study can be resumed.")
    if study.stimuli is None:
        raise StudyNotReady
    if not (study.organiser and study.contact):
        raise NobodyNamed
    if Build.objects.active().filter(study=study).exists():
        raise StillBuilding
    frozen.refuse_unready(study)
    study.content_hash = content_hash(study)
    study.published_at = timezone.now()
    study.status = Study.Status.PUBLISHED
    study.save()
    return study


@transaction.atomic
def pause(study: Study, *, by: User) -> Study:
    """Refuse new volunteers; those who have started may finish."""
    return _move(
        study, by, {Study.Status.PUBLISHED}, Study.Status.PAUSED, "Only a published study can be paused."
    )


@transaction.atomic
def resume(study: Study, *, by: User) -> Study:
    """Let new volunteers in again."""
    return _move(
        study, by, {Study.Status.PAUSED}, Study.Status.PUBLISHED, "Only a paused study can be resumed."
    )


@transaction.atomic
def close(study: Study, *, by: User) -> Study:
    """End the study: no new volunteers and no further answers; who has given all may still finish."""
    open_states = {Study.Status.PUBLISHED, Study.Status.PAUSED}
    return _move(
        study, by, open_states, Study.Status.CLOSED, "Only a published or paused study can be closed."
    )


@transaction.atomic
def new_version(study: Study, *, by: User) -> Study:
    """Return a draft copy of this study, one version on; the original stays as it is."""
    permissions.may_work_on(by, study)
    copy = Study(owner=study.owner, previous=study, version=study.version + 1, **study.configuration())
    copy.save()
    copy.collaborators.set(study.collaborators.all())
    frozen.copy(study, copy)
    return copy


@transaction.atomic
def delete(study: Study, *, by: User) -> None:
    """Remove a study with everything that belongs to it; its owner alone may.

    Raises:
        WrongStatus: while volunteers can still take it.
    """
    permissions.may_own(by, study)
    study = locked(study)
    if study.status in {Study.Status.PUBLISHED, Study.Status.PAUSED}:
        raise WrongStatus("Close the study before deleting it: volunteers may be in it.")
    from study.domain import exports, media

    # Whole folders: a build that runs, or whose worker was killed, has files that no row names yet.
    folders = [media.build_folder(build) for build in study.builds.all()]
    visits = Session.objects.filter(study=study)
    list(visits.select_for_update().values_list("pk"))  # what a visit still stores comes before or not at all
    visits.delete()
    StimulusSet.objects.filter(study=study).delete()
    exports.forget([study.pk])
    study.delete()
    transaction.on_commit(lambda: media.delete_folders(folders))


@transaction.atomic
def add_collaborator(study: Study, person: User, *, by: User) -> None:
    """Let another researcher work on the study; its owner alone may."""
    permissions.may_own(by, study)
    study.collaborators.add(person)


@transaction.atomic
def remove_collaborator(study: Study, person: User, *, by: User) -> None:
    """Take a researcher off the study; its owner alone may."""
    permissions.may_own(by, study)
    study.collaborators.remove(person)


def content_hash(study: Study) -> str:
    """Return the SHA-256 over the configuration, its parts and the stimuli: 64 hexadecimal digits.

    A study without stimuli hashes its configuration alone, so that pilots of a draft carry a hash too.
    """
    text = json.dumps(hashed(study), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def hashed(study: Study) -> dict[str, Any]:
    """Return what the content hash is taken of."""
    stimuli = study.stimuli.content_hash if study.stimuli else ""
    design = {name: getattr(study, name) for name in Study.DESIGN}
    configuration = design | study.said_options() | frozen.content(study)
    return {"configuration": configuration, "stimuli": stimuli, "version": study.version}


def _configure(study: Study, configuration: Mapping[str, Any]) -> None:
    unknown = set(configuration) - set(Study.CONFIGURATION)
    if unknown:
        raise StudyInvalid(f"A study has no setting called {', '.join(sorted(unknown))}.")
    for name, value in configuration.items():
        setattr(study, name, value)
    study.consent_text = study.consent_text.strip() or CONSENT
    try:
        study.full_clean()
    except ValidationError as error:
        raise StudyInvalid(" ".join(error.messages)) from error
    _check_classes(study)
    _check_names(study)


def _check_classes(study: Study) -> None:
    chosen = study.chosen_classes
    if not isinstance(chosen, list) or not all(isinstance(name, str) and name for name in chosen):
        raise StudyInvalid("Chosen classes are a list of names.")
    if len(set(chosen)) != len(chosen):
        raise StudyInvalid("A class is chosen twice.")
    if chosen and len(chosen) != study.class_count:
        raise StudyInvalid(f"{len(chosen)} classes are chosen, but the study asks for {study.class_count}.")


def _check_names(study: Study) -> None:
    """Refuse names that could point outside the places an operator has opened."""
    for name in (study.model, study.data.removeprefix("folder:")):
        if not name or name.startswith(".") or "/" in name or "\\" in name:
            raise StudyInvalid(f"{name!r} is not the name of a model or a set of pictures on this server.")


def _stimulus_configuration(study: Study) -> dict[str, Any]:
    return {name: getattr(study, name) for name in Study.STIMULUS_CONFIGURATION}


def _move(study: Study, by: User, allowed: set[Study.Status], to: Study.Status, refusal: str) -> Study:
    permissions.may_work_on(by, study)
    study = locked(study)
    if study.status not in allowed:
        raise WrongStatus(refusal)
    study.status = to
    if to == Study.Status.CLOSED:
        study.closed_at = timezone.now()
    study.save(update_fields=["status", "closed_at"])
    return study
