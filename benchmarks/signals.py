"""What can be guessed from what a browser fetched of a trial. See `benchmarks.leaks`."""

from __future__ import annotations

import io
import math
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler

LEVEL = 0.01
EXPECTED_TO_DIFFER = {"Content-Length", "Date", "X-Request-Id"}


@dataclass(frozen=True)
class Fetched:
    """An answer of the server; `seconds` to its first byte."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float


@dataclass(frozen=True)
class Seen:
    """A trial as a browser met it; `truth` (a place on the screen) and `trial` it was not told."""

    trial: str
    truth: int
    number: int
    token: str
    clip: Fetched
    pictures: tuple[Fetched, ...] = ()  # a sound of a headphone check has none
    words: tuple[str, ...] = ()
    markup: tuple[str, ...] = ()
    receipt: Fetched | None = None
    chosen: int = -1


@dataclass(frozen=True)
class Tried:
    """What came of a signal. `share` of right guesses (of receipts: the area under the curve)."""

    name: str
    share: float
    p: float
    leaks: bool = False


Guess = Callable[[Seen], int]
Feature = Callable[[Seen], list[float]]  # one number for each picture


def ink(picture: Fetched) -> float:
    """Return how dark a picture is."""
    return float(np.asarray(Image.open(io.BytesIO(picture.body)).convert("L"), dtype=float).mean())


def oddness(things: Sequence[object]) -> list[float]:
    """Return for each thing how many others are not like it."""
    return [float(sum(thing != other for other in things)) for thing in things]


def headers(fetched: Fetched) -> tuple[tuple[str, str], ...]:
    """Return what may tell one file from another."""
    return tuple(sorted((k, v) for k, v in fetched.headers.items() if k not in EXPECTED_TO_DIFFER))


def distance(values: Sequence[float], to: float, ring: int) -> list[float]:
    """Return how far each value lies from another one, both taken modulo `ring`."""
    return [min((value - to) % ring, (to - value) % ring) for value in values]


FEATURES: dict[str, Feature] = {
    "place on the screen": lambda seen: [0.0, 1.0, 2.0],
    "size": lambda seen: [len(picture.body) for picture in seen.pictures],
    "size beside the clip's": lambda seen: distance(
        [len(picture.body) for picture in seen.pictures], len(seen.clip.body), 256
    ),
    "time to first byte": lambda seen: [picture.seconds for picture in seen.pictures],
    "time beside the clip's": lambda seen: [
        abs(picture.seconds - seen.clip.seconds) for picture in seen.pictures
    ],
    "checksum": lambda seen: [zlib.crc32(picture.body) for picture in seen.pictures],
    "checksum beside the clip's": lambda seen: distance(
        [zlib.crc32(picture.body) for picture in seen.pictures], zlib.crc32(seen.clip.body), 2**32
    ),
    "ink": lambda seen: [ink(picture) for picture in seen.pictures],
    "headers unlike the others'": lambda seen: oddness([headers(picture) for picture in seen.pictures]),
    "length of headers": lambda seen: [len(str(headers(picture))) for picture in seen.pictures],
    "markup unlike the others'": lambda seen: oddness(seen.markup),
    "length of words": lambda seen: [len(words) for words in seen.words],
    "number of words": lambda seen: [len(words.split()) for words in seen.words],
}
PLACES: dict[str, Guess] = {
    "the middle": lambda seen: 1,
    "token modulo 3": lambda seen: sum(seen.token.encode()) % 3,
    "number modulo 3": lambda seen: seen.number % 3,
    "clip's size modulo 3": lambda seen: len(seen.clip.body) % 3,
    "clip's checksum modulo 3": lambda seen: zlib.crc32(seen.clip.body) % 3,
    "clip's time modulo 3": lambda seen: int(seen.clip.seconds * 1e6) % 3,
}

RECEIPTS: dict[str, Callable[[Fetched], float]] = {
    "receipt's time": lambda receipt: receipt.seconds,
    "receipt's size": lambda receipt: len(receipt.body),
    "receipt's headers": lambda receipt: len(str(headers(receipt))),
}


def tried(every: Sequence[Seen]) -> list[Tried]:
    """Return what came of each signal, Holm's correction over all of them made, the likeliest leak first."""
    sounds = [seen for seen in every if not seen.pictures]
    every = [seen for seen in every if seen.pictures]
    rows = [_guessed(f"headphones: {name}", guess, sounds) for name, guess in PLACES.items() if sounds]
    rows += [_guessed(name, guess, every) for name, guess in PLACES.items()]
    for name, feature in FEATURES.items():
        informative = [seen for seen in every if len(set(feature(seen))) > 1]
        if informative:
            rows.append(_guessed(f"{name}: largest", _pick(feature, max), informative))
            rows.append(_guessed(f"{name}: smallest", _pick(feature, min), informative))
    rows.append(_learned(every))
    rows += _receipts([seen for seen in every if seen.receipt])
    return _holm(rows)


def _pick(feature: Feature, best: Callable[[list[float]], float]) -> Guess:
    def guess(seen: Seen) -> int:
        values = feature(seen)
        return values.index(best(values))

    return guess


def _guessed(name: str, guess: Guess, every: Sequence[Seen]) -> Tried:
    return _compared(name, [seen.trial for seen in every], [guess(seen) == seen.truth for seen in every])


def _compared(name: str, trials: Sequence[str], right: Sequence[bool]) -> Tried:
    """Compare the shares of right guesses within the trials with one in three."""
    by_trial = defaultdict(list)
    for trial, is_right in zip(trials, right, strict=True):
        by_trial[trial].append(is_right)
    shares = [float(np.mean(one)) for one in by_trial.values()]
    if len(set(shares)) == 1:  # the same in every trial: certain, unless it is what chance would give
        return Tried(name, shares[0], 1.0 if math.isclose(shares[0], 1 / 3) or len(shares) < 3 else 0.0)
    return Tried(name, round(float(np.mean(right)), 4), float(stats.ttest_1samp(shares, 1 / 3).pvalue))


def _learned(every: Sequence[Seen]) -> Tried:
    """Learn from all features together which picture is the source, and guess in trials not learned from."""
    rows = np.array([_ranks(seen) for seen in every])  # (presentations, pictures, features)
    truths = np.array([seen.truth for seen in every])
    groups = np.array([seen.trial for seen in every])
    right = np.zeros(len(every), dtype=bool)
    is_source = np.eye(rows.shape[1], dtype=int)[truths]
    for learn, guess in GroupKFold(5).split(rows, groups=groups):
        scale = StandardScaler().fit(rows[learn].reshape(-1, rows.shape[2]))
        model = LogisticRegression(max_iter=500)
        model.fit(scale.transform(rows[learn].reshape(-1, rows.shape[2])), is_source[learn].ravel())
        scores = model.predict_proba(scale.transform(rows[guess].reshape(-1, rows.shape[2])))[:, 1]
        right[guess] = scores.reshape(len(guess), -1).argmax(axis=1) == truths[guess]
    return _compared("learned from all together", [seen.trial for seen in every], list(right))


def _ranks(seen: Seen) -> list[list[float]]:
    """Return each picture's rank in each feature, so that no unit weighs more than another."""
    columns = [stats.rankdata(feature(seen)) for feature in FEATURES.values()]
    return [list(row) for row in np.array(columns).T]


def _receipts(every: Sequence[Seen]) -> list[Tried]:
    """Compare the receipts for right answers with those for wrong ones."""
    rows = []
    for name, value in RECEIPTS.items():
        right = [value(seen.receipt) for seen in every if seen.receipt and seen.chosen == seen.truth]
        wrong = [value(seen.receipt) for seen in every if seen.receipt and seen.chosen != seen.truth]
        if right and wrong and len({*right, *wrong}) > 1:
            test = stats.mannwhitneyu(right, wrong)
            rows.append(
                Tried(name, round(float(test.statistic) / len(right) / len(wrong), 4), float(test.pvalue))
            )
    return rows


def _holm(rows: Sequence[Tried]) -> list[Tried]:
    ordered = sorted(rows, key=lambda row: row.p)
    done, still = [], True
    for place, row in enumerate(ordered):
        still = still and row.p <= LEVEL / (len(ordered) - place)
        done.append(Tried(row.name, row.share, row.p, leaks=still))
    return done
