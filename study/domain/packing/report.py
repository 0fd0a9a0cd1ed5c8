"""`report.html` of a package: the numbers, figures and texts on one page that needs no other file."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.template.loader import render_to_string

from study.domain.packing import naming, pages
from study.domain.packing.figures import Drawn
from study.models import Study

if TYPE_CHECKING:
    from analysis.comparison import Comparison
    from analysis.machine.comparison import Beside
    from analysis.package.numbers import Computed
    from analysis.review import Review
    from analysis.scores import TrialScore
    from analysis.sequential import Verdict
    from analysis.values import Number, Range


@dataclass(frozen=True)
class Picture:
    """A figure inside the page."""

    title: str
    alt_text: str
    source: str


@dataclass(frozen=True)
class Section:
    """The numbers of a study, or of one of its conditions."""

    condition: str
    methods: str
    results: str
    numbers: tuple[tuple[str, str, str], ...]  # name, value, what it is
    flow: tuple[str, ...]
    sequential: Verdict | None
    class_names: tuple[str, ...]
    trials: tuple[tuple[str, ...], ...]
    classes: tuple[tuple[str, ...], ...]
    pictures: tuple[Picture, ...]


def html(
    study: Study, mode: str, cut_at: datetime.datetime, computed: Computed, figures: Sequence[Drawn]
) -> str:
    """Return the page; equal numbers give equal text."""
    context = {
        "study": study,
        "about": pages.about(study, mode, naming.moment(cut_at)),
        "sections": [_section(name, review, figures) for name, review in computed.reviews.items()],
        "undefined": computed.undefined,
        "differences": _differences(computed.comparison),
        "machines": [(name, each) for name, found in computed.machines.items() for each in _listeners(found)],
    }
    return render_to_string("package/report.html", context)


def _differences(found: Comparison | None) -> list[tuple[str, ...]]:
    """Return name, difference, interval and p of each condition."""
    from analysis.values import signed

    return [
        (
            f"{row.condition} less {row.against}",
            signed(row.difference, 4),
            _range(row.interval),
            f"{row.p:.4f}",
        )
        for row in (found.differences if found else ())
    ]


def _listeners(found: Beside) -> list[tuple[str, ...]]:
    """Return of each machine listener its name, accuracy, rank correlation with people, their agreement."""
    from analysis.machine.document import LISTENERS

    return [
        (
            LISTENERS[each.listener],
            f"{each.correct} of {each.trials}",
            _number(each.difficulty.rho),
            _number(each.agreement),
        )
        for each in found.listeners
    ]


def _section(condition: str, review: Review, figures: Sequence[Drawn]) -> Section:
    from analysis.paragraphs import paragraphs
    from analysis.sequential import Verdict

    told, summary = paragraphs(review), review.summary
    return Section(
        condition=condition,
        methods=told.methods,
        results=told.results,
        numbers=_numbers(review),
        flow=review.exclusions.sentences,
        sequential=review.sequential if isinstance(review.sequential, Verdict) else None,
        class_names=summary.class_names,
        trials=tuple(_trial(trial, summary.class_names) for trial in summary.trials),
        classes=tuple(
            (
                score.name,
                str(score.truths),
                str(score.choices),
                _number(score.recall),
                _number(score.precision),
            )
            for score in summary.classes
        ),
        pictures=tuple(_picture(figure) for figure in figures if figure.condition == condition),
    )


def _numbers(review: Review) -> tuple[tuple[str, str, str], ...]:
    from analysis.values import counted

    summary = review.summary
    return (
        (
            "Volunteers",
            str(len(summary.volunteers)),
            f"{counted(summary.answers, 'answer')} to {counted(len(summary.trials), 'trial')}",
        ),
        ("Accuracy", _number(summary.accuracy), _range(summary.accuracy_interval)),
        ("Accuracy, these trials", _number(summary.accuracy), _range(summary.t_interval)),
        ("Chance", _number(summary.chance), "what guessing would get"),
        ("Sigma, dividing by n", _number(summary.sigma), "spread of the volunteers, as in the paper"),
        (
            "Sigma, dividing by n − 1",
            _number(summary.sigma_ddof1),
            "estimate for all volunteers there could be",
        ),
        ("Fleiss’ kappa", _number(summary.kappa), "agreement of volunteers, right or wrong"),
        (
            "Unanimously right",
            counted(len(summary.unanimously_right), "trial"),
            "all chose the same image, rightly",
        ),
    )


def _trial(trial: TrialScore, names: Sequence[str]) -> tuple[str, ...]:
    counts = dict(zip(trial.options, trial.counts, strict=True))
    return (
        str(trial.trial),
        trial.truth,
        *(str(counts.get(name, "")) for name in names),
        _number(trial.accuracy),
        _range(trial.interval),
    )


def _number(value: Number) -> str:
    return f"{value:.4f}" if isinstance(value, float | int) else f"not defined: {value}"


def _range(found: Range) -> str:
    from analysis.values import Interval

    if not isinstance(found, Interval):
        return str(found)
    return f"{100 * found.level:.0f} % {found.low:.4f} to {found.high:.4f} ({found.method})"


def _picture(figure: Drawn) -> Picture:
    encoded = base64.b64encode(figure.files["svg"]).decode()
    return Picture(figure.title, figure.alt_text, f"data:image/svg+xml;base64,{encoded}")
