"""Anybody's MIDI or ABC file to one melody of a model's length, and what was taken of it.

MusicVAE's converter says what a melody is (`melody.monophony`): no drums, programs up to 31, the highest of
notes that begin together, bars of 4/4. Training cuts many windows out of a tune; here one is wanted.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from synvae_core.melody import vocabulary as v
from synvae_core.melody.converter import bars_of_sixteen
from synvae_core.melody.melody import Melody, MelodyError
from synvae_core.melody.monophony import MAX_PROGRAM, monophonic, quantised_notes

if TYPE_CHECKING:
    from note_seq.protobuf.music_pb2 import NoteSequence

SUFFIXES = frozenset({".mid", ".midi", ".abc"})
# A whole symphony has a few hundred kilobytes and some 50,000 notes.
MOST_BYTES = 2 * 2**20
MOST_NOTES = 200_000


@dataclass(frozen=True)
class Tune:
    """A melody out of a music file: its bars `first_bar`..`last_bar` of `bars`, counted from 1.

    `left_out` says in phrases what the file has beside it.
    """

    melody: Melody
    first_bar: int
    last_bar: int
    bars: int
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class _Voice:
    """One instrument's melody within the part of the file that is read."""

    notes: list[v.Note]
    below: int  # notes that began together with a higher one

    @property
    def bars(self) -> int:
        return -(-self.notes[-1].end // v.STEPS_PER_BAR)


def read_tune(path: Path, steps: int, *, bar: int | None = None, voice: int = 1) -> Tune:
    """A MIDI or ABC file's melody from `bar` on, `steps` steps of it; what is missing is silence.

    Without `bar` a tune that is longer than `steps` is read from the bar of its first note, a shorter one
    from its beginning. `voice` counts the instruments that have a melody. Raises MelodyError.
    """
    try:
        sequence, left_out = read_music(path)
        part, others = _longest_part(sequence)
        left_out += others
        voices = _voices(part)
        chosen = _choose(voices, voice, sequence)
        first = _first_bar(chosen, steps, bar)
        melody = _window(chosen, first, steps)
    except MelodyError as error:
        raise MelodyError(f"{path} cannot be heard as a melody: {error}") from error
    last = min(first + steps // v.STEPS_PER_BAR - 1, max(chosen.bars, first))
    left_out += _beside(part, voices, chosen)
    return Tune(melody, first, last, chosen.bars, tuple(left_out))


def read_music(path: Path) -> tuple[NoteSequence, list[str]]:
    """The notes of a MIDI or ABC file, and phrases on what it holds beside; MelodyError has the reason."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise MelodyError(f"it has more than {MOST_BYTES // 2**20} MiB.")
        content = path.read_bytes()
    except OSError as error:
        raise MelodyError(f"it cannot be opened ({error.strerror}).") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pretty_midi's doubts about where tempi may stand
        return _abc(content) if path.suffix.lower() == ".abc" else (_midi(content), [])


def _midi(content: bytes) -> NoteSequence:
    from note_seq import midi_io

    try:
        return midi_io.midi_to_note_sequence(content)
    except Exception as error:  # note_seq lets some errors of its own parts through
        raise MelodyError("it is no MIDI file, or a damaged one; export it again.") from error


def _abc(content: bytes) -> tuple[NoteSequence, list[str]]:
    """The first tune with notes of a book, its repeats played."""
    from note_seq import abc_parser

    try:
        tunes, faults = abc_parser.parse_abc_tunebook(content.decode("utf-8", errors="replace"))
    except Exception as error:  # the parser meets what it does not expect in many ways
        raise MelodyError("it is no ABC that can be read; convert it to MIDI.") from error
    if not tunes:
        reason = f" ({faults[0]})" if faults else ""
        raise MelodyError(f"it is no ABC that can be read{reason}; convert it to MIDI.")
    first = next((tune for tune in tunes.values() if tune.notes), next(iter(tunes.values())))
    return _with_repeats(first), [_count(len(tunes) - 1, "more tune")] if len(tunes) > 1 else []


def _with_repeats(tune: NoteSequence) -> NoteSequence:
    from note_seq import sequences_lib

    _refuse_too_many(len(tune.notes) * sum(group.num_times for group in tune.section_groups))
    try:
        return sequences_lib.expand_section_groups(tune)
    except Exception as error:  # for repeats that do not fit together
        raise MelodyError("its repeats cannot be followed; write them out or convert it to MIDI.") from error


def _refuse_too_many(notes: int) -> None:
    if notes > MOST_NOTES:
        raise MelodyError(f"it plays more than {MOST_NOTES:,} notes.")


def _longest_part(sequence: NoteSequence) -> tuple[NoteSequence, list[str]]:
    """The longest of what lies between changes of tempo and metre and has bars of sixteen steps."""
    from note_seq import sequences_lib

    if not sequence.notes:
        raise MelodyError("it has no notes.")
    _refuse_too_many(len(sequence.notes))
    parts = [part for part in sequences_lib.split_note_sequence_on_time_changes(sequence) if part.notes]
    fitting = [part for part in parts if bars_of_sixteen(part, allow_two_two=True)]
    if not fitting:
        metres = sorted({f"{s.numerator}/{s.denominator}" for s in sequence.time_signatures})
        raise MelodyError(
            f"it is in {', '.join(metres) or 'no metre'}, and the models know only 4/4 and 2/2."
        )
    others = f"{_count(len(parts) - 1, 'other part')} before or after a change of tempo or metre"
    return max(fitting, key=lambda part: part.total_time), [others] if len(parts) > 1 else []


def _voices(part: NoteSequence) -> list[_Voice]:
    """The melodies of the instruments that have one."""
    voices = []
    for instrument in sorted({note.instrument for note in part.notes}):
        notes = quantised_notes(part, instrument)
        if voice := monophonic(notes):
            voices.append(_Voice(voice, len(notes) - len(voice)))
    return voices


def _choose(voices: list[_Voice], number: int, sequence: NoteSequence) -> _Voice:
    if not voices:
        raise MelodyError(f"it has no melody, only {_others(sequence)}.")
    if not 1 <= number <= len(voices):
        raise MelodyError(f"it has {_count(len(voices), 'voice')} with a melody, and no voice {number}.")
    return voices[number - 1]


def _first_bar(voice: _Voice, steps: int, bar: int | None) -> int:
    if bar is None:
        longer = voice.bars * v.STEPS_PER_BAR > steps
        return voice.notes[0].start // v.STEPS_PER_BAR + 1 if longer else 1
    if not 1 <= bar <= voice.bars:
        raise MelodyError(f"it has {_count(voice.bars, 'bar')}, and no bar {bar}.")
    return bar


def _window(voice: _Voice, first_bar: int, steps: int) -> Melody:
    """The notes that begin within the window; one that sounds on into it is not heard there."""
    start = (first_bar - 1) * v.STEPS_PER_BAR
    notes = [n for n in voice.notes if start <= n.start < start + steps]
    if not notes:
        raise MelodyError(f"no note begins in the {steps // v.STEPS_PER_BAR} bars from bar {first_bar} on.")
    return Melody.from_notes([v.Note(n.pitch, n.start - start, n.end - start) for n in notes], steps)


def _beside(part: NoteSequence, voices: list[_Voice], chosen: _Voice) -> list[str]:
    phrases = []
    if len(voices) > 1:
        phrases.append(f"{len(voices) - 1} of {len(voices)} voices")
    if chosen.below:
        phrases.append(_count(chosen.below, "note") + " under a higher one")
    if others := _others(part):
        phrases.append(others)
    return phrases


def _others(sequence: NoteSequence) -> str:
    """What in a sequence can be no melody: "12 drum notes and 3 notes of other instruments"."""
    drums = sum(note.is_drum for note in sequence.notes)
    programs = sum(not note.is_drum and note.program > MAX_PROGRAM for note in sequence.notes)
    pitches = sum(
        not note.is_drum and note.program <= MAX_PROGRAM and not v.MIN_PITCH <= note.pitch <= v.MAX_PITCH
        for note in sequence.notes
    )
    phrases = (
        (drums, "drum note", ""),
        (programs, "note", f" of instruments above General MIDI's {MAX_PROGRAM + 1}, which carry no melody"),
        (pitches, "note", " off the piano's keys"),
    )
    return " and ".join(_count(number, kind) + more for number, kind, more in phrases if number)


def _count(number: int, kind: str) -> str:
    return f"{number} {kind}" + ("" if number == 1 else "s")
