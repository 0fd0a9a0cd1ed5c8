"""What a melody is like, in numbers and in one line for people."""

from __future__ import annotations

from dataclasses import dataclass

from synvae_core.melody.melody import Melody
from synvae_core.melody.vocabulary import STEPS_PER_BAR

NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@dataclass(frozen=True)
class Description:
    """Counts of a melody; pitches are MIDI numbers, None where there is no note."""

    notes: int
    lowest: int | None
    highest: int | None
    notes_per_bar: float
    sounding: float  # share of the time that is not silent
    seconds: float

    def __str__(self) -> str:
        if self.lowest is None or self.highest is None:
            return f"silence, {self.seconds:.1f} s"
        count = "1 note" if self.notes == 1 else f"{self.notes} notes"
        return (
            f"{count}, {pitch_name(self.lowest)} to {pitch_name(self.highest)}, "
            f"{self.notes_per_bar:.1f} notes a bar, {self.seconds:.1f} s"
        )


def describe(melody: Melody) -> Description:
    """What is heard of a melody."""
    notes = melody.to_notes()
    pitches = [note.pitch for note in notes]
    return Description(
        notes=len(notes),
        lowest=min(pitches, default=None),
        highest=max(pitches, default=None),
        notes_per_bar=len(notes) * STEPS_PER_BAR / max(1, len(melody)),
        sounding=sum(note.end - note.start for note in notes) / max(1, len(melody)),
        seconds=melody.seconds,
    )


def pitch_name(pitch: int) -> str:
    """A MIDI pitch as musicians write it: 60 is C4, middle C."""
    octave, name = divmod(pitch, 12)
    return f"{NAMES[name]}{octave - 1}"
