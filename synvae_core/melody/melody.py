"""`Melody`: what one latent vector sounds like, with its roads to and from NoteSequence and MIDI."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from synvae_core.errors import SynvaeError
from synvae_core.melody import vocabulary as v
from synvae_core.melody.monophony import monophonic, quantised_notes

if TYPE_CHECKING:
    from note_seq.protobuf.music_pb2 import NoteSequence


class MelodyError(SynvaeError):
    """Tokens or a music file that cannot be a melody."""


@dataclass(frozen=True, eq=False)
class Melody:
    """A monophonic melody: `tokens` (T,) of the 90 classes, a sixteenth (0.125 s at 120 qpm) each."""

    tokens: v.Tokens

    def __post_init__(self) -> None:
        tokens = np.array(self.tokens, dtype=np.int64)
        if tokens.ndim != 1:
            raise MelodyError(f"A melody is one row of tokens, not an array of shape {tokens.shape}.")
        if tokens.size and not (tokens.min() >= 0 and tokens.max() < v.CLASSES):
            raise MelodyError(f"Melody tokens must lie in 0..{v.CLASSES - 1}.")
        tokens.flags.writeable = False
        object.__setattr__(self, "tokens", tokens)

    def __len__(self) -> int:
        return len(self.tokens)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Melody) and np.array_equal(self.tokens, other.tokens)

    def __hash__(self) -> int:
        return hash(self.tokens.tobytes())

    @property
    def seconds(self) -> float:
        """Length in seconds at 120 qpm, silence at the end included."""
        return len(self) * v.SECONDS_PER_STEP

    def to_notes(self) -> list[v.Note]:
        """The notes as (pitch, start step, end step), in order of time."""
        return v.notes_of_tokens(self.tokens)

    @classmethod
    def from_notes(cls, notes: list[v.Note], steps: int) -> "Melody":
        """The melody of `steps` steps with these notes; where they overlap the later one cuts."""
        return cls(v.tokens_of_notes(monophonic(notes), steps))

    def canonical(self) -> "Melody":
        """This melody re-read from its notes: the tokens a listener could write down."""
        return Melody(v.canonical_tokens(self.tokens[np.newaxis])[0])

    def to_note_sequence(self) -> "NoteSequence":
        """A NoteSequence at 120 qpm in 4/4, velocity 80, program 0."""
        from note_seq.protobuf.music_pb2 import NoteSequence

        sequence = NoteSequence(ticks_per_quarter=220, total_time=self.seconds)
        sequence.tempos.add(qpm=v.QPM)
        sequence.time_signatures.add(numerator=4, denominator=4)
        for note in self.to_notes():
            sequence.notes.add(
                pitch=note.pitch,
                start_time=note.start * v.SECONDS_PER_STEP,
                end_time=note.end * v.SECONDS_PER_STEP,
                velocity=v.VELOCITY,
                program=v.PROGRAM,
            )
        return sequence

    @classmethod
    def from_note_sequence(cls, sequence: "NoteSequence", steps: int | None = None) -> "Melody":
        """The melody of a NoteSequence, from its start on, `steps` long (default: whole bars to its end).

        Silence after the last note is only as long as `total_time` says; MIDI files do not keep it.
        """
        notes = quantised_notes(sequence)
        if steps is None:
            last = max([note.end for note in notes], default=0)
            ends = max(last, round(sequence.total_time / v.SECONDS_PER_STEP))
            steps = max(1, -(-ends // v.STEPS_PER_BAR)) * v.STEPS_PER_BAR
        return cls.from_notes(notes, steps)

    def to_midi_bytes(self) -> bytes:
        """A standard MIDI file."""
        from note_seq import midi_io

        midi = io.BytesIO()
        midi_io.note_sequence_to_pretty_midi(self.to_note_sequence()).write(midi)
        return midi.getvalue()

    def save_midi(self, path: str | Path) -> None:
        """Writes a standard MIDI file."""
        Path(path).write_bytes(self.to_midi_bytes())

    @classmethod
    def from_midi(cls, path: str | Path, steps: int | None = None) -> "Melody":
        """Reads a MIDI file; MelodyError if it is none."""
        from note_seq import midi_io

        try:
            sequence = midi_io.midi_file_to_note_sequence(str(path))
        except (midi_io.MIDIConversionError, OSError) as error:
            raise MelodyError(f"{path} could not be read as a MIDI file; export it again.") from error
        return cls.from_note_sequence(sequence, steps)
