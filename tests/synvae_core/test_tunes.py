"""Anybody's music files as melodies, and the command that turns them into pictures."""

import io
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pretty_midi
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from note_seq import midi_io
from PIL import Image

from synvae_core.cli import main
from synvae_core.melody import Melody, MelodyError, Note
from synvae_core.melody.tunes import Tune, read_tune
from synvae_core.training.checkpoint import load_tensors
from synvae_core.training.models import StoredReverse, load_reverse, save_model, weights_digest
from tests.synvae_core.tiny import MUSICAL

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


ABC = "X:1\nT:One\nM:4/4\nL:1/8\nK:G\nG2AB c2d2|:e4 f4:|\n\nX:2\nT:Two\nM:3/4\nK:C\nCDE|\n"


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


def test_a_picture_s_melody_becomes_its_reconstruction(tiny_synvae: Path, tmp_path: Path) -> None:
    Image.new("L", (28, 28), 255).save(tmp_path / "white.png")
    model = ["--model", str(tiny_synvae)]
    assert main(["translate", str(tmp_path / "white.png"), "-o", str(tmp_path / "out"), *model]) == 0
    assert main(["translate", str(tmp_path / "out/white.mid"), "-o", str(tmp_path / "back.PNG"), *model]) == 0
    with (
        Image.open(tmp_path / "back.PNG") as back,
        Image.open(tmp_path / "out/white-reconstruction.png") as there,
    ):
        np.testing.assert_array_equal(np.asarray(back), np.asarray(there))


@pytest.fixture
def reverse(tiny_synvae: Path, tmp_path: Path) -> Path:
    """The folder of a tiny SynVAE of melodies, made of the halves of one of images."""
    visual, music = tiny_synvae / "visvae", tiny_synvae.parent / "music"
    stored = StoredReverse(model=MUSICAL, pictures=str(visual), pictures_digest=weights_digest(visual))
    save_model(tmp_path / "reverse", stored, load_tensors(music / "model.safetensors")[0])
    return tmp_path / "reverse"


def test_a_model_of_melodies_imagines_with_its_own_halves_and_takes_no_pictures(
    reverse: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = ["--model", str(reverse), "-o", str(tmp_path / "out")]
    tune = midi(tmp_path / "a.mid", track(SCALE))
    assert main(["translate", str(tune), *model]) == 0
    synvae = load_reverse(reverse)
    heard = torch.tensor(read_tune(tune, 32).melody.tokens[np.newaxis])
    with torch.no_grad():
        expected = synvae.express(synvae.encode(heard)[0])[0, 0]
    with Image.open(tmp_path / "out" / "a.png") as shown:
        seen = np.asarray(shown)[::10, ::10]
    np.testing.assert_array_equal(seen, np.rint(expected.numpy() * 255))
    capsys.readouterr()
    assert main(["translate", str(tmp_path / "out" / "a.png"), *model]) == 2
    assert "was trained to turn melodies into pictures" in capsys.readouterr().err


def test_a_folder_of_melodies_becomes_pictures_and_says_what_was_read(
    tiny_synvae: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "tunes"
    folder.mkdir()
    midi(folder / "a.mid", track(SCALE))
    midi(folder / "b.MIDI", track([(36, 0, 4)], drums=True))
    (folder / "c.abc").write_text(ABC)
    (folder / "notes.txt").write_text("not a tune")
    arguments = ["translate", str(folder), "-o", str(tmp_path / "out"), "--model", str(tiny_synvae)]
    assert main(arguments) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        f"{folder}/a.mid: 8 notes, C4 to G4, 4.0 notes a bar, 4.0 s; bars 1 to 2 of 4",
        f"  {tmp_path}/out/a.png",
        f"{folder}/c.abc: 7 notes, G4 to F#5, 3.5 notes a bar, 4.0 s; bars 1 to 2 of 3",
        f"  {tmp_path}/out/c.png",
    ]
    assert printed.err.splitlines() == [
        f"left out: {folder}/b.MIDI cannot be heard as a melody: it has no melody, only 1 drum note.",
        "  left out: 1 more tune",
    ]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.png", "c.png"]
    assert main([*arguments, "--bar", "3", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)["tunes"][0]
    assert (report["tune"], report["bars"]) == (f"{folder}/a.mid", {"first": 3, "last": 4, "of": 4})


def test_melodies_that_cannot_be_translated_are_refused_in_one_sentence(
    tiny_synvae: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tune = str(midi(tmp_path / "a.mid", track(SCALE)))
    other = str(midi(tmp_path / "b.mid", track(SCALE)))
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    for arguments, sentence in {
        (tune, "picture.png"): "Pictures and melodies cannot be translated at once: leave out picture.png",
        (str(tmp_path / "empty"),): "holds no melodies (.abc, .mid, .midi)",
        (
            tune,
            other,
            "-o",
            "one.png",
        ): "2 melodies become as many pictures: give a folder instead of one.png",
        (tune, "--bar", "9"): "it has 4 bars, and no bar 9",
        (tune, "-o", str(tmp_path / "file" / "a.png")): "a.png cannot be written (File exists)",
    }.items():
        assert main(["translate", *arguments, "--model", str(tiny_synvae)]) == 2
        printed = capsys.readouterr()
        assert sentence in printed.err
        assert (printed.err.count("\n"), printed.out) == (1, "")
