"""A study's numbers as the results page words them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.text import slugify

from analysis.values import Undefined
from study.domain import option_pictures, results
from study.models import Condition, Session, Study

if TYPE_CHECKING:
    from analysis import Summary
    from analysis.scores import ClassScore, TrialScore
    from analysis.summary import Described
    from analysis.values import Number, Range

MODE_WORDS = {
    Session.Mode.LIVE: "Volunteers",
    Session.Mode.PILOT: "Pilot",
    Session.Mode.SIMULATED: "Simulated",
}


MOST_NAMED = 6  # missing pictures, before the rest is only counted


@dataclass(frozen=True)
class Tab:
    """One mode of sessions: they are never counted together."""

    mode: str
    word: str
    finished: int
    current: bool


@dataclass(frozen=True)
class Choice:
    """What sessions chose among: pictures, written descriptions, or both counted together."""

    described: Described
    word: str
    finished: int
    current: bool


@dataclass(frozen=True)
class Figure:
    """A number with what it is, and the sentence beside it."""

    name: str
    value: str
    beside: str = ""


@dataclass(frozen=True)
class Cell:
    """A count in a table; `mark` is a CSS class: truth, hit or nothing."""

    text: str
    mark: str = ""


@dataclass(frozen=True)
class Row:
    """A table row with its heading."""

    head: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Report:
    """Everything the page shows about one mode."""

    headline: Figure
    figures: tuple[Figure, ...]
    alt: str
    missing: str  # a sentence about pictures that the chart has to do without, or nothing
    class_names: tuple[str, ...]
    trials: tuple[Row, ...]
    classes: tuple[Row, ...]
    confusion: tuple[Row, ...]
    policy: str


def tabs(counts: Mapping[str, Mapping[str, int]], current: str) -> list[Tab]:
    """Return one tab per mode with its finished sessions."""
    return [
        Tab(mode.value, word, counts.get(mode.value, {}).get("finished", 0), mode.value == current)
        for mode, word in MODE_WORDS.items()
    ]


def choices(kinds: results.Kinds, current: Described) -> list[Choice]:
    """Return one line per way to choose, once somebody has chosen by written descriptions."""
    pictures, words = kinds.pictures_finished, kinds.descriptions_finished
    if not words and current == "exclude":
        return []
    counted: list[tuple[Described, str, int]] = [
        ("exclude", "By pictures", pictures),
        ("only", "By descriptions", words),
        ("include", "Both together", pictures + words),
    ]
    return [Choice(described, word, finished, described == current) for described, word, finished in counted]


def stem(
    study: Study,
    mode: str = Session.Mode.LIVE,
    described: Described = "exclude",
    *,
    passed: bool = False,
    condition: Condition | None = None,
) -> str:
    """Return the beginning of a download's name: study, version, and what is left out unless usual."""
    title = slugify(study.title)[:60] or "study"
    arm = f"-{slugify(condition.name) or condition.place}" if condition else ""
    kind = {"exclude": "", "only": "-by-descriptions", "include": "-both-together"}[described]
    kind += "-headphones" if passed else ""
    return f"{title}-v{study.version}" + ("" if mode == Session.Mode.LIVE else f"-{mode}") + arm + kind


def report(
    study: Study,
    mode: str,
    described: Described = "exclude",
    *,
    passed: bool = False,
    condition: Condition | None = None,
) -> Report | None:
    """Return the report of one mode, or None while nobody has finished."""
    from analysis.figures.alt_text import figure2_alt_text

    try:
        summary = results.summary(study, mode, described=described, passed=passed, condition=condition)
    except results.NoAnswers:
        return None
    policy = _policy(results.kinds(study, mode, passed=passed, condition=condition), described)
    if passed:
        policy += " Only those who passed the headphone check."
    return Report(
        headline=Figure("Accuracy", percent(summary.accuracy), interval(summary.accuracy_interval)),
        figures=_figures(summary, mode, policy),
        alt=figure2_alt_text(summary),
        missing=missing(option_pictures.missing_pictures(study)),
        class_names=summary.class_names,
        trials=tuple(_trial(score, summary.class_names) for score in summary.trials),
        classes=tuple(_class(score) for score in summary.classes),
        confusion=_confusion(summary),
        policy=policy,
    )


def _policy(kinds: results.Kinds, described: Described) -> str:
    """Say which sessions are left out; those without any answer, which no table holds, among them."""
    pictures = kinds.pictures_begun - kinds.pictures_finished
    words = kinds.descriptions_begun - kinds.descriptions_finished
    unfinished = {"exclude": pictures, "only": words, "include": pictures + words}[described]
    said = "All sessions were finished."
    if unfinished:
        said = f"{unfinished} unfinished {'session is' if unfinished == 1 else 'sessions are'} left out."
    return " ".join(filter(None, (said, _by_descriptions(kinds.descriptions_finished, described))))


def _by_descriptions(finished: int, described: Described) -> str:
    """Say what was done with sessions that chose by written descriptions; nothing where there are none."""
    if not finished:
        return ""
    sessions = f"{finished} {'session' if finished == 1 else 'sessions'}"
    return {
        "exclude": f"{sessions} by written descriptions counted apart.",
        "only": "These sessions chose by written descriptions of the pictures.",
        "include": f"{sessions} of these chose by written descriptions of the pictures.",
    }[described]


def missing(pictures: Sequence[tuple[int, str]]) -> str:
    """Say which pictures (trial, id) have gone from the server; nothing where all are there."""
    if not pictures:
        return ""
    named = ", ".join(f"{id_} (trial {trial})" for trial, id_ in pictures[:MOST_NAMED])
    more = f" and {len(pictures) - MOST_NAMED} more" if len(pictures) > MOST_NAMED else ""
    return (
        f"The chart is drawn without pictures that are missing on the server: {named}{more}. The numbers are "
        "complete. The server’s operator can restore the files from a backup."
    )


def percent(share: Number) -> str:
    """Return a share as a percentage with one decimal, or a dash where it is not defined."""
    return f"{100 * share:.1f} %" if not isinstance(share, Undefined) else "–"


def decimal(number: Number) -> str:
    """Return a number with three decimals, or a dash where it is not defined."""
    return f"{number:.3f}" if not isinstance(number, Undefined) else "–"


def interval(found: Range) -> str:
    """Return an interval with its level and method, or the reason why there is none."""
    if isinstance(found, Undefined):
        return str(found)
    return f"{100 * found.level:.0f} % interval {ends(found, 1)} ({found.method})"


def ends(found: Range, digits: int = 0) -> str:
    """Return both ends of an interval as percentages, or a dash where there is none."""
    if isinstance(found, Undefined):
        return "–"
    return f"{100 * found.low:.{digits}f} to {100 * found.high:.{digits}f} %"


def _figures(summary: Summary, mode: str, policy: str) -> tuple[Figure, ...]:
    kappa = "agreement of volunteers, 1 is perfect"
    if isinstance(summary.kappa, Undefined):
        kappa = str(summary.kappa)
    right = len(summary.unanimously_right)
    return (
        Figure("Chance", percent(summary.chance), "what guessing would get"),
        Figure(
            "Sigma",
            decimal(summary.sigma),
            f"spread of volunteers; dividing by n − 1: {decimal(summary.sigma_ddof1)}",
        ),
        Figure("Fleiss’ kappa", decimal(summary.kappa), kappa),
        Figure(
            "Volunteers" if mode == Session.Mode.LIVE else "Sessions",
            str(len(summary.volunteers)),
            f"{summary.answers} answers. {policy}",
        ),
        Figure(
            "All agreed",
            str(len(summary.unanimous)),
            f"trials with one choice for all; {right} of them right",
        ),
    )


def _trial(score: TrialScore, classes: tuple[str, ...]) -> Row:
    shares = dict(zip(score.options, score.shares, strict=True))
    counts = dict(zip(score.options, score.counts, strict=True))
    words = {name: f"{counts.get(name, 0)} ({100 * shares.get(name, 0):.0f} %)" for name in classes}
    cells = [Cell(words[name], "truth" if name == score.truth else "") for name in classes]
    right = (Cell(percent(score.accuracy)), Cell(ends(score.interval)))
    return Row(str(score.trial), (Cell(score.truth), *cells, *right))


def _class(score: ClassScore) -> Row:
    cells = (score.truths, score.choices, score.correct, percent(score.recall), percent(score.precision))
    return Row(score.name, tuple(Cell(str(cell)) for cell in cells))


def _confusion(summary: Summary) -> tuple[Row, ...]:
    names = summary.class_names
    return tuple(
        Row(
            name,
            tuple(
                Cell(str(n), "hit" if name == chosen else "") for chosen, n in zip(names, counts, strict=True)
            ),
        )
        for name, counts in zip(names, summary.confusion, strict=True)
    )
