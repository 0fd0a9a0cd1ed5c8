"""Melodies as 90 classes on a sixteenth grid, and their way to notes, NoteSequences and MIDI and back."""

from synvae_core.melody.converter import melodies_from_note_sequence
from synvae_core.melody.description import Description, describe, pitch_name
from synvae_core.melody.melody import Melody, MelodyError
from synvae_core.melody.vocabulary import (
    CLASSES,
    HOLD,
    NOTE_OFF,
    SECONDS_PER_STEP,
    STEPS_PER_BAR,
    Note,
    canonical_tokens,
    class_of_pitch,
    notes_of_tokens,
    pitch_of_class,
    tokens_of_notes,
)

__all__ = [
    "CLASSES",
    "HOLD",
    "NOTE_OFF",
    "SECONDS_PER_STEP",
    "STEPS_PER_BAR",
    "Description",
    "Melody",
    "MelodyError",
    "Note",
    "canonical_tokens",
    "class_of_pitch",
    "describe",
    "melodies_from_note_sequence",
    "notes_of_tokens",
    "pitch_name",
    "pitch_of_class",
    "tokens_of_notes",
]
