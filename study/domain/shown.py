"""The addresses of what is public: galleries, and pictures that people sent to hear them.

An address is `<kind><token>.<part>`: kind g (a picture or clip in a study's gallery), x (in an exhibit) or h
(somebody's own picture); part `s` for the sound, `0` for the picture, `1` for the picture as the model sees
it, `m` for MIDI. What hangs no more in a gallery, or was deleted, has no address any more.
"""

from __future__ import annotations

import re

from django.db.models.fields.files import FieldFile
from django.urls import reverse

from study.domain import galleries, own_pictures
from study.errors import NotYours
from study.models import ExhibitPicture, OwnPicture, Stimulus

SOUND, PICTURE, SEEN, MIDI = "s", "0", "1", "m"
# A gallery may close for a while; what people sent is gone when they say so: browsers must not keep it.
SECONDS_KEPT = {"g": 300, "x": 300, "h": 0}


def stimulus_addresses(stimulus: Stimulus) -> tuple[str, str]:
    """Return the addresses of a stimulus in its study's gallery: of the picture, and of the clip."""
    return _address("g", stimulus.image_token, PICTURE), _address("g", stimulus.clip_token, SOUND)


def exhibit_addresses(picture: ExhibitPicture) -> tuple[str, str]:
    """Return the addresses of a picture of an exhibit: of the picture, and of the clip."""
    return _address("x", picture.token, PICTURE), _address("x", picture.token, SOUND)


def own_address(picture: OwnPicture, part: str) -> str:
    """Return the address of a part of somebody's own picture."""
    return _address("h", picture.token, part)


def file_at(address: str) -> FieldFile:
    """Return the file behind a public address.

    Raises:
        NotYours: for every other address.
    """
    parts = re.fullmatch(r"([gxh])([A-Za-z0-9_-]{1,64})\.([s01m])", address)
    if parts is None:
        raise NotYours
    kind, token, part = parts.groups()
    file: FieldFile | None = {"g": _hung, "x": _exhibited, "h": _own}[kind](token, part)
    if not file:
        raise NotYours
    return file


def seconds_kept(address: str) -> int:
    """Return how long a browser may keep what lies at an address."""
    return SECONDS_KEPT.get(address[:1], 0)


def _address(kind: str, token: str, part: str) -> str:
    return reverse("shown", args=[f"{kind}{token}.{part}"])


def _hung(token: str, part: str) -> FieldFile | None:
    if part == SOUND:
        return galleries.stimulus_in_gallery("clip_token", token).clip
    return galleries.stimulus_in_gallery("image_token", token).image if part == PICTURE else None


def _exhibited(token: str, part: str) -> FieldFile | None:
    picture = galleries.exhibit_picture(token)
    return {SOUND: picture.clip, PICTURE: picture.image}.get(part)


def _own(token: str, part: str) -> FieldFile | None:
    picture = own_pictures.find(token)
    return {SOUND: picture.clip, PICTURE: picture.picture, SEEN: picture.seen, MIDI: picture.midi}.get(part)
