"""The wide table: one row per volunteer, two columns per trial.

Columns: session_id, session_complete (1 or 0), described (1 or 0), condition, n_answered, n_correct,
accuracy, then per trial task_N_chosen (class) and task_N_correct (1 or 0), empty where there is no answer.
"""

from collections.abc import Iterable, Iterator

from analysis.answers import Answer
from analysis.matrix import NO_ANSWER, AnswerMatrix, to_matrix
from analysis.tables.cells import line

_FIRST = ("session_id", "session_complete", "described", "condition", "n_answered", "n_correct", "accuracy")


def wide_csv(answers: Iterable[Answer] | AnswerMatrix) -> str:
    """The whole table, unfinished sessions included and marked, in alphabetical order of sessions.

    Raises InvalidAnswer as `summarise` does.
    """
    return "".join(wide_csv_lines(answers if isinstance(answers, AnswerMatrix) else to_matrix(answers)))


def wide_csv_lines(matrix: AnswerMatrix) -> Iterator[str]:
    """The table line by line, header first, for streaming."""
    yield line(
        [*_FIRST, *(f"task_{trial}_{what}" for trial in matrix.trials for what in ("chosen", "correct"))]
    )
    for row in sorted(range(len(matrix.sessions)), key=matrix.sessions.__getitem__):
        yield line(_row(matrix, row))


def _row(matrix: AnswerMatrix, row: int) -> list[str | int | float | None]:
    answered, correct = int(matrix.answered[row].sum()), int(matrix.correct[row].sum())
    cells: list[str | int | float | None] = [
        matrix.sessions[row],
        int(matrix.complete[row]),
        int(matrix.described[row]),
        matrix.condition[row],
        answered,
        correct,
        correct / answered,
    ]
    for chosen, truth in zip(matrix.choice[row].tolist(), matrix.truth.tolist(), strict=True):
        given = chosen != NO_ANSWER
        cells += [matrix.classes[chosen], int(chosen == truth)] if given else [None, None]
    return cells
