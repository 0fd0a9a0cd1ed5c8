"""The converter's rules, one by one, and all of them at once against note_seq's own melody extraction."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from note_seq import Melody as ReferenceMelody
from note_seq import sequences_lib
from note_seq.protobuf.music_pb2 import NoteSequence

from synvae_core.melody import Melody, Note, melodies_from_note_sequence

STEP = 0.125


def sequence_of(
    *notes: tuple[int, float, float], metre: tuple[int, int] | None = (4, 4), **fields: Any
) -> NoteSequence:
    """A NoteSequence at 120 qpm of (pitch, start step, end step); `fields` go into every note."""
    sequence = NoteSequence()
    sequence.tempos.add(qpm=120)
    if metre:
        sequence.time_signatures.add(numerator=metre[0], denominator=metre[1])
    for pitch, start, end in notes:
        sequence.notes.add(pitch=pitch, start_time=start * STEP, end_time=end * STEP, velocity=80, **fields)
    sequence.total_time = max([note.end_time for note in sequence.notes], default=0)
    return sequence


def heard(sequence: NoteSequence, bars: int = 1, **options: bool) -> list[list[Note]]:
    """The notes in each window."""
    return [Melody(row).to_notes() for row in melodies_from_note_sequence(sequence, bars, **options)]


BAR = (60, 0, 16)


def test_times_are_rounded_to_the_nearest_step_halves_upwards() -> None:
    assert heard(sequence_of((60, 0.49, 3.5), (62, 4.5, 16))) == [[Note(60, 0, 4), Note(62, 5, 16)]]


def test_a_note_of_no_length_gets_one_step() -> None:
    assert heard(sequence_of((60, 2, 2.1), (62, 8, 16))) == [[Note(60, 2, 3), Note(62, 8, 16)]]


def test_the_grid_follows_the_tempo() -> None:
    sequence = sequence_of((60, 0, 4), (62, 4, 32))
    sequence.tempos[0].qpm = 60
    assert heard(sequence) == [[Note(60, 0, 2), Note(62, 2, 16)]]


def test_only_four_four_gives_melodies_and_two_two_where_allowed() -> None:
    assert [heard(sequence_of(BAR, metre=metre)) for metre in [(3, 4), (2, 4), (6, 8), (2, 2)]] == [[]] * 4
    assert heard(sequence_of(BAR, metre=(2, 2)), allow_two_two=True) == [[Note(*BAR)]]
    assert heard(sequence_of(BAR, metre=None)) == [[Note(*BAR)]]


def test_a_change_of_tempo_or_metre_starts_anew() -> None:
    sequence = sequence_of((60, 0, 16), (62, 16, 24), (64, 32, 48))
    sequence.tempos.add(qpm=60, time=4.0)  # at step 32
    assert heard(sequence, bars=2) == [[Note(60, 0, 16), Note(62, 16, 24)]]
    assert heard(sequence, bars=1) == [[Note(60, 0, 16)], [Note(62, 0, 8)], [Note(64, 0, 8)]]
    sequence = sequence_of((60, 0, 16), (62, 16, 28), (64, 28, 44))
    sequence.time_signatures.add(numerator=3, denominator=4, time=2.0)
    sequence.time_signatures.add(numerator=4, denominator=4, time=3.5)
    assert heard(sequence) == [[Note(60, 0, 16)], [Note(64, 0, 16)]]


def test_drums_other_programs_and_pitches_off_the_piano_are_dropped() -> None:
    assert heard(sequence_of(BAR, is_drum=True)) == []
    assert heard(sequence_of(BAR, program=32)) == []
    assert heard(sequence_of(BAR, program=31)) == [[Note(*BAR)]]
    assert heard(sequence_of((20, 0, 4), (21, 4, 8), (108, 8, 12), (109, 12, 16))) == [
        [Note(21, 4, 8), Note(108, 8, 12)]
    ]


def test_of_equal_onsets_the_highest_pitch_is_kept() -> None:
    assert heard(sequence_of((60, 0, 16), (67, 0, 4), (64, 0, 8))) == [[Note(67, 0, 4)]]


def test_a_later_onset_cuts_the_sounding_note() -> None:
    assert heard(sequence_of((60, 0, 16), (67, 4, 8))) == [[Note(60, 0, 4), Note(67, 4, 8)]]


def test_a_melody_starts_at_the_bar_line_before_its_first_note_and_is_padded_to_one() -> None:
    assert heard(sequence_of((60, 35, 36))) == [[Note(60, 3, 4)]]


def test_a_bar_of_silence_ends_a_melody_and_less_does_not() -> None:
    assert heard(sequence_of((60, 0, 4), (62, 19, 32)), bars=2) == [[Note(60, 0, 4), Note(62, 19, 32)]]
    assert heard(sequence_of((60, 0, 4), (62, 20, 32)), bars=2) == []
    assert heard(sequence_of((60, 0, 4), (62, 20, 32))) == [[Note(60, 0, 4)], [Note(62, 4, 16)]]


def test_windows_move_by_a_bar_and_melodies_shorter_than_one_give_none() -> None:
    sequence = sequence_of((60, 0, 16), (62, 16, 32), (64, 32, 48))
    assert heard(sequence, bars=2) == [
        [Note(60, 0, 16), Note(62, 16, 32)],
        [Note(62, 0, 16), Note(64, 16, 32)],
    ]
    assert heard(sequence, bars=4) == []


def test_a_note_off_before_a_window_s_first_onset_is_a_hold() -> None:
    windows = melodies_from_note_sequence(sequence_of((60, 0, 20), (62, 24, 32)), 1)
    assert windows[1].tolist() == [0] * 8 + [43] + [0] * 7


def test_equal_windows_are_kept_once() -> None:
    sequence = sequence_of((60, 0, 16), (62, 16, 32), (60, 32, 48))
    assert heard(sequence) == [[Note(60, 0, 16)], [Note(62, 0, 16)]]


def test_each_instrument_has_its_own_melody() -> None:
    sequence = sequence_of((60, 0, 16))
    sequence.notes.add(pitch=72, start_time=0, end_time=1, velocity=80, instrument=1)
    assert heard(sequence) == [[Note(60, 0, 16)], [Note(72, 0, 8)]]


def test_a_melody_is_cut_after_a_hundred_bars() -> None:
    notes = [(21 + bar % 80, bar * 16, bar * 16 + 16) for bar in range(104)]
    assert len(melodies_from_note_sequence(sequence_of(*notes), 100)) == 1


def test_a_sequence_without_notes_gives_no_window() -> None:
    assert melodies_from_note_sequence(sequence_of(), 2).shape == (0, 32)


NOTE = st.tuples(st.integers(21, 108), st.integers(0, 150), st.integers(1, 40)).map(
    lambda n: (n[0], n[1], n[1] + n[2])
)


def reference_windows(sequence: NoteSequence, bars: int) -> set[tuple[int, ...]]:
    """What note_seq's Melody extracts, cut into windows; leading note-offs as holds."""
    quantised = sequences_lib.quantize_note_sequence(sequence, steps_per_quarter=4)
    found: set[tuple[int, ...]] = set()
    search = 0
    while True:
        melody = ReferenceMelody()
        melody.from_quantized_sequence(
            quantised, search_start_step=search, gap_bars=1, ignore_polyphonic_notes=True, pad_end=True
        )
        if not len(melody):
            return found
        search = melody.end_step
        tokens = [event + 2 if event < 0 else event - 19 for event in melody]
        for end in range(16 * bars, len(tokens) + 1, 16):
            window = tokens[end - 16 * bars : end]
            first = next((i for i, token in enumerate(window) if token > 1), len(window))
            found.add((*([0] * first), *window[first:]))


@given(st.lists(NOTE, min_size=1, max_size=30), st.integers(1, 3))
@settings(deadline=None, max_examples=80)
def test_windows_are_those_of_note_seq(notes: list[tuple[int, int, int]], bars: int) -> None:
    sequence = sequence_of(*notes)
    ours = melodies_from_note_sequence(sequence, bars)
    assert {tuple(row) for row in ours.tolist()} == reference_windows(sequence, bars)
    assert len(ours) == len(np.unique(ours, axis=0))
