"""Notes onto the grid, and many voices to one: the rules of MusicVAE's melody converter."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from synvae_core.melody import vocabulary as v

if TYPE_CHECKING:
    from note_seq.protobuf.music_pb2 import NoteSequence

MAX_PROGRAM = 31  # pianos to basses: the programs that carry melodies


def quantised_step(seconds: float, steps_per_second: float) -> int:
    """The nearest step, halves upwards."""
    return int(seconds * steps_per_second + 0.5)


def quantised_notes(sequence: "NoteSequence", instrument: int | None = None) -> list[v.Note]:
    """The melodic notes of a sequence (or of one instrument) on the grid of its first tempo.

    Drums, silent notes, programs above 31 and pitches outside 21..108 are left out; a note that
    shrinks to nothing keeps one step. Negative times cannot occur in a NoteSequence.
    """
    qpm = sequence.tempos[0].qpm if sequence.tempos else v.QPM
    rate = qpm / 60.0 * v.STEPS_PER_QUARTER
    notes = []
    for note in sequence.notes:
        if instrument is not None and note.instrument != instrument:
            continue
        if note.is_drum or not note.velocity or not 0 <= note.program <= MAX_PROGRAM:
            continue
        if v.MIN_PITCH <= note.pitch <= v.MAX_PITCH:
            start = quantised_step(note.start_time, rate)
            end = max(quantised_step(note.end_time, rate), start + 1)
            notes.append(v.Note(note.pitch, start, end))
    return notes


def monophonic(notes: Iterable[v.Note]) -> list[v.Note]:
    """One voice: of equal onsets the highest pitch stays, and a later onset cuts a sounding note."""
    voice: list[v.Note] = []
    for note in sorted(notes, key=lambda n: (n.start, -n.pitch)):
        if voice and voice[-1].start == note.start:
            continue
        if voice and voice[-1].end > note.start:
            voice[-1] = voice[-1]._replace(end=note.start)
        voice.append(note)
    return voice
