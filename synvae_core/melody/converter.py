"""From any NoteSequence to windows of melody tokens, by the rules of MusicVAE's converter."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from synvae_core.melody import vocabulary as v
from synvae_core.melody.monophony import monophonic, quantised_notes

if TYPE_CHECKING:
    from note_seq.protobuf.music_pb2 import NoteSequence

GAP_STEPS = v.STEPS_PER_BAR  # this much silence ends a melody
MAX_STEPS = 100 * v.STEPS_PER_BAR


def melodies_from_note_sequence(
    sequence: "NoteSequence", bars: int, *, allow_two_two: bool = False
) -> v.Tokens:
    """Windows (N, 16 * bars) of the melodies in a NoteSequence, one bar apart, each different.

    The sequence is split where tempo or metre change; parts not in 4/4 (or, if allowed, 2/2, whose
    bar is as long) give nothing. See `melodies_of_notes` and `windows` for the rules.
    """
    from note_seq import sequences_lib

    found = [np.zeros((0, bars * v.STEPS_PER_BAR), dtype=np.int64)]
    for part in sequences_lib.split_note_sequence_on_time_changes(sequence):
        if not bars_of_sixteen(part, allow_two_two):
            continue
        for instrument in sorted({note.instrument for note in part.notes}):
            for melody in melodies_of_notes(quantised_notes(part, instrument)):
                found.append(windows(melody, bars))
    return _unique(np.concatenate(found))


def melodies_of_notes(notes: list[v.Note]) -> Iterator[v.Tokens]:
    """The melodies (T,) of one instrument: one voice, cut where a bar or more is silent.

    A melody starts at the bar line before its first note and is padded with holds to a bar line;
    it is cut after 100 bars.
    """
    for voice in _voices(monophonic(notes)):
        start = voice[0].start - voice[0].start % v.STEPS_PER_BAR
        moved = [v.Note(n.pitch, n.start - start, n.end - start) for n in voice]
        steps = -(-moved[-1].end // v.STEPS_PER_BAR) * v.STEPS_PER_BAR
        yield v.tokens_of_notes(moved, min(steps, MAX_STEPS))


def windows(melody: v.Tokens, bars: int) -> v.Tokens:
    """Windows (N, 16 * bars) of a melody (T,), hop one bar; note-offs before the first onset are holds."""
    width = bars * v.STEPS_PER_BAR
    if len(melody) < width:
        return np.zeros((0, width), dtype=np.int64)
    view = np.lib.stride_tricks.sliding_window_view(melody, width)[:: v.STEPS_PER_BAR]
    return v.canonical_tokens(view)


def _voices(voice: list[v.Note]) -> Iterator[list[v.Note]]:
    """Cuts a voice wherever at least GAP_STEPS pass between a note's end and the next onset."""
    first = 0
    for i in range(1, len(voice) + 1):
        if i == len(voice) or voice[i].start - voice[i - 1].end >= GAP_STEPS:
            yield voice[first:i]
            first = i


def bars_of_sixteen(sequence: "NoteSequence", allow_two_two: bool) -> bool:
    """Whether the sequence's metre is 4/4 (said or silent) or an allowed 2/2."""
    metres = {(s.numerator, s.denominator) for s in sequence.time_signatures} or {(4, 4)}
    return metres <= ({(4, 4), (2, 2)} if allow_two_two else {(4, 4)})


def _unique(tokens: v.Tokens) -> v.Tokens:
    """The different rows (N, T) in order of first appearance."""
    _, first = np.unique(tokens, axis=0, return_index=True)
    return tokens[np.sort(first)]
