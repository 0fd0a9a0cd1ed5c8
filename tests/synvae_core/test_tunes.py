"""Anybody's music files as melodies."""

import io
from contextlib import suppress
from pathlib import Path

import pretty_midi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from note_seq import midi_io

from synvae_core.melody import Melody, MelodyError, Note
from synvae_core.melody.tunes import Tune, read_tune
from tests.synvae_core.tunes_made import ABC, SCALE, midi, track


def notes_of(tune: Tune) -> list[tuple[int, int, int]]:
    return [(note.pitch, note.start, note.end) for note in tune.melody.to_notes()]


def test_a_melody_is_read_as_it_was_written(tmp_path: Path) -> None:
    melody = Melody.from_notes([Note(60, 20, 22), Note(67, 40, 64)], 64)  # silent for a bar first
    melody.save_midi(tmp_path / "m.mid")
    assert read_tune(tmp_path / "m.mid", 64) == Tune(melody, 1, 4, 4, ())


def test_a_shorter_tune_is_followed_by_silence(tmp_path: Path) -> None:
    tune = read_tune(midi(tmp_path / "m.mid", track(SCALE[:5])), 64)
    assert notes_of(tune) == SCALE[:5]
    assert (tune.first_bar, tune.last_bar, tune.bars, len(tune.melody)) == (1, 2, 2, 64)


def test_of_a_longer_tune_the_first_bars_with_notes_are_read_or_those_asked_for(tmp_path: Path) -> None:
    late = [(p, s + 32, e + 32) for p, s, e in SCALE]
    path = midi(tmp_path / "m.mid", track(late))
    tune = read_tune(path, 32)
    assert (notes_of(tune), tune.first_bar, tune.last_bar, tune.bars) == (SCALE[:8], 3, 4, 6)
    tune = read_tune(path, 32, bar=6)
    assert (notes_of(tune), tune.first_bar, tune.last_bar) == (
        [(p, s - 48, e - 48) for p, s, e in SCALE[12:]],
        6,
        6,
    )


def test_a_note_from_before_the_window_is_not_heard_in_it(tmp_path: Path) -> None:
    path = midi(tmp_path / "m.mid", track([(60, 0, 24), (62, 28, 40)]))
    assert notes_of(read_tune(path, 16, bar=2)) == [(62, 12, 16)]


def test_the_grid_follows_the_tempo(tmp_path: Path) -> None:
    path = midi(tmp_path / "m.mid", track(SCALE, beat=60 / 90), tempo=90)
    assert notes_of(read_tune(path, 64)) == SCALE


def test_chords_and_drums_leave_the_highest_notes_and_are_told(tmp_path: Path) -> None:
    chords = [(p + below, s, e) for p, s, e in SCALE for below in (0, -5, -9)]
    drums = track([(36, 4 * k, 4 * k + 1) for k in range(16)], drums=True)
    path = midi(
        tmp_path / "m.mid", drums, track(chords), track([(72, 0, 4)]), track([(50, 0, 4)], program=48)
    )
    tune = read_tune(path, 64)
    assert notes_of(tune) == SCALE
    assert tune.left_out == (
        "1 of 2 voices",
        "32 notes under a higher one",
        "16 drum notes and 1 note of instruments above General MIDI's 32, which carry no melody",
    )
    assert notes_of(read_tune(path, 64, voice=2)) == [(72, 0, 4)]


def test_after_a_change_of_tempo_the_longer_part_is_read(tmp_path: Path) -> None:
    sequence = Melody.from_notes([Note(*note) for note in SCALE], 64).to_note_sequence()
    sequence.tempos.add(time=2.0, qpm=60)  # after the first bar
    midi_io.note_sequence_to_pretty_midi(sequence).write(str(tmp_path / "m.mid"))
    tune = read_tune(tmp_path / "m.mid", 64)
    assert [note.pitch for note in tune.melody.to_notes()] == list(range(64, 76))
    assert tune.left_out == ("1 other part before or after a change of tempo or metre",)


def test_a_part_in_three_four_is_passed_over_and_told(tmp_path: Path) -> None:
    sequence = Melody.from_notes([Note(*note) for note in SCALE], 64).to_note_sequence()
    sequence.time_signatures.add(time=4.0, numerator=3, denominator=4)  # after the second bar
    midi_io.note_sequence_to_pretty_midi(sequence).write(str(tmp_path / "m.mid"))
    tune = read_tune(tmp_path / "m.mid", 64)
    assert [note.pitch for note in tune.melody.to_notes()] == list(range(60, 68))
    assert tune.left_out == ("1 other part before or after a change of tempo or metre",)


@pytest.mark.parametrize("tempo", [b"\0\0\0", b"\0\0\1", b"\xff\xff\xff"])
def test_a_tempo_that_cannot_be_played_does_no_harm(tmp_path: Path, tempo: bytes) -> None:
    content = midi(tmp_path / "m.mid", track(SCALE)).read_bytes()
    (tmp_path / "m.mid").write_bytes(content.replace(b"\xff\x51\x03\x07\xa1\x20", b"\xff\x51\x03" + tempo))
    with suppress(MelodyError):
        assert len(read_tune(tmp_path / "m.mid", 64).melody) == 64


def test_the_first_tune_of_an_abc_book_is_read_with_its_repeats(tmp_path: Path) -> None:
    (tmp_path / "book.abc").write_text(f"X:0\nT:Only a heading\nK:C\n\n{ABC}")
    tune = read_tune(tmp_path / "book.abc", 64)
    first = [(67, 0, 4), (69, 4, 6), (71, 6, 8), (72, 8, 12), (74, 12, 16)]
    assert notes_of(tune) == [*first, (76, 16, 24), (78, 24, 32), (76, 32, 40), (78, 40, 48)]
    assert tune.left_out == ("2 more tunes",)


def refused(path: Path, bar: int | None = None, voice: int = 1) -> str:
    """Why a file is no melody."""
    with pytest.raises(MelodyError) as error:
        read_tune(path, 64, bar=bar, voice=voice)
    start = f"{path} cannot be heard as a melody: "
    assert str(error.value).startswith(start)
    return str(error.value).removeprefix(start)


def test_what_holds_no_melody_says_why(tmp_path: Path) -> None:
    path = tmp_path / "m.mid"
    drums = track([(36, 0, 4)] * 3, drums=True)
    assert refused(midi(path, drums)) == "it has no melody, only 3 drum notes."
    assert refused(midi(path, drums, track([(12, 0, 4)]))) == (
        "it has no melody, only 3 drum notes and 1 note off the piano's keys."
    )
    assert refused(midi(path)) == "it has no notes."
    assert refused(midi(path, track(SCALE), metre=(3, 4))) == (
        "it is in 3/4, and the models know only 4/4 and 2/2."
    )
    assert refused(midi(path, track(SCALE)), bar=5) == "it has 4 bars, and no bar 5."
    assert refused(path, voice=2) == "it has 1 voice with a melody, and no voice 2."
    assert (
        refused(midi(path, track([(60, 0, 16), (62, 160, 170)])), bar=2)
        == "no note begins in the 4 bars from bar 2 on."
    )


def test_what_is_no_music_file_says_so(tmp_path: Path) -> None:
    assert refused(tmp_path / "missing.mid") == "it cannot be opened (No such file or directory)."
    (tmp_path / "text.mid").write_text("no music")
    assert refused(tmp_path / "text.mid") == "it is no MIDI file, or a damaged one; export it again."
    (tmp_path / "text.abc").write_bytes(b"\xff no music")
    assert refused(tmp_path / "text.abc").startswith("it is no ABC that can be read")
    (tmp_path / "many.abc").write_text(
        "X:1\nM:4/4\nL:1/8\nK:C\n|" + ":" * 50_000 + "CDEF" + ":" * 50_000 + "|\n"
    )
    assert refused(tmp_path / "many.abc") == "it plays more than 200,000 notes."
    (tmp_path / "large.mid").write_bytes(bytes(3 * 2**20))
    assert refused(tmp_path / "large.mid") == "it has more than 2 MiB."


def good_files() -> dict[str, bytes]:
    """A MIDI file with chords and drums, and a book of ABC."""
    song, written = pretty_midi.PrettyMIDI(initial_tempo=100), io.BytesIO()
    song.instruments += [track(SCALE), track([(36, 0, 4)], drums=True)]
    song.write(written)
    return {".mid": written.getvalue(), ".abc": ABC.encode()}


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([".mid", ".abc"]),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    st.sampled_from([1.0, 1.0, 0.5]),
)
def test_a_damaged_file_is_a_melody_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, changes: list[tuple[float, int]], keep: float
) -> None:
    content = bytearray(good_files()[suffix])
    content = content[: int(len(content) * keep)]
    for place, value in changes:
        content[int(place * len(content))] = value
    path = tmp_path_factory.mktemp("damaged") / f"tune{suffix}"
    path.write_bytes(content)
    with suppress(MelodyError):
        assert len(read_tune(path, 64).melody) == 64
