"""What hangs in public galleries: of a study, what spoils no running test; of a model, what an exhibit holds.

While a study takes answers its gallery shows its examples alone, which volunteers hear anyway; once it has
closed, everything. A picture that any running test asks about hangs nowhere (`running_tests`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from study.domain import running_tests
from study.domain.class_words import given_away
from study.errors import NotYours
from study.models import Exhibit, ExhibitPicture, Stimulus, Study

if TYPE_CHECKING:
    from django.db.models import QuerySet


def of_study(code: str) -> Study:
    """Return the study with this code if it has a public gallery.

    Raises:
        NotYours: where there is none, or it has yet to be published.
    """
    study = Study.objects.filter(code=code, gallery=True).exclude(status=Study.Status.DRAFT)
    found = study.select_related("stimuli").first()
    if found is None or found.stimuli is None:
        raise NotYours
    return found


def exhibit(code: str) -> Exhibit:
    """Return the exhibit of a model with this code.

    Raises:
        NotYours: where there is none.
    """
    found = Exhibit.objects.filter(code=code).first()
    if found is None:
        raise NotYours
    return found


def closed_studies() -> QuerySet[Study]:
    """Return studies whose gallery anybody may find: the link of an open one is its researchers' to give."""
    return Study.objects.filter(gallery=True, status=Study.Status.CLOSED, stimuli__isnull=False)


def any_to_find() -> bool:
    """Return whether there is a gallery that anybody may find."""
    return Exhibit.objects.exists() or closed_studies().exists()


def pictures(study: Study) -> QuerySet[Stimulus]:
    """Return what the gallery of a study shows now, class by class, examples first."""
    assert study.stimuli is not None
    hung = study.stimuli.items.exclude(_spoils())
    if study.status != Study.Status.CLOSED:
        hung = hung.filter(example__isnull=False)
        # Volunteers of another condition may hear other music for the same pictures.
        if study.stimulus_sets.filter(build=study.stimuli.build_id).exclude(pk=study.stimuli.pk).exists():
            hung = hung.none()
    return hung.order_by("class_index", "example__position", "option__trial__number").select_related("set")


def exhibited(shown: Exhibit) -> QuerySet[ExhibitPicture]:
    """Return what an exhibit shows now, in its order."""
    return shown.pictures.exclude(_spoils())


def stimulus_in_gallery(field: str, token: str) -> Stimulus:
    """Return the stimulus whose `image_token` or `clip_token` this is, if a gallery shows it now.

    Raises:
        NotYours: for everything else.
    """
    found = Stimulus.objects.select_related("set__study").filter(**{field: token}).first()
    if found is None:
        raise NotYours
    study = found.set.study
    if not study.gallery or study.is_draft or study.stimuli_id != found.set_id:
        raise NotYours
    if not pictures(study).filter(pk=found.pk).exists():
        raise NotYours
    return found


def exhibit_picture(token: str) -> ExhibitPicture:
    """Return the picture of an exhibit with this token, if it is shown now.

    Raises:
        NotYours: for everything else.
    """
    found = ExhibitPicture.objects.filter(token=token).exclude(_spoils()).first()
    if found is None:
        raise NotYours
    return found


def texts(study: Study) -> dict[str, str]:
    """Return what may be said of the study's pictures now, by their ids: its text, else its description.

    While the study takes answers, a text that names a class is held back: the test asks for it.
    """
    said = dict(study.descriptions.filter(data=study.data).values_list("source_id", "text"))
    said |= dict(study.picture_texts.filter(data=study.data).values_list("source_id", "text"))
    if study.status == Study.Status.CLOSED or study.stimuli is None:
        return said
    classes = study.stimuli.class_names
    return {id_: text for id_, text in said.items() if given_away(text, classes) is None}


def _spoils() -> Q:
    asked = running_tests.asked_about()
    return Q(image_sha256__in=asked.values("image_sha256")) | Q(clip_sha256__in=asked.values("clip_sha256"))
