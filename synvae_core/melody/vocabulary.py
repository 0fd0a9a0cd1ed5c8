"""The 90 melody classes of MusicVAE: 0 hold, 1 note-off, 2..89 the onset of MIDI pitch 21..108."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

HOLD = 0
NOTE_OFF = 1
FIRST_ONSET = 2
MIN_PITCH = 21
MAX_PITCH = 108
CLASSES = FIRST_ONSET + MAX_PITCH - MIN_PITCH + 1  # 90

STEPS_PER_BAR = 16
STEPS_PER_QUARTER = 4
QPM = 120.0
SECONDS_PER_STEP = 60.0 / QPM / STEPS_PER_QUARTER  # 0.125
VELOCITY = 80
PROGRAM = 0

IntArray = NDArray[np.integer]
Tokens = NDArray[np.int64]


class Note(NamedTuple):
    """A note on the grid: it sounds from step `start` up to, not including, step `end`."""

    pitch: int
    start: int
    end: int


def class_of_pitch(pitch: int) -> int:
    """The class of the onset of a MIDI pitch in 21..108."""
    return pitch - MIN_PITCH + FIRST_ONSET


def pitch_of_class(token: int) -> int:
    """The MIDI pitch of an onset class in 2..89."""
    return token - FIRST_ONSET + MIN_PITCH


def notes_of_tokens(tokens: IntArray) -> list[Note]:
    """The notes that are heard from tokens (T,): held until the next onset, note-off or the end."""
    events = np.flatnonzero(tokens != HOLD)
    ends = np.append(events[1:], len(tokens))
    return [
        Note(pitch_of_class(int(tokens[start])), int(start), int(end))
        for start, end in zip(events, ends, strict=False)
        if tokens[start] >= FIRST_ONSET
    ]


def tokens_of_notes(notes: Sequence[Note], steps: int) -> Tokens:
    """Tokens (steps,) of notes that do not overlap, in order of time; what passes the end is cut."""
    tokens = np.zeros(steps, dtype=np.int64)
    for note in notes:
        if note.start >= steps:
            break
        # A note that starts where the last one ends replaces that one's note-off.
        tokens[note.start] = class_of_pitch(note.pitch)
        if note.end < steps:
            tokens[note.end] = NOTE_OFF
    return tokens


def canonical_tokens(tokens: IntArray) -> Tokens:
    """Tokens (N, T) as re-read from the notes that listeners hear.

    Only note-offs can differ: one that ends no sounding note (before the first onset, or after
    another note-off) is inaudible and becomes a hold. Applying this twice changes nothing.
    """
    tokens = np.asarray(tokens)
    steps = np.arange(tokens.shape[-1])
    latest = np.maximum.accumulate(np.where(tokens != HOLD, steps, -1), axis=-1)  # (N, T)
    before = np.full_like(latest, -1)
    before[..., 1:] = latest[..., :-1]  # index of the last event before each step, -1 for none
    previous = np.take_along_axis(tokens, np.maximum(before, 0), axis=-1)
    sounding = (before >= 0) & (previous >= FIRST_ONSET)
    return np.where((tokens == NOTE_OFF) & ~sounding, HOLD, tokens).astype(np.int64)
