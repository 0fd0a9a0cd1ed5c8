"""A melody as a piano roll: time to the right, pitch upwards, a line for each bar."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from synvae_core.melody import STEPS_PER_BAR, Melody, describe
from synvae_core.melody.description import pitch_name

STEP, HEIGHT, MARGIN = 5, 120, 2  # units of a drawing that scales with the page
LEAST_RANGE = 12  # semitones, so that a lone note does not fill the roll
FIRST_NOTES = 6

Pitches = tuple[int, int]


def pitch_range(melodies: Iterable[Melody]) -> Pitches:
    """The lowest and highest pitch of all melodies, at least an octave apart; all rolls share it."""
    pitches = [note.pitch for melody in melodies for note in melody.to_notes()] or [60, 72]
    low, high = min(pitches), max(pitches)
    missing = max(0, LEAST_RANGE - (high - low))
    return low - missing // 2, high + (missing + 1) // 2


def words(melody: Melody) -> str:
    """The melody for whoever cannot see its roll: how many notes, from where to where, how it begins."""
    notes = [pitch_name(note.pitch) for note in melody.to_notes()]
    if not notes:
        return f"{describe(melody)}."
    begins = ", ".join(notes[:FIRST_NOTES])
    return f"{describe(melody)}. It {'begins' if len(notes) > FIRST_NOTES else 'is'} {begins}."


def piano_roll(melody: Melody, pitches: Pitches) -> Markup:
    """The roll as an SVG element; its colours are the page's."""
    low, high = pitches
    row = (HEIGHT - 2 * MARGIN) / (high - low + 1)
    width = max(1, len(melody)) * STEP
    bars = Markup("").join(
        Markup('<line class="bar" x1="{0}" x2="{0}" y1="0" y2="{1}"/>').format(step * STEP, HEIGHT)
        for step in range(STEPS_PER_BAR, len(melody), STEPS_PER_BAR)
    )
    notes = Markup("").join(
        Markup('<rect class="note" x="{}" y="{:.2f}" width="{}" height="{:.2f}" rx="1"/>').format(
            note.start * STEP + 0.5,
            MARGIN + (high - note.pitch) * row,
            (note.end - note.start) * STEP - 1,
            max(row - 0.5, 1.5),
        )
        for note in melody.to_notes()
    )
    return Markup(
        '<svg class="roll" role="img" aria-label="Piano roll: {}" viewBox="0 0 {} {}" '
        'preserveAspectRatio="none">{}{}</svg>'
    ).format(words(melody), width, HEIGHT, bars, notes)
