"""Conditions side by side: each one's accuracy, and how far it lies from the first one's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from analysis import conditions
from analysis.answers import Answer
from analysis.errors import AnalysisError, NoAnswers
from analysis.exclusions import Rules
from analysis.intervals import CHUNK, LEVEL, drawn, weighted_accuracy
from analysis.matrix import AnswerMatrix, to_matrix
from analysis.review.sensitivity import sensitivity
from analysis.summary import Bootstrap, Described, Summary, summarise
from analysis.values import Interval, Range, Undefined

PERMUTATIONS = 9999


class OtherChances(AnalysisError):
    """Tables can't be compared by accuracy, since guessing gets more in one of them."""


@dataclass(frozen=True)
class Difference:
    """How far a condition's accuracy lies from that of another.

    interval  95 % over new volunteers and new trials: trials are drawn for both conditions together where
              both have the same ones, and volunteers within each (a crossed bootstrap of the difference)
    p         two-sided, by drawing anew which volunteer was in which condition, as chance had assigned them
              (Fisher's randomisation test); speaks about these trials
    same_trials  whether both met the same trials
    """

    condition: str
    against: str
    difference: float
    interval: Range
    p: float
    same_trials: bool = True


@dataclass(frozen=True)
class Comparison:
    """The numbers of every condition, and the difference of each from the first one that is named."""

    summaries: tuple[Summary, ...]
    differences: tuple[Difference, ...]
    without_answers: tuple[str, ...] = ()
    permutations: int = PERMUTATIONS
    bootstrap: Bootstrap = field(default_factory=Bootstrap)


def compare(
    answers: Iterable[Answer] | AnswerMatrix,
    order: Sequence[str] = (),
    *,
    described: Described = "exclude",
    rules: Rules | None = None,
    bootstrap: Bootstrap | None = None,
    permutations: int = PERMUTATIONS,
) -> Comparison:
    """Summarise each condition of these answers and compare it with the first.

    `order` names the conditions as they are to be listed (alphabetically otherwise); a condition of which
    nobody is counted is named in `without_answers`. `rules` of exclusion leave out of each condition whom
    they leave out of its own summary; without any, only finished sessions are counted.

    Raises NoAnswers where nobody is counted in any condition, ConditionNeeded where `order` leaves one out.
    """
    every = answers if isinstance(answers, AnswerMatrix) else to_matrix(answers)
    if order and (missing := set(every.condition) - set(order)):
        raise conditions.ConditionNeeded(f"The order leaves out {', '.join(sorted(missing))}.")
    drawing = _Drawing(bootstrap or Bootstrap(), permutations)
    return _compared(conditions.apart(every, order), _Counting(described, rules), drawing)


def compare_tables(
    tables: Sequence[tuple[str, Sequence[Answer]]],
    *,
    described: Described = "exclude",
    rules: Rules | None = None,
    bootstrap: Bootstrap | None = None,
    permutations: int = PERMUTATIONS,
) -> Comparison:
    """Compare whole studies, such as of two models, by (name, answers); each holds one condition at most.

    Volunteers of two tables are other people, whatever their sessions are called. Where two tables show the
    same images in the same trials (by option ids), trials are drawn for both together, otherwise for each.

    Raises ConditionNeeded where a table holds several conditions or two have one name; OtherChances where
    guessing gets more in one than in another; NoAnswers as `compare` does.
    """
    names = [name for name, _ in tables]
    if len(set(names)) < len(names):
        raise conditions.ConditionNeeded("Two tables have the same name; give each a name of its own.")
    laid_out = {
        name: to_matrix(replace(answer, condition=name) for answer in conditions.only(answers))
        for name, answers in tables
    }
    images = {name: _images(answers) for name, answers in tables}
    drawing = _Drawing(bootstrap or Bootstrap(), permutations, images)
    return _compared(laid_out, _Counting(described, rules), drawing)


def _images(answers: Sequence[Answer]) -> dict[int, frozenset[tuple[str, str, bool]]]:
    """By trial its images: class, id, and whether the clip was made from it; without ids nothing is known."""
    return {
        answer.trial: frozenset(
            (name, id_, name == answer.truth)
            for name, id_ in zip(answer.options, answer.option_ids, strict=False)
        )
        for answer in answers
    }


@dataclass(frozen=True)
class _Drawing:
    """How differences are drawn; `images` of each table by trial, or None within one study."""

    bootstrap: Bootstrap
    permutations: int
    images: dict[str, dict[int, frozenset[tuple[str, str, bool]]]] | None = None

    def same_trials(self, one: Summary, other: Summary) -> bool:
        """Whether both met the same trials: within a study always, else where their images are the same."""
        if self.images is None:
            return True
        mine, theirs = self.images[one.condition], self.images[other.condition]
        return mine == theirs and all(mine.values())


@dataclass(frozen=True)
class _Counting:
    """Whom of each condition, or table, is counted."""

    described: Described
    rules: Rules | None

    def summary(self, table: AnswerMatrix, name: str, bootstrap: Bootstrap) -> Summary | None:
        """The numbers of one, or None where nobody is counted."""
        try:
            found = summarise(table, described=self.described, rules=self.rules, bootstrap=bootstrap)
        except NoAnswers:
            return None
        return replace(found, condition=name)


def _compared(every: dict[str, AnswerMatrix], counting: _Counting, drawing: _Drawing) -> Comparison:
    found = {name: counting.summary(table, name, drawing.bootstrap) for name, table in every.items()}
    summaries = tuple(summary for summary in found.values() if summary)
    if not summaries:
        raise NoAnswers("Nobody can be counted in any condition yet.")
    if drawing.images is not None:
        _refuse_other_chances(summaries)
    tables = [_table(every[summary.condition], summary) for summary in summaries]
    return Comparison(
        summaries=summaries,
        differences=tuple(
            _difference(summaries[0], tables[0], summary, table, drawing)
            for summary, table in zip(summaries[1:], tables[1:], strict=True)
        ),
        without_answers=tuple(name for name, summary in found.items() if not summary),
        permutations=drawing.permutations,
        bootstrap=drawing.bootstrap,
    )


def _refuse_other_chances(summaries: Sequence[Summary]) -> None:
    if len({frozenset(len(trial.options) for trial in summary.trials) for summary in summaries}) < 2:
        return
    told = "; ".join(
        f"{one.condition}: accuracy {one.accuracy:.3f}, chance {one.chance:.3f}, {_d_prime(one)}"
        for one in summaries
    )
    raise OtherChances(
        "These tables offer other numbers of options, so guessing gets more in one than in another and their "
        f"accuracies can't be compared; d' can. {told}."
    )


def _d_prime(summary: Summary) -> str:
    found = sensitivity(summary)
    return "no d'" if isinstance(found, Undefined) else f"d' {found.value:.3f}"


def _table(table: AnswerMatrix, summary: Summary) -> AnswerMatrix:
    counted = {score.session for score in summary.volunteers}
    return table.only_sessions(session in counted for session in table.sessions)


def _difference(
    first: Summary, first_table: AnswerMatrix, other: Summary, other_table: AnswerMatrix, drawing: _Drawing
) -> Difference:
    same = drawing.same_trials(first, other)
    drawn_by = drawing.bootstrap
    return Difference(
        condition=other.condition,
        against=first.condition,
        difference=other.accuracy - first.accuracy,
        interval=crossed_interval(other_table, first_table, drawn_by, same_trials=same),
        p=randomisation_p(_accuracies(other), _accuracies(first), drawing.permutations, drawn_by.seed),
        same_trials=same,
    )


def _accuracies(summary: Summary) -> NDArray[np.float64]:
    return np.sort([score.accuracy for score in summary.volunteers])


def randomisation_p(
    one: NDArray[np.float64], other: NDArray[np.float64], permutations: int, seed: int
) -> float:
    """Two-sided p of the difference of two means when labels are drawn anew: (1 + as far) / (1 + drawn)."""
    pooled = np.concatenate([one, other])
    n, seen = len(one), abs(float(one.mean() - other.mean()))
    rng = np.random.default_rng(seed)
    step = max(1, CHUNK // len(pooled))
    as_far = 0
    for start in range(0, permutations, step):
        shuffled = rng.permuted(np.tile(pooled, (min(step, permutations - start), 1)), axis=1)
        drawn = np.abs(shuffled[:, :n].mean(axis=1) - shuffled[:, n:].mean(axis=1))
        as_far += int((drawn >= seen - 1e-12).sum())
    return (1 + as_far) / (1 + permutations)


def crossed_interval(
    one: AnswerMatrix,
    other: AnswerMatrix,
    bootstrap: Bootstrap,
    level: float = LEVEL,
    *,
    same_trials: bool = True,
) -> Range:
    """Percentile interval of the difference of two mean accuracies, one less other, over people and items.

    Trials are drawn for both together, or, without `same_trials`, for each anew.
    """
    if same_trials and one.trials != other.trials:
        return Undefined("The two conditions have no answers to the same trials, so this has no interval.")
    smallest = min(len(one.sessions), len(other.sessions), len(one.trials), len(other.trials))
    if smallest < 2:
        return Undefined("This interval resamples volunteers and trials and needs two of each in both.")
    rng = np.random.default_rng(bootstrap.seed)
    items = drawn(rng, bootstrap.draws, len(one.trials))
    mine = _resampled(one, items, rng)
    others = items if same_trials else drawn(rng, bootstrap.draws, len(other.trials))
    differences = mine - _resampled(other, others, rng)
    low, high = np.nanquantile(differences, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), "crossed bootstrap over volunteers and trials", level)


def _resampled(
    table: AnswerMatrix, items: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Mean accuracy in each draw (B,), its trials weighted by items (B, T)."""
    # Sorting makes the same draws fall on the same people, whatever the order or names of the sessions.
    rows = np.lexsort((table.correct.astype(int) + table.answered).T)
    correct, answered = table.correct[rows].astype(float), table.answered[rows].astype(float)
    people = drawn(rng, len(items), len(rows))
    return weighted_accuracy(correct, answered, people, items)
