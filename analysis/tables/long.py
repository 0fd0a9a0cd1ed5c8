"""The long table: one row per answer, written and read back.

Columns: session_id, session_complete (1 or 0), described (1 where the session chose among written
descriptions of the images, else 0), condition (the arm of the session, empty where the study has none),
trial_index (place in the session, from 1), task_id (number of the trial), option_N_class and option_N_id (in
the study's order, N from 1), truth_class, truth_option, chosen_class, chosen_option, chosen_position (on the
screen, from 0), correct (1 or 0), rt_ms, n_plays (clip started), n_listens (heard from its beginning to its
end), headphones_passed (1, 0, or empty where the session was not checked), again (1 where a finished visit
was known in the browser before this one, 0 where not, or empty where nobody looked).
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from analysis.answers import Answer
from analysis.errors import UnreadableTable
from analysis.tables.cells import line
from analysis.tables.long_reader import answers_in, text_of

_BEFORE = ("session_id", "session_complete", "described", "condition", "trial_index", "task_id")
_AFTER = (
    "truth_class",
    "truth_option",
    "chosen_class",
    "chosen_option",
    "chosen_position",
    "correct",
    "rt_ms",
    "n_plays",
    "n_listens",
    "headphones_passed",
    "again",
)


def long_csv(answers: Sequence[Answer]) -> str:
    """The whole table, with as many option columns as the widest trial needs."""
    return "".join(long_csv_lines(answers, max((len(answer.options) for answer in answers), default=0)))


def long_csv_lines(answers: Iterable[Answer], options: int) -> Iterator[str]:
    """The table line by line, header first, for streaming; `options` is the largest number in a trial."""
    numbered = [f"option_{number}_{what}" for number in range(1, options + 1) for what in ("class", "id")]
    yield line([*_BEFORE, *numbered, *_AFTER])
    for answer in answers:
        yield line(_row(answer, options))


def read_long_csv(source: str | Path) -> list[Answer]:
    """Answers from a file written by `long_csv`, possibly saved again by a spreadsheet program.

    Extra columns are ignored; comma, semicolon or tab may separate cells; UTF-8 with or without a mark.
    Raises UnreadableTable naming what is wrong, with line and column.
    """
    text = text_of(Path(source))
    try:
        return list(answers_in(text))
    except UnreadableTable as error:
        raise UnreadableTable(f"{source}: {error}") from error


def _row(answer: Answer, options: int) -> list[str | int | None]:
    ids = answer.option_ids or ("",) * len(answer.options)
    pairs = [cell for pair in zip(answer.options, ids, strict=True) for cell in pair]
    padding = [""] * (2 * options - len(pairs))
    return [
        answer.session,
        int(answer.session_complete),
        int(answer.described),
        answer.condition,
        answer.order,
        answer.trial,
        *pairs,
        *padding,
        answer.truth,
        answer.truth_id,
        answer.choice,
        answer.choice_id,
        answer.position,
        int(answer.correct),
        answer.response_ms,
        answer.plays,
        answer.listens,
        None if answer.headphones is None else int(answer.headphones),
        None if answer.again is None else int(answer.again),
    ]
