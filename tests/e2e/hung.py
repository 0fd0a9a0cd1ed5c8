"""An exhibit, and a stranger's picture with its music, for the browser's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from study.models import Exhibit, ExhibitPicture, OwnPicture, Study

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def make_exhibit(study: Study, owner: User) -> Exhibit:
    """An exhibit of six of the study's pictures; what it says of their content no running test asks about."""
    exhibit = Exhibit.objects.create(
        owner=owner, title="Shapes", about="Six shapes.", model="mnist", data="mnist", seed=1, folder="x"
    )
    assert study.stimuli is not None
    for position, item in enumerate(study.stimuli.items.all()[:6]):
        ExhibitPicture.objects.create(
            exhibit=exhibit, position=position, source_id=item.source_id, label="ring",
            image=item.image, clip=item.clip, seconds=1, image_sha256="a", clip_sha256="b",
        )  # fmt: skip
    return exhibit


def make_heard(study: Study) -> OwnPicture:
    """A picture that somebody has sent, with its music: files of the study's own."""
    assert study.stimuli is not None
    item = study.stimuli.items.all()[0]
    files = {"picture": item.image, "seen": item.image, "clip": item.clip, "midi": item.midi}
    notes = [[60, 0, 4], [64, 4, 8], [67, 8, 16]]
    return OwnPicture.objects.create(
        folder="x", status=OwnPicture.Status.DONE, notes=notes, steps=32, seconds=8, familiar=False, **files
    )
