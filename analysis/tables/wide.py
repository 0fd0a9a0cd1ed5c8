"""The wide table: one row per volunteer, two columns per trial.

Columns: session_id, session_complete (1 or 0), described (1 or 0), condition, n_answered, n_correct,
accuracy, then per trial task_N_chosen (class) and task_N_correct (1 or 0), empty where there is no answer.
"""

from collections.abc import Iterable

from analysis.answers import Answer
from analysis.matrix import NO_ANSWER, AnswerMatrix, to_matrix
from analysis.tables.cells import line

_FIRST = ("session_id", "session_complete", "described", "condition", "n_answered", "n_correct", "accuracy")


def wide_csv(answers: Iterable[Answer]) -> str:
    """The whole table, unfinished sessions included and marked, in alphabetical order of sessions.

    Raises InvalidAnswer as `summarise` does.
    """
    matrix = to_matrix(answers)
    per_trial = [f"task_{trial}_{what}" for trial in matrix.trials for what in ("chosen", "correct")]
    rows = sorted(range(len(matrix.sessions)), key=matrix.sessions.__getitem__)
    return line([*_FIRST, *per_trial]) + "".join(line(_row(matrix, row)) for row in rows)


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
