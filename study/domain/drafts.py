"""The one gate to changing a study: a draft, of somebody who may work on it, locked while it changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from study import permissions
from study.errors import Conflict, NotYours
from study.models import Study, visits

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class StudyFrozen(Conflict):
    """A published study is frozen; make a new version to change it."""


def always_ready(study: Study) -> None:
    """Let the study be published, whatever rows the part has."""


@dataclass(frozen=True)
class Part:
    """A topic's rows: `value` returns them JSON-ready (empty: none), `copy` gives them to a new version.

    `check` raises a named error where they do not allow to publish the study.
    """

    name: str
    value: Callable[[Study], Any]
    copy: Callable[[Study, Study], None]  # from, to
    check: Callable[[Study], None] = always_ready


def locked(study: Study) -> Study:
    """Return the row as it is now, locked until the transaction ends (SQLite: BEGIN IMMEDIATE locks all).

    Raises:
        NotYours: when it was deleted meanwhile.
    """
    row = visits.LOCKED_STUDY.first(study.pk)
    if row is None:
        raise NotYours
    return row


def changeable(study: Study, *, by: User) -> Study:
    """Return the draft, locked, for a verb that changes it or the rows that belong to it.

    Raises:
        NotYours: for a stranger. StudyFrozen: once published.
    """
    permissions.may_work_on(by, study)
    study = locked(study)
    if not study.is_draft:
        raise StudyFrozen
    return study
