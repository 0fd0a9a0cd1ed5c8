"""Who may do what: the owner everything, a collaborator all but deleting or sharing, others see nothing.

Each policy returns nothing when the person may, and raises a named error when not. To a stranger a study does
not exist (NotYours, 404); a collaborator is told what only the owner can do (NotAllowed, 403).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from study.errors import NotAllowed, NotYours
from study.models import Study

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


def may_work_on(user: User | AnonymousUser, study: Study) -> None:
    """Let the owner and collaborators see, change, build, publish and analyse.

    Raises:
        NotYours: for everybody else.
    """
    if not Study.objects.visible_to(user).filter(pk=study.pk).exists():
        raise NotYours


def may_own(user: User | AnonymousUser, study: Study) -> None:
    """Let the owner delete the study and choose its collaborators.

    Raises:
        NotYours: for strangers.
        NotAllowed: for collaborators.
    """
    may_work_on(user, study)
    if study.owner_id != user.pk:
        raise NotAllowed


def study_for(user: User | AnonymousUser, pk: int) -> Study:
    """Return the study with this number if this person may work on it.

    Raises:
        NotYours: where there is none or it is somebody else's: a stranger cannot tell the two apart.
    """
    study = Study.objects.visible_to(user).select_related("stimuli", "owner").filter(pk=pk).first()
    if study is None:
        raise NotYours
    return study
