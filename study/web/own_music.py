"""What the pages about somebody's own picture say and draw: progress, reasons, the roll and the notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from study.domain import own_pictures, shown
from study.models import OwnPicture

if TYPE_CHECKING:
    from collections.abc import Sequence

SECONDS_PER_STEP = 0.125  # a sixteenth at 120 beats a minute
STEP, SEMITONE = 10, 7  # units of the drawing
SEEN_AT_ONCE = 96  # steps: six bars


@dataclass(frozen=True)
class Progress:
    """How far a picture is, in words and numbers."""

    words: str
    step: int
    steps: int


@dataclass(frozen=True)
class Bar:
    """A note: a bar of the drawing, and what it is in words."""

    x: int
    y: int
    width: int
    name: str
    start: float  # seconds
    seconds: float


@dataclass(frozen=True)
class Roll:
    """The drawing of a melody: time to the right, pitch upwards; `lines` are the heights of the Cs."""

    width: int
    height: int
    bars: tuple[Bar, ...]
    lines: tuple[int, ...]
    beats: tuple[int, ...]
    long: bool  # too long to be seen at once: it scrolls


@dataclass(frozen=True)
class Music:
    """All that the page of a finished picture shows."""

    clip: str
    picture: str
    seen: str
    midi: str
    roll: Roll
    summary: str
    minutes_left: int


def progress(picture: OwnPicture) -> Progress:
    """Return how far the picture is."""
    steps = len(OwnPicture.Step)
    if picture.status != OwnPicture.Status.QUEUED:
        return Progress(_step_words()[picture.step], picture.step, steps)
    waiting = own_pictures.ahead_of(picture)
    if not waiting:
        return Progress(_step_words()[OwnPicture.Step.WAITING], 0, steps)
    words = ngettext("%(count)s picture is before yours", "%(count)s pictures are before yours", waiting)
    return Progress(words % {"count": waiting}, 0, steps)


def reason(picture: OwnPicture) -> str:
    """Return why there is no music, and what to do."""
    refusal = OwnPicture.Refusal
    return {
        refusal.DAMAGED: _(
            "No picture can be read from this file: it is damaged or cut short. Please send it again, or "
            "another."
        ),
        refusal.IN_A_TEST: _(
            "This picture belongs to a listening test that is running now. It can be heard here when the "
            "test has ended."
        ),
        refusal.NO_TRANSLATOR: _(
            "The translator cannot work at the moment. Please tell whoever runs this site."
        ),
        refusal.STOPPED: _("The translation stopped three times. Please try another picture."),
    }.get(
        OwnPicture.Refusal(picture.refusal),
        _("Something broke on our side. Please try again, or another picture."),
    )


def music(picture: OwnPicture) -> Music:
    """Return what the page of a finished picture shows."""
    left = picture.expires_at - timezone.now()
    return Music(
        clip=shown.own_address(picture, shown.SOUND),
        picture=shown.own_address(picture, shown.PICTURE),
        seen=shown.own_address(picture, shown.SEEN),
        midi=shown.own_address(picture, shown.MIDI),
        roll=roll(picture.notes, picture.steps),
        summary=summary(picture.notes, picture.steps),
        minutes_left=max(1, round(left.total_seconds() / 60)),
    )


def roll(notes: Sequence[Sequence[int]], steps: int) -> Roll:
    """Return the drawing of notes (pitch, first step, step after the last) in a melody of so many steps."""
    pitches = [pitch for pitch, _start, _end in notes] or [60]
    top, bottom = max(pitches) + 2, min(pitches) - 2
    bars = tuple(
        Bar(
            x=STEP * start,
            y=SEMITONE * (top - pitch),
            width=STEP * (end - start),
            name=note_name(pitch),
            start=start * SECONDS_PER_STEP,
            seconds=(end - start) * SECONDS_PER_STEP,
        )
        for pitch, start, end in notes
    )
    lines = tuple(SEMITONE * (top - pitch) for pitch in range(bottom, top) if pitch % 12 == 0)
    beats = tuple(range(0, STEP * steps, 4 * STEP))
    return Roll(STEP * steps, SEMITONE * (top - bottom + 1), bars, lines, beats, steps > SEEN_AT_ONCE)


def summary(notes: Sequence[Sequence[int]], steps: int) -> str:
    """Return a melody in one sentence."""
    if not notes:
        return _("Silence: the model plays nothing for this picture.")
    pitches = [pitch for pitch, _start, _end in notes]
    sentence = ngettext(
        "%(count)s note in %(seconds)s seconds, between %(lowest)s and %(highest)s.",
        "%(count)s notes in %(seconds)s seconds, between %(lowest)s and %(highest)s.",
        len(notes),
    )
    return sentence % {
        "count": len(notes),
        "seconds": round(steps * SECONDS_PER_STEP),
        "lowest": note_name(min(pitches)),
        "highest": note_name(max(pitches)),
    }


def note_name(pitch: int) -> str:
    """Return a MIDI pitch in words that a voice can say: 61 is C sharp 4, 60 is middle C."""
    octave, key = divmod(pitch, 12)
    return f"{_keys()[key]} {octave - 1}"


def _keys() -> list[str]:
    return [
        pgettext("note", "C"), pgettext("note", "C sharp"), pgettext("note", "D"),
        pgettext("note", "D sharp"), pgettext("note", "E"), pgettext("note", "F"),
        pgettext("note", "F sharp"), pgettext("note", "G"), pgettext("note", "G sharp"),
        pgettext("note", "A"), pgettext("note", "A sharp"), pgettext("note", "B"),
    ]  # fmt: skip


def _step_words() -> dict[int, str]:
    return {
        OwnPicture.Step.WAITING: _("Waiting for its turn"),
        OwnPicture.Step.OPENING: _("Waking the translator"),
        OwnPicture.Step.LOOKING: _("Looking at your picture"),
        OwnPicture.Step.COMPOSING: _("Composing"),
        OwnPicture.Step.PLAYING: _("Playing the music"),
    }
