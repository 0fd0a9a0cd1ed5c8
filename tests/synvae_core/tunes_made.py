"""Music files written for the tests."""

from collections.abc import Sequence
from pathlib import Path

import pretty_midi

SIXTEENTH = 0.125  # seconds at 120 beats a minute
Notes = Sequence[tuple[int, float, float]]  # pitch, first and last sixteenth

SCALE = [(60 + k, 4 * k, 4 * k + 4) for k in range(16)]  # four bars of quarters


def track(
    notes: Notes, program: int = 0, *, drums: bool = False, beat: float = 4 * SIXTEENTH
) -> pretty_midi.Instrument:
    """An instrument that plays notes, a beat being four sixteenths."""
    instrument = pretty_midi.Instrument(program, is_drum=drums)
    instrument.notes = [pretty_midi.Note(80, p, s * beat / 4, e * beat / 4) for p, s, e in notes]
    return instrument


def midi(
    path: Path, *tracks: pretty_midi.Instrument, metre: tuple[int, int] = (4, 4), tempo: float = 120
) -> Path:
    """A MIDI file."""
    song = pretty_midi.PrettyMIDI(initial_tempo=tempo)
    song.time_signature_changes.append(pretty_midi.TimeSignature(*metre, 0))
    song.instruments += tracks
    song.write(str(path))
    return path


ABC = "X:1\nT:One\nM:4/4\nL:1/8\nK:G\nG2AB c2d2|:e4 f4:|\n\nX:2\nT:Two\nM:3/4\nK:C\nCDE|\n"
