"""Building, splitting, counting and caching the windows of the tune books."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from synvae_core.corpus.abc import FOUR_FOUR, TWO_TWO, Tune, read_tunes
from synvae_core.corpus.midi import play, program
from synvae_core.corpus.sources import BOOKS, ESSEN, CorpusError, book_files
from synvae_core.data.fetching import data_folder
from synvae_core.files import whole_file
from synvae_core.melody import STEPS_PER_BAR, melodies_from_note_sequence

SPLITS = ("train", "validation", "test")
Windows = NDArray[np.uint8]


@dataclass(frozen=True)
class Corpus:
    """Windows of melody tokens, uint8 (N, 16 * bars), by split; no piece is in two splits."""

    train: Windows
    validation: Windows
    test: Windows
    pieces: Mapping[str, NDArray[np.str_]] = field(repr=False)  # split -> (N,) the piece of each window


@dataclass(frozen=True)
class CorpusReport:
    """What a build found: per book its tunes by fate, per book and split its windows, and the file."""

    path: str
    tunes: dict[str, dict[str, int]]
    windows: dict[str, dict[str, int]]
    different: dict[str, int]


@dataclass(frozen=True)
class Piece:
    """One tune played: the piece it is a version of, its split, and its windows by their length in bars."""

    book: str
    name: str
    split: str
    windows: Mapping[int, NDArray[np.int64]]  # bars -> (N, 16 * bars)


def corpus_path(bars: int, *, include_essen: bool = False) -> Path:
    """The cache of one length."""
    return data_folder() / "corpus" / f"{bars}bar{'-essen' if include_essen else ''}.npz"


def load_corpus(bars: int, *, include_essen: bool = False) -> Corpus:
    """The cached corpus; CorpusError if it was not built yet or is damaged."""
    path = corpus_path(bars, include_essen=include_essen)
    if not path.exists():
        raise CorpusError(f"{path} is missing; build it with 'python -m synvae_core corpus --bars {bars}'.")
    try:
        with np.load(path) as arrays:
            pieces = {split: arrays[f"{split}_pieces"] for split in SPLITS}
            return Corpus(arrays["train"], arrays["validation"], arrays["test"], pieces)
    except (OSError, EOFError, KeyError, TypeError, ValueError, BadZipFile) as error:
        raise CorpusError(f"{path} is damaged; delete it and build it again.") from error


def build_corpus(*bars: int, include_essen: bool = False) -> list[CorpusReport]:
    """Builds and caches the windows of each length, reading every book once; returns the counts."""
    program()
    tunes: dict[str, dict[str, int]] = {}
    pieces: list[Piece] = []
    for book in (*BOOKS, ESSEN) if include_essen else BOOKS:
        fates: Counter[str] = Counter()
        for path in book_files(book):
            for tune in read_tunes(path, book):
                fates["tunes"] += 1
                pieces += _read(tune, bars, fates)
        tunes[book] = dict(fates)
    return [_save(n, pieces, tunes, corpus_path(n, include_essen=include_essen)) for n in bars]


def split_of(piece: str) -> str:
    """The split of a piece, 90 / 5 / 5 by a hash of its name, so that it never changes."""
    share = int(hashlib.sha256(piece.encode()).hexdigest()[:8], 16) / 2**32
    return "train" if share < 0.90 else "validation" if share < 0.95 else "test"


def _read(tune: Tune, bars: Iterable[int], fates: Counter[str]) -> list[Piece]:
    """The tune as a piece, or nothing; counts which and why."""
    if not tune.metres or not set(tune.metres) <= FOUR_FOUR | TWO_TWO:
        fates["other metre"] += 1
        return []
    if tune.voices > 1:
        fates["several voices"] += 1
        return []
    played = play(tune)
    if played is None:
        fates["unreadable"] += 1
        return []
    fates["pieces"] += 1
    windows = {n: melodies_from_note_sequence(played.sequence, n) for n in bars}
    return [Piece(tune.book, tune.piece, split_of(tune.piece), windows)]


def _save(bars: int, pieces: list[Piece], tunes: dict[str, dict[str, int]], path: Path) -> CorpusReport:
    """Writes one length's cache in one move and counts it."""
    arrays: dict[str, np.ndarray] = {}
    for split in SPLITS:
        arrays[split], arrays[f"{split}_pieces"] = _gather(bars, [p for p in pieces if p.split == split])
    for split in ("validation", "test"):
        _drop_known(arrays, split, arrays["train"])
    with whole_file(path) as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    counts = {book: dict.fromkeys(SPLITS, 0) for book in tunes}
    for piece in pieces:
        counts[piece.book][piece.split] += len(piece.windows[bars])
    return CorpusReport(str(path), tunes, counts, {split: len(arrays[split]) for split in SPLITS})


def _gather(bars: int, pieces: list[Piece]) -> tuple[Windows, NDArray[np.str_]]:
    """The different sounding windows of some pieces, and the piece each was first seen in."""
    empty = np.zeros((0, bars * STEPS_PER_BAR), dtype=np.int64)
    windows = np.concatenate([empty, *(p.windows[bars] for p in pieces)]).astype(np.uint8)
    names = np.array([p.name for p in pieces for _ in p.windows[bars]], dtype=np.str_)
    sounding = np.flatnonzero((windows > 1).any(axis=1))
    _, first = np.unique(windows[sounding], axis=0, return_index=True)
    kept = sounding[np.sort(first)]
    return windows[kept], names[kept]


def _drop_known(arrays: dict[str, np.ndarray], split: str, known: Windows) -> None:
    """Takes out of a held-out split the windows that some training piece happens to share."""
    seen = {row.tobytes() for row in known}
    new = np.array([row.tobytes() not in seen for row in arrays[split]], dtype=bool)
    arrays[split] = arrays[split][new]
    arrays[f"{split}_pieces"] = arrays[f"{split}_pieces"][new]
