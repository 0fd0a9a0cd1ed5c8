"""Small studies and published tables that several tests use."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from analysis import Answer, Summary
from analysis.tables import summary_object

DIGITS = ("0", "1", "4")

# Fleiss (1971), table 1: 30 patients, 5 diagnoses, 6 psychiatrists; kappa .430
FLEISS_1971 = np.array(
    [
        [0, 0, 0, 6, 0], [0, 3, 0, 0, 3], [0, 1, 4, 0, 1], [0, 0, 0, 0, 6], [0, 3, 0, 3, 0],
        [2, 0, 4, 0, 0], [0, 0, 4, 0, 2], [2, 0, 3, 1, 0], [2, 0, 0, 4, 0], [0, 0, 0, 0, 6],
        [1, 0, 0, 5, 0], [1, 1, 0, 4, 0], [0, 3, 3, 0, 0], [1, 0, 0, 5, 0], [0, 2, 0, 3, 1],
        [0, 0, 5, 0, 1], [3, 0, 0, 1, 2], [5, 1, 0, 0, 0], [0, 2, 0, 4, 0], [1, 0, 2, 0, 3],
        [0, 0, 0, 0, 6], [0, 1, 0, 5, 0], [0, 2, 0, 1, 3], [2, 0, 0, 4, 0], [1, 0, 0, 4, 1],
        [0, 5, 0, 1, 0], [4, 0, 0, 0, 2], [0, 2, 0, 4, 0], [1, 0, 5, 0, 0], [0, 0, 0, 0, 6],
    ]
)  # fmt: skip

# Wikipedia, "Fleiss' kappa", worked example: 10 subjects, 5 categories, 14 raters; kappa .210
WIKIPEDIA = np.array(
    [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]
)  # fmt: skip


def study(choices: Sequence[str], truths: str, classes: Sequence[str] = DIGITS) -> list[Answer]:
    """One string of choices per session, one character per trial; a space is a missing answer."""
    return [
        Answer(f"s{row}", trial, tuple(classes), truth, chosen)
        for row, line in enumerate(choices, start=1)
        for trial, (chosen, truth) in enumerate(zip(line, truths, strict=True), start=1)
        if chosen != " "
    ]


def from_counts(counts: NDArray[np.int64]) -> list[Answer]:
    """Answers whose counts (trials, classes) are the given ones; the truth is always the first class."""
    classes = tuple("abcdefgh"[: counts.shape[1]])
    return [
        Answer(f"s{rater}", trial, classes, truth="a", choice=chosen)
        for trial, row in enumerate(counts.tolist(), start=1)
        for rater, chosen in enumerate(name for name, n in zip(classes, row, strict=True) for _ in range(n))
    ]


def simulated(sessions: int, trials: int, classes: Sequence[str] = DIGITS, seed: int = 1) -> list[Answer]:
    """Volunteers who know about half of the answers and guess the others."""
    rng = np.random.default_rng(seed)
    shape = (sessions, trials)
    guesses, knows = rng.integers(0, len(classes), shape), rng.random(shape) < 0.5
    return [
        Answer(
            f"s{row}",
            trial + 1,
            tuple(classes),
            truth := classes[trial % len(classes)],
            truth if knows[row, trial] else classes[guesses[row, trial]],
            order=trial + 1,
            position=int(guesses[row, trial]),
            response_ms=1500 + trial,
            plays=1,
        )
        for row in range(sessions)
        for trial in range(trials)
    ]


def by_name(summary: Summary) -> dict[str, Any]:
    """The numbers of a summary without the order in which classes are listed."""
    numbers = summary_object(summary)
    numbers["classes"] = sorted(numbers["classes"])
    numbers["per_class"] = {score["class"]: score for score in numbers["per_class"]}
    return numbers


@st.composite
def studies(draw: st.DrawFn, missing: bool = True) -> list[Answer]:
    """Any small study: 1-5 sessions, 1-5 trials, 2-4 classes, with or without missing answers."""
    classes = tuple("abcd"[: draw(st.integers(2, 4))])
    sessions, trials = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    truths = draw(st.lists(st.sampled_from(classes), min_size=trials, max_size=trials))
    complete = draw(st.lists(st.booleans(), min_size=sessions, max_size=sessions))
    complete[0] = True
    chosen = st.sampled_from((*classes, None) if missing else classes)
    answers = [
        Answer(f"s{row}", trial + 1, classes, truths[trial], choice, session_complete=complete[row])
        for row in range(sessions)
        for trial in range(trials)
        if (choice := draw(chosen)) is not None
    ]
    first = Answer("s0", 1, classes, truths[0], truths[0])
    return answers if any(answer.session_complete for answer in answers) else [*answers, first]
