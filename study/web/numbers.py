"""A study's numbers as the results page words them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.text import slugify

from analysis.values import Undefined
from study.domain import option_pictures, results
from study.domain.selecting import Selection
from study.models import Session, Study
from study.web.notes import NOTES, Note

if TYPE_CHECKING:
    from analysis import Summary
    from analysis.review import Review
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
    """A number with what it is, the sentence beside it, and the name of the note on how it is computed."""

    name: str
    value: str
    beside: str = ""
    note: str = ""

    @property
    def how(self) -> Note | None:
        """How it is computed."""
        return NOTES.get(self.note)


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    mark  a CSS class: truth, hit or nothing
    raw   the number as computed, or both ends of an interval: what sorts, and what a CSV holds
    why   why there is no number
    """

    text: str
    mark: str = ""
    raw: str | float | tuple[float, float] | None = None
    why: str = ""

    @property
    def sorts(self) -> str:
        """What the page sorts by, where it is not the text."""
        raw = self.raw[0] if isinstance(self.raw, tuple) else self.raw
        return "" if raw is None else str(raw)


@dataclass(frozen=True)
class Row:
    """A table row with its heading."""

    head: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Report:
    """What the page shows first about a selection."""

    headline: Figure
    figures: tuple[Figure, ...]
    alt: str
    missing: str  # a sentence about pictures that the chart has to do without, or nothing
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


def stem(study: Study, selection: Selection | None = None) -> str:
    """Return the beginning of a download's name: study, version, and what is left out unless usual."""
    chosen = selection or Selection()
    title = slugify(study.title)[:60] or "study"
    arm = f"-{slugify(chosen.condition.name) or chosen.condition.place}" if chosen.condition else ""
    kind = {"exclude": "", "only": "-by-descriptions", "include": "-both-together"}[chosen.described]
    kind += ("-headphones" if chosen.passed else "") + ("" if chosen.excluded else "-before-exclusions")
    mode = "" if chosen.mode == Session.Mode.LIVE else f"-{chosen.mode}"
    return f"{title}-v{study.version}{mode}{arm}{kind}"


def report(study: Study, selection: Selection, review: Review) -> Report:
    """Return what the page shows first."""
    from analysis.figures.alt_text import figure2_alt_text

    summary = review.summary
    kinds = results.kinds(study, selection.mode, passed=selection.passed, condition=selection.condition)
    policy = _policy(kinds, selection.described)
    if selection.passed:
        policy += " Only those who passed the headphone check."
    if left_out := sum(stage.left_out for stage in review.exclusions.flow if stage.rule != "finished"):
        policy += (
            f" {left_out} {'session is' if left_out == 1 else 'sessions are'} left out by the declared rules."
        )
    return Report(
        headline=Figure("Accuracy", percent(summary.accuracy), _intervals(summary), "accuracy"),
        figures=_figures(summary, selection.mode, policy),
        alt=figure2_alt_text(summary),
        missing=missing(option_pictures.missing_pictures(study)),
        policy=policy,
    )


def _policy(kinds: results.Kinds, described: Described) -> str:
    """Say which sessions are left out."""
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


def _intervals(summary: Summary) -> str:
    """Say the headline interval, and beside it the one that speaks about these trials alone."""
    headline = interval(summary.accuracy_interval)
    if isinstance(summary.t_interval, Undefined):
        return headline
    return f"{headline}; for these trials alone {ends(summary.t_interval, 1)} (t over volunteers)"


def _figures(summary: Summary, mode: str, policy: str) -> tuple[Figure, ...]:
    kappa = "agreement of volunteers, 1 is perfect"
    if isinstance(summary.kappa, Undefined):
        kappa = str(summary.kappa)
    right = len(summary.unanimously_right)
    return (
        Figure("Chance", percent(summary.chance), "what guessing would get", "chance"),
        Figure(
            "Sigma",
            decimal(summary.sigma),
            f"spread of volunteers; dividing by n − 1: {decimal(summary.sigma_ddof1)}",
            "sigma",
        ),
        Figure("Fleiss’ kappa", decimal(summary.kappa), kappa, "kappa"),
        Figure(
            "Volunteers" if mode == Session.Mode.LIVE else "Sessions",
            str(len(summary.volunteers)),
            f"{summary.answers} answers. {policy}",
            "volunteers",
        ),
        Figure(
            "All agreed",
            str(len(summary.unanimous)),
            f"{'trial' if len(summary.unanimous) == 1 else 'trials'} with one choice for all, {right} right",
            "unanimous",
        ),
    )
