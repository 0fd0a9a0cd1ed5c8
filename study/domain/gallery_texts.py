"""What researchers say of the pictures in their gallery. Not frozen: no test shows these words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction

from study import permissions
from study.domain import drafts
from study.errors import EarsightError, NotYours
from study.models import Exhibit, PictureText, Stimulus, Study
from study.models.galleries import LONGEST_TEXT

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User
    from django.db.models import QuerySet


class TextTooLong(EarsightError):
    """A text is too long."""


@transaction.atomic
def write(study: Study, texts: Mapping[str, str], *, by: User) -> None:
    """Store the texts of these pictures (by id); an empty text takes one away. All of them, or none.

    Raises:
        NotYours: for a stranger. TextTooLong: beyond 300 characters; no page lets one through.
    """
    permissions.may_work_on(by, study)
    cleaned = {id_: _clean(text) for id_, text in texts.items()}
    known = set(pictures(study).values_list("source_id", flat=True))
    study.picture_texts.filter(data=study.data, source_id__in=cleaned).delete()
    PictureText.objects.bulk_create(
        PictureText(study=study, data=study.data, source_id=id_, text=text)
        for id_, text in cleaned.items()
        if text and id_ in known
    )


@transaction.atomic
def write_exhibit(exhibit: Exhibit, texts: Mapping[int, str], *, by: User | AnonymousUser) -> None:
    """Store the texts of these pictures of an exhibit (by row); an empty one goes back to the label.

    Raises:
        NotYours: for everybody but its owner. TextTooLong: beyond 300 characters.
    """
    may_write(exhibit, by)
    for pk, text in texts.items():
        exhibit.pictures.filter(pk=pk).update(text=_clean(text))


def may_write(exhibit: Exhibit, person: User | AnonymousUser) -> None:
    """Let the owner of an exhibit write its texts; to others there is nothing here.

    Raises:
        NotYours: for everybody else.
    """
    if exhibit.owner_id != person.pk:
        raise NotYours


def pictures(study: Study) -> QuerySet[Stimulus]:
    """Return all pictures that the study's gallery shows in the end, in its order."""
    items = Stimulus.objects.filter(set=study.stimuli_id).select_related("set")
    return items.order_by("class_index", "example__position", "option__trial__number")


def texts_of(study: Study) -> dict[str, str]:
    """Return the texts of the study's present set of pictures, by their ids."""
    return dict(study.picture_texts.filter(data=study.data).values_list("source_id", "text"))


def _clean(text: str) -> str:
    cleaned = " ".join(text.split())
    if len(cleaned) > LONGEST_TEXT:
        raise TextTooLong
    return cleaned


def _copy(study: Study, to: Study) -> None:
    PictureText.objects.bulk_create(
        PictureText(study=to, data=row.data, source_id=row.source_id, text=row.text)
        for row in study.picture_texts.all()
    )


def _nothing_frozen(study: Study) -> dict[str, str]:
    return {}


PART = drafts.Part("gallery_texts", value=_nothing_frozen, copy=_copy)
