"""What a person hears of a melody at once, as six numbers: no theory, no model, only notes in time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from synvae_core.melody.melody import Melody
from synvae_core.melody.vocabulary import SECONDS_PER_STEP, Note


class Surface(NamedTuple):
    """The surface of a melody; what a melody is too short for is None.

    notes_per_second   onsets in a second of the whole clip, silence included
    mean_pitch         mean MIDI number, each note weighing as long as it sounds
    pitch_range        semitones from the lowest note to the highest
    contour            semitones that pitch rises in a second: the slope of a line through the onsets
    rhythm_regularity  1 / (1 + v), v the variation (sd / mean) of the times from onset to onset: 1 is a pulse
    silence            share of the clip in which nothing sounds
    """

    notes_per_second: float
    mean_pitch: float | None
    pitch_range: float | None
    contour: float | None
    rhythm_regularity: float | None
    silence: float


def surface(melody: Melody) -> Surface:
    """What is heard of a melody at once."""
    notes = melody.to_notes()
    sounding = sum(note.end - note.start for note in notes)
    pitches = [note.pitch for note in notes]
    return Surface(
        notes_per_second=len(notes) / melody.seconds,
        mean_pitch=sum(note.pitch * (note.end - note.start) for note in notes) / sounding if notes else None,
        pitch_range=float(max(pitches) - min(pitches)) if notes else None,
        contour=_slope(notes),
        rhythm_regularity=_regularity(notes),
        silence=1 - sounding / len(melody),
    )


def _slope(notes: list[Note]) -> float | None:
    if len(notes) < 2:
        return None
    seconds = np.array([note.start for note in notes]) * SECONDS_PER_STEP
    pitches = np.array([note.pitch for note in notes], dtype=float)
    gaps = seconds - seconds.mean()
    return float((gaps * (pitches - pitches.mean())).sum() / (gaps**2).sum())


def _regularity(notes: list[Note]) -> float | None:
    if len(notes) < 3:
        return None
    gaps = np.diff([note.start for note in notes])
    return float(1 / (1 + gaps.std() / gaps.mean()))
