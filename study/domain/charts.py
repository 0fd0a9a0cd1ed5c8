"""A study's figures by name, and people beside the machine listeners, for the sessions that are counted."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from study.domain import answer_matrix, machine, option_pictures, results
from study.domain.results import ResultsUnreadable
from study.domain.selecting import Selection
from study.errors import EarsightError
from study.models import Study

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.figures.chart import Chart
    from analysis.figures.material import Material
    from analysis.machine.comparison import Beside


class NoSuchFigure(EarsightError):
    """There is no such figure, or this study has not what it shows."""

    status = 404


def material(study: Study, selection: Selection, *, pictures: bool = False) -> Material:
    """Return what figures of these sessions are made of; `pictures` only where they are drawn.

    Raises:
        NoAnswers: when nobody is counted. ConditionMissing: where there are several to name.
    """
    from analysis.figures.material import Material

    return Material(
        answers=answer_matrix.matrix(study, selection),
        summary=results.review(study, selection).summary,
        thumbnails=option_pictures.thumbnails(study) if pictures else None,
        machine=machine.listening(study, selection.condition),
    )


def chart(study: Study, selection: Selection, name: str) -> Chart:
    """Return the figure of this name.

    Raises:
        NoSuchFigure: where there is none, or nothing to draw in it. NoAnswers, ConditionMissing: as material.
    """
    from analysis import FigureError
    from analysis.figures.registry import chart as drawn

    with _in_our_words():
        try:
            return drawn(name, material(study, selection, pictures=name == "figure2"))
        except FigureError as error:
            raise NoSuchFigure(str(error)) from error


def charts(study: Study, selection: Selection) -> dict[str, Chart]:
    """Return every figure that this study has enough for, by name; Figure 2 without its pictures.

    Raises:
        NoAnswers, ConditionMissing: as material.
    """
    from analysis.figures.registry import charts as drawn

    with _in_our_words():
        return drawn(material(study, selection))


def beside(study: Study, selection: Selection) -> Beside:
    """Return people beside the machine listeners.

    Raises:
        NotHeard: where no machine has listened. NoAnswers, ConditionMissing: as material.
    """
    from analysis.machine.comparison import beside as compared

    with _in_our_words():
        made = material(study, selection)
        if made.machine is None:
            raise machine.NotHeard
        return compared(made.answers, made.summary, made.machine)


@contextmanager
def _in_our_words() -> Iterator[None]:
    from analysis import AnalysisError

    try:
        yield
    except AnalysisError as error:
        raise ResultsUnreadable(str(error)) from error
