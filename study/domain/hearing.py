"""From a picture that somebody sent to its music: look, compose, play, keep. Runs in the worker."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from study.domain import layout, media, running_tests, translation, uploads
from study.models import OwnPicture

if TYPE_CHECKING:
    from study.domain.translation import Look, Melody, Sound, Translator

COPY_SIDE = 320  # pixels of the short side of what we show of a picture
Refusal, Step = OwnPicture.Refusal, OwnPicture.Step
SWAP = {OwnPicture.Light.AUTO: None, OwnPicture.Light.KEEP: False, OwnPicture.Light.SWAP: True}


class Superseded(Exception):
    """The picture was deleted or another worker has taken it over: stop without a trace."""


class PictureUnfit(Exception):
    """There will be no music for this picture; `refusal` says why."""

    def __init__(self, refusal: OwnPicture.Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


@dataclass(frozen=True)
class Heard:
    """A picture with its music."""

    look: Look
    melody: Melody
    sound: Sound


def make(picture: OwnPicture) -> None:
    """Make the music of a claimed picture and end it as done; what was sent is deleted then.

    Raises:
        Superseded: when it was deleted or taken over. PictureUnfit: with the reason for the page.
    """
    _report(picture, Step.OPENING)
    translator = _translator()
    _report(picture, Step.LOOKING)
    look = _look(picture, translator)
    if running_tests.hold(look.pixels):
        raise PictureUnfit(Refusal.IN_A_TEST)
    _report(picture, Step.COMPOSING)
    melody = translation.compose(translator, look.pixels)
    _report(picture, Step.PLAYING)
    (sound,) = translation.sounds([melody])
    _keep(picture, Heard(look, melody, sound))


def _translator() -> Translator:
    try:
        return translation.open_translator(settings.HEAR_MODEL)
    except translation.TranslationFailed as error:
        raise PictureUnfit(Refusal.NO_TRANSLATOR) from error


def _look(picture: OwnPicture, translator: Translator) -> Look:
    file = io.BytesIO(media.content(picture.upload))
    try:
        claim = uploads.check(file)
        side = min(COPY_SIDE, claim.width, claim.height)
        swap = SWAP[OwnPicture.Light(picture.light)]
        return translation.look(file, translator, swap=swap, copy_side=side)
    except (translation.PictureDamaged, uploads.UploadRefused) as error:
        raise PictureUnfit(Refusal.DAMAGED) from error


def _keep(picture: OwnPicture, heard: Heard) -> None:
    """Write the files, then end the row; without the row's word the files are taken back."""
    sent, names = str(picture.upload.name), _written(picture.folder, heard)
    notes = [list(note) for note in heard.melody.to_notes()]
    kept = picture.held().update(
        **names,
        status=OwnPicture.Status.DONE,
        upload="",
        notes=notes,
        steps=len(heard.melody),
        seconds=heard.sound.seconds,
        swapped=heard.look.swapped,
        familiar=heard.look.familiar,
    )
    if not kept:
        media.delete_files([*names.values()])
        raise Superseded
    media.delete_files([sent])


def _written(folder: str, heard: Heard) -> dict[str, str]:
    return {
        "picture": media.write(folder, ".png", layout.png(heard.look.copy)),
        "seen": media.write(folder, ".png", layout.png(heard.look.pixels)),
        "clip": media.write(folder, ".mp3", heard.sound.mp3),
        "midi": media.write(folder, ".mid", heard.sound.midi),
    }


def _report(picture: OwnPicture, step: OwnPicture.Step) -> None:
    if not picture.held().update(step=step, heartbeat_at=timezone.now()):
        raise Superseded
