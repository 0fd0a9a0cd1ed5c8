"""Melodies: 90 classes <-> notes <-> NoteSequence <-> MIDI, and back to the same tokens."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from synvae_core.melody import (
    CLASSES,
    Melody,
    MelodyError,
    Note,
    canonical_tokens,
    class_of_pitch,
    notes_of_tokens,
    pitch_of_class,
    tokens_of_notes,
)

# Half holds, so that notes have lengths; then note-offs, then onsets.
CLASS = st.one_of(st.just(0), st.integers(0, 1), st.integers(0, CLASSES - 1))
TOKENS = st.integers(1, 80).flatmap(lambda steps: arrays(np.int64, steps, elements=CLASS))
BATCHES = arrays(np.int64, array_shapes(min_dims=2, max_dims=2, max_side=24), elements=CLASS)


def re_read(tokens: np.ndarray) -> np.ndarray:
    """What `canonical_tokens` promises, the slow way: write the notes down and read them again."""
    return tokens_of_notes(notes_of_tokens(tokens), len(tokens))


def test_the_ends_of_the_piano_are_the_first_and_last_onset_class() -> None:
    assert [class_of_pitch(21), class_of_pitch(108)] == [2, 89]
    assert [pitch_of_class(token) for token in range(2, 90)] == list(range(21, 109))


def test_a_note_sounds_until_the_next_onset_a_note_off_or_the_end() -> None:
    melody = Melody(np.array([1, 0, 43, 0, 45, 1, 1, 0, 47, 0]))
    assert melody.to_notes() == [Note(62, 2, 4), Note(64, 4, 5), Note(66, 8, 10)]
    assert melody.canonical() == Melody(np.array([0, 0, 43, 0, 45, 1, 0, 0, 47, 0]))


def test_repeating_a_pitch_strikes_it_again() -> None:
    assert Melody(np.array([43, 43, 0])).to_notes() == [Note(62, 0, 1), Note(62, 1, 3)]


@given(BATCHES)
@settings(deadline=None)
def test_canonical_tokens_are_the_notes_re_read(batch: np.ndarray) -> None:
    canonical = canonical_tokens(batch)
    np.testing.assert_array_equal(canonical, [re_read(row) for row in batch])
    np.testing.assert_array_equal(canonical_tokens(canonical), canonical)


@given(TOKENS)
@settings(deadline=None)
def test_notes_and_note_sequence_give_the_canonical_melody_back(tokens: np.ndarray) -> None:
    melody = Melody(tokens)
    assert Melody.from_notes(melody.to_notes(), len(melody)) == melody.canonical()
    assert Melody.from_note_sequence(melody.to_note_sequence(), len(melody)) == melody.canonical()


@given(tokens=TOKENS)
@settings(deadline=None, max_examples=40)
def test_midi_gives_the_canonical_melody_back(
    tokens: np.ndarray, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("midi") / "melody.mid"
    melody = Melody(tokens)
    melody.save_midi(path)
    assert Melody.from_midi(path, len(melody)) == melody.canonical()


def test_a_note_sequence_is_in_four_four_at_120_with_velocity_80() -> None:
    sequence = Melody(np.array([43, 0, 1, 0])).to_note_sequence()
    [note] = sequence.notes
    assert (note.pitch, note.start_time, note.end_time) == (62, 0.0, 0.25)
    assert (note.velocity, note.program, note.is_drum) == (80, 0, False)
    assert [t.qpm for t in sequence.tempos] == [120.0]
    assert [(s.numerator, s.denominator) for s in sequence.time_signatures] == [(4, 4)]
    assert sequence.total_time == 0.5


def test_without_a_length_a_melody_is_read_to_its_last_whole_bar(tmp_path: Path) -> None:
    silent_end = Melody(np.array([43, 0, 1] + [0] * 29))
    assert Melody.from_note_sequence(silent_end.to_note_sequence()) == silent_end
    silent_end.save_midi(tmp_path / "two_bars.mid")  # MIDI keeps no silence at the end
    assert Melody.from_midi(tmp_path / "two_bars.mid") == Melody(silent_end.tokens[:16])


@pytest.mark.parametrize("tokens", [[[0, 1]], [90], [-1]])
def test_what_is_no_row_of_the_90_classes_is_refused(tokens: list[int]) -> None:
    with pytest.raises(MelodyError, match=r"one row|0\.\.89"):
        Melody(np.array(tokens))


def test_a_file_that_is_no_midi_is_named(tmp_path: Path) -> None:
    path = tmp_path / "fake.mid"
    path.write_text("not music")
    with pytest.raises(MelodyError, match=r"fake\.mid could not be read as a MIDI file"):
        Melody.from_midi(path)


def test_a_melody_cannot_be_changed_and_compares_by_value() -> None:
    tokens = np.array([43, 0])
    melody = Melody(tokens)
    tokens[0] = 44
    assert melody == Melody(np.array([43, 0]))
    assert len({melody, Melody(np.array([43, 0])), Melody(np.array([43, 1]))}) == 2
    with pytest.raises(ValueError, match="read-only"):
        melody.tokens[0] = 50
