"""The corpus: tunes read, aligned to the bar, split by piece, counted and cached."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from synvae_core.corpus import CorpusError, build_corpus, load_corpus
from synvae_core.corpus.abc import Tune, first_bar, plain_body, read_tunes
from synvae_core.corpus.build import split_of
from synvae_core.corpus.midi import play
from synvae_core.melody import Melody, Note, melodies_from_note_sequence

BOOK = """% A book of tunes

X:1
T:The Plain Tune
M:4/4
L:1/8
K:G
G2A2 B2c2 | d2B2 G4 |

X:2
T:Plain Tune, The -- Reel
T:Its Other Name
M: C|
L:1/4
K:C
"C"c{e}d .e~f | (gc) !trill!c2 |]

X:3
T:The Jig
M:6/8
L:1/8
K:D
d2d def |

X:4
T:Two Fifes
M:4/4
L:1/8
K:C
V:1
c8 |
V:2
e8 |
"""


@pytest.fixture
def tunes(tmp_path: Path) -> list[Tune]:
    path = tmp_path / "book.abc"
    path.write_text(BOOK)
    return list(read_tunes(path, "book"))


def tune_of(*body: str, unit: str = "1/8") -> Tune:
    return Tune("book", "1", "A tune", ("C|",), 0, unit, "C", body)


def bars_of(tune: Tune) -> list[list[Note]]:
    """The notes of each bar that is different, as the corpus sees them."""
    played = play(tune)
    assert played is not None
    return [Melody(row).to_notes() for row in melodies_from_note_sequence(played.sequence, 1)]


def test_a_book_is_cut_into_tunes_with_their_metres_and_voices(tunes: list[Tune]) -> None:
    assert [(t.number, t.title, t.metres, t.voices) for t in tunes] == [
        ("book/1", "The Plain Tune", ("4/4",), 0),
        ("book/2", "Plain Tune, The", ("C|",), 0),
        ("book/3", "The Jig", ("6/8",), 0),
        ("book/4", "Two Fifes", ("4/4",), 2),
    ]


def test_one_title_in_two_spellings_is_one_piece(tunes: list[Tune]) -> None:
    assert tunes[0].piece == tunes[1].piece == "plain tune"


def test_ornaments_chord_names_and_slurs_are_no_notes(tunes: list[Tune]) -> None:
    assert plain_body(tunes[1]) == ["cd ef | gc c2 |]"]
    assert bars_of(tunes[1]) == [
        [Note(72, 0, 4), Note(74, 4, 8), Note(76, 8, 12), Note(77, 12, 16)],
        [Note(79, 0, 4), Note(72, 4, 8), Note(72, 8, 16)],
    ]


def test_tuplets_and_inline_keys_survive_while_letters_over_notes_go() -> None:
    assert plain_body(tune_of("(3ABc T(de) [K:D] vf2 [M:C|] Hg2")) == ["(3ABc de [K:D] f2  g2"]


def test_the_first_bar_ends_at_the_first_bar_line_after_a_note() -> None:
    assert first_bar(["|: c2", "d2 | e8 |"]) == [" c2", "d2 |"]


def test_a_pickup_comes_before_the_first_bar_line() -> None:
    pickup = [Note(67, 12, 16)]
    whole = [Note(72, 0, 8), Note(76, 8, 16)]
    last = [Note(72, 0, 12)]
    assert bars_of(tune_of("G2 | c4 e4 | c6 |]")) == [pickup, whole, last]


def test_repeats_and_their_endings_are_played() -> None:
    tune = tune_of("|: c8 |1 d8 :|2 e8 |]")
    played = play(tune)
    assert played is not None
    heard = melodies_from_note_sequence(played.sequence, 4)
    assert [[n.pitch for n in Melody(row).to_notes()] for row in heard] == [[72, 74, 72, 76]]


def test_what_is_no_music_is_unreadable() -> None:
    assert play(tune_of("")) is None


def test_pieces_are_split_ninety_five_five_and_always_alike() -> None:
    splits = [split_of(f"tune {i}") for i in range(4000)]
    shares = {name: splits.count(name) / 4000 for name in ("train", "validation", "test")}
    assert shares == pytest.approx({"train": 0.90, "validation": 0.05, "test": 0.05}, abs=0.015)
    assert [split_of("plain tune"), split_of("hiawatha")] == [split_of("plain tune"), "train"]


def scale(number: int) -> str:
    """A tune of two bars that no other number has, and a bar that all of them share."""
    notes = "CDEFGABcdefgab"
    own = " ".join(notes[(number // 14**i + i) % 14] for i in range(8))
    return f"X:{number}\nT:Tune {number}\nM:4/4\nL:1/8\nK:C\n{own} | c8 |\n\n"


@pytest.fixture
def books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder whose wheel holds three small books."""
    monkeypatch.setenv("EARSIGHT_DATA", str(tmp_path))
    (tmp_path / "downloads").mkdir()
    with zipfile.ZipFile(tmp_path / "downloads" / "music21-10.5.1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("music21/corpus/oneills1850/1.abc", "".join(scale(i) for i in range(30)))
        wheel.writestr("music21/corpus/airdsAirs/1.abc", BOOK)
        wheel.writestr("music21/corpus/ryansMammoth/1.abc", scale(3))
        wheel.writestr("music21/corpus/essenFolksong/1.abc", scale(99))
    return tmp_path


def test_a_corpus_is_built_counted_and_cached_by_piece(books: Path) -> None:
    [report] = build_corpus(1)
    assert report.tunes == {
        "oneills1850": {"tunes": 30, "pieces": 30},
        "airdsAirs": {"tunes": 4, "pieces": 2, "other metre": 1, "several voices": 1},
        "ryansMammoth": {"tunes": 1, "pieces": 1},
    }
    corpus = load_corpus(1)
    assert report.path == str(books / "corpus" / "1bar.npz")
    assert sum(report.windows["oneills1850"].values()) == 60
    assert report.different == {
        "train": len(corpus.train),
        "validation": len(corpus.validation),
        "test": len(corpus.test),
    }
    pieces = [set(corpus.pieces[split]) for split in ("train", "validation", "test")]
    assert sum(map(len, pieces)) == len(set.union(*pieces))
    assert all(split_of(piece) == "train" for piece in pieces[0])


def test_no_window_is_there_twice_nor_in_training_and_held_out(books: Path) -> None:
    build_corpus(1)
    corpus = load_corpus(1)
    everything = np.concatenate([corpus.train, corpus.validation, corpus.test])
    assert everything.dtype == np.uint8
    held_out = np.concatenate([corpus.validation, corpus.test])
    shared = {row.tobytes() for row in corpus.train} & {row.tobytes() for row in held_out}
    assert (len(np.unique(corpus.train, axis=0)), shared) == (len(corpus.train), set())


def test_essen_is_read_only_when_asked_for_and_kept_apart(books: Path) -> None:
    [report] = build_corpus(1, include_essen=True)
    assert report.tunes["essenFolksong"] == {"tunes": 1, "pieces": 1}
    assert report.path == str(books / "corpus" / "1bar-essen.npz")
    with pytest.raises(CorpusError, match="python -m synvae_core corpus --bars 1"):
        load_corpus(1)


def test_a_broken_wheel_is_named(books: Path) -> None:
    wheel = books / "downloads" / "music21-10.5.1-py3-none-any.whl"
    wheel.write_bytes(b"half a download")
    with pytest.raises(CorpusError, match="delete it and run this again"):
        build_corpus(1)


def test_a_missing_abc2midi_is_one_sentence(books: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(books))
    with pytest.raises(CorpusError, match="apt-get install abcmidi"):
        build_corpus(1)


def test_a_damaged_cache_says_to_build_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARSIGHT_DATA", str(tmp_path))
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "4bar.npz").write_text("half a file")
    with pytest.raises(CorpusError, match="is damaged; delete it and build it again"):
        load_corpus(4)
