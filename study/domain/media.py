"""The public addresses of pictures and clips, and the files behind them.

An address is `<kind><token>.<part>`: kind p (a presentation: the volunteer's), e (an example), w (a
session's practice trial) or r (a stimulus, for researchers); part `s` for the sound or the 0-based place of a
picture on the screen; `h` is the same sound as a page without script plays it (see `listening`). All parts of
one presentation share its random token, so nothing in an address pairs the clip with one of the pictures.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage
from django.db.models.fields.files import FieldFile
from django.urls import get_script_prefix, reverse

from study import permissions
from study.domain import practice
from study.errors import EarsightError, NotYours
from study.models import Build, Example, Presentation, Session, Stimulus, StimulusSet, TrialOption

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import AnonymousUser, User
    from django.db.models import QuerySet

SOUND = "s"
PLAIN_SOUND = "h"
STIMULI = "stimuli"  # the folder of all builds
logger = logging.getLogger(__name__)


class MediaMissing(EarsightError):
    """A file of this study is missing on the server; its operator can restore it from a backup."""

    status = 404


def clip_address(presentation: Presentation) -> str:
    """Return the address of a presentation's clip."""
    return _address("p", presentation.token, SOUND)


def plain_clip_address(presentation: Presentation) -> str:
    """Return the address at which a page without script plays the clip: asking for it is on record."""
    return _address("p", presentation.token, PLAIN_SOUND)


def plain_token(address: str) -> str:
    """Return the presentation's token in an address of a page without script; of any other nothing."""
    found = re.fullmatch(rf"p([A-Za-z0-9_-]{{1,64}})\.{PLAIN_SOUND}", address)
    return found[1] if found else ""


def picture_addresses(presentation: Presentation) -> list[str]:
    """Return the addresses of a presentation's pictures, in their order on the screen."""
    return [_address("p", presentation.token, str(place)) for place in range(len(presentation.option_order))]


def example_clip_address(example: Example) -> str:
    """Return the address of an example's clip."""
    return _address("e", example.media_token, SOUND)


def example_picture_address(example: Example) -> str:
    """Return the address of an example's picture."""
    return _address("e", example.media_token, "0")


def practice_clip_address(session: Session) -> str:
    """Return the address of the clip of a session's practice trial."""
    return _address("w", session.token, SOUND)


def practice_picture_addresses(session: Session) -> list[str]:
    """Return the addresses of the pictures of a session's practice trial, in their order on the screen."""
    return [_address("w", session.token, str(place)) for place in range(len(session.stimuli.class_names))]


def stimulus_clip_address(stimulus: Stimulus) -> str:
    """Return the address of a stimulus's clip for a signed-in researcher of its study."""
    return _address("r", stimulus.clip_token, SOUND)


def stimulus_picture_address(stimulus: Stimulus) -> str:
    """Return the address of a stimulus's picture for a signed-in researcher of its study."""
    return _address("r", stimulus.image_token, "0")


def file_at(address: str, user: User | AnonymousUser) -> FieldFile:
    """Return the file behind an address.

    Raises:
        NotYours: for an unknown address, or a researcher's address asked for by somebody else.
    """
    parts = re.fullmatch(r"([perw])([A-Za-z0-9_-]{1,64})\.(s|h|[0-9])", address)
    if parts is None:
        raise NotYours
    kind, token, part = parts.groups()
    try:
        return {"p": _presented, "e": _example, "r": _researched, "w": _practised}[kind](token, part, user)
    except TrialOption.DoesNotExist:  # deleted meanwhile, with its study
        raise NotYours from None


def content(file: FieldFile) -> bytes:
    """Return a picture or clip.

    Raises:
        MediaMissing: when its file has gone from the storage; the log says which.
    """
    with opened(file):
        return bytes(file.read())


def opened(file: FieldFile) -> FieldFile:
    """Return the file opened for reading; the caller closes it.

    Raises:
        MediaMissing: when it has gone from the storage; the log says which.
    """
    try:
        return file.open("rb")
    except FileNotFoundError as error:
        logger.error("%s is missing from the media storage.", file.name)
        raise MediaMissing from error


def write(folder: str, suffix: str, content: bytes | File[bytes]) -> str:
    """Store a file under a random name and return it.

    Files on this machine get the same time, so that not even a web server's Last-Modified pairs two of them.
    """
    file = ContentFile(content) if isinstance(content, bytes) else content
    name = default_storage.save(f"{folder}/{secrets.token_urlsafe(18)}{suffix}", file)
    if isinstance(default_storage, FileSystemStorage):
        os.utime(default_storage.path(name), (0, 0))
    return name


def build_folder(build: Build) -> str:
    """Return the folder of everything that a build has written."""
    return f"{STIMULI}/{build.token}"


def attempt_folder(build: Build) -> str:
    """Return the folder of the build's present attempt: a worker that lost it can't write among our files."""
    return f"{build_folder(build)}/{build.attempt}"


def file_names(sets: QuerySet[StimulusSet]) -> list[str]:
    """Return the storage names of all files of these sets."""
    rows = Stimulus.objects.filter(set__in=sets).values_list("image", "clip", "master", "midi")
    own = sets.values_list("latents", "machine")
    return [name for row in (*rows, *own) for name in row if name]


def gone(names: Iterable[str]) -> set[str]:
    """Return those of these files that the media storage has no more; each folder is listed once."""
    wanted = set(names)
    present: set[str] = set()
    for folder in {name.rpartition("/")[0] for name in wanted}:
        with suppress(FileNotFoundError):
            present |= {f"{folder}/{name}" for name in default_storage.listdir(folder)[1]}
    return wanted - present


def delete_files(names: list[str]) -> None:
    """Remove files from the media storage, with folders left empty; one that is gone is no error."""
    for name in names:
        default_storage.delete(name)
    for folder in {name.rpartition("/")[0] for name in names}:
        _delete_empty(folder)


def delete_folder(folder: str) -> None:
    """Remove a folder of the media storage with all it holds; none is no error."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in folders:
        delete_folder(f"{folder}/{name}")
    for name in files:
        default_storage.delete(f"{folder}/{name}")
    _delete_empty(folder)


def delete_folders(folders: Iterable[str]) -> None:
    """Remove folders of the media storage with all they hold."""
    for folder in folders:
        delete_folder(folder)


def _delete_empty(folder: str) -> None:
    """Remove a folder that holds nothing, and those above it that then hold nothing either."""
    while folder and folder != STIMULI:
        try:
            if any(default_storage.listdir(folder)):
                return
            default_storage.delete(folder)
        except FileNotFoundError:
            pass  # somebody else was quicker
        except OSError:
            return  # a worker that has yet to notice its end writes into it, and cleans up when it does
        folder = folder.rpartition("/")[0]


def _address(kind: str, token: str, part: str) -> str:
    return f"{_root(get_script_prefix())}{kind}{token}.{part}"


@lru_cache
def _root(site: str) -> str:
    """Return where all addresses begin on a site that lies there; a page asks for a hundred of them."""
    return reverse("media", args=["x"]).removesuffix("x")


def _presented(token: str, part: str, user: User | AnonymousUser) -> FieldFile:
    presentation = Presentation.objects.filter(token=token).first()
    if presentation is None:
        raise NotYours
    options = TrialOption.objects.filter(trial=presentation.trial_id).select_related("stimulus")
    if part in {SOUND, PLAIN_SOUND}:
        return options.get(is_truth=True).stimulus.clip
    if int(part) >= len(presentation.option_order):
        raise NotYours
    return options.get(slot=presentation.option_order[int(part)]).stimulus.image


def _example(token: str, part: str, user: User | AnonymousUser) -> FieldFile:
    example = Example.objects.select_related("stimulus").filter(media_token=token).first()
    if example is None or part not in {SOUND, "0"}:
        raise NotYours
    return example.stimulus.clip if part == SOUND else example.stimulus.image


def _practised(token: str, part: str, user: User | AnonymousUser) -> FieldFile:
    trial = practice.behind(token)
    if part == SOUND:
        return trial.source.clip
    if not part.isdigit() or int(part) >= len(trial.options):
        raise NotYours
    return trial.options[int(part)].image


def _researched(token: str, part: str, user: User | AnonymousUser) -> FieldFile:
    field = "clip_token" if part == SOUND else "image_token"
    stimulus = Stimulus.objects.select_related("set__study").filter(**{field: token}).first()
    if stimulus is None or part not in {SOUND, "0"}:
        raise NotYours
    permissions.may_work_on(user, stimulus.set.study)
    return stimulus.clip if part == SOUND else stimulus.image
