"""What volunteers answered to the questions after the trials, and how many visits began, ended, are gone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from study.domain import results
from study.models import Question, QuestionAnswer, Session, Study, Tombstone

if TYPE_CHECKING:
    from study.models.sessions import SessionQuerySet

Cell = str | int | float | None

COLUMNS = (
    "session_id", "session_complete", "question", "kind", "prompt", "required", "skipped", "code", "answer",
)  # fmt: skip
FORMAT = "earsight-questions-1"
AT_ONCE = 1000  # sessions held in memory


@dataclass(frozen=True)
class Count:
    """How often one answer was given, out of all that were."""

    label: str
    times: int
    share: float  # 0 to 1


@dataclass(frozen=True)
class Tally:
    """What came of one question. `mean` is of a scale; `texts` are of a written answer, oldest first."""

    place: int
    prompt: str
    kind: str
    answered: int
    skipped: int
    counts: tuple[Count, ...]
    mean: float | None
    texts: tuple[str, ...]


def tallies(study: Study, mode: str) -> list[Tally]:
    """Return what came of each question, over the sessions of this mode that have passed the questions."""
    asked = _asked(study, mode).count()
    return [_tally(question, list(_answers(study, mode, question)), asked) for question in _questions(study)]


def questions_csv(study: Study, mode: str) -> str:
    """Return one row per question and session that passed the questions; a skipped one has no answer.

    Columns: session_id as in the answers, session_complete, question (its place), kind, prompt, required and
    skipped (1 or 0), code (of a choice its number from 0, of a scale the number), answer in words.
    """
    return "".join(questions_lines(study, mode))


def questions_lines(study: Study, mode: str) -> Iterator[str]:
    """Yield that table line by line, header first, with few sessions in memory."""
    return _lines(COLUMNS, _rows(study, mode))


def questions_json(study: Study, mode: str) -> str:
    """Return the questions with every answer, and the counts of visits, as JSON."""
    questions = [
        {
            "question": question.place,
            **question.configuration(),
            "answers": [
                {"session_id": f"s{row.session_id}", "code": row.number, "answer": in_words(question, row)}
                for row in _answers(study, mode, question)
            ],
        }
        for question in _questions(study)
    ]
    content = {"format": FORMAT, "mode": mode, "visits": visits(study)[mode], "questions": questions}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def visits(study: Study) -> dict[str, dict[str, int]]:
    """Return for each mode how many visits began, finished and, of those deleted, why and at which end.

    Deleted visits are in no other number; nothing but these counts is left of them.
    """
    counts = {mode: {"begun": row["consented"], "finished": row["finished"]} | dict.fromkeys(_kinds(), 0)
              for mode, row in results.counts(study).items()}  # fmt: skip
    for stone in study.tombstones.all():
        counts[stone.mode][_kind(stone.reason, stone.was_finished)] += stone.count
    return counts


def visits_csv(study: Study) -> str:
    """Return the counts of visits as CSV: mode, what, count."""
    rows: list[list[Cell]] = [
        [mode, what, count] for mode, row in visits(study).items() for what, count in row.items()
    ]
    return "".join(_lines(("mode", "what", "count"), rows))


def in_words(question: Question, row: QuestionAnswer) -> str:
    """Return an answer as it reads in the study's own language."""
    if row.number is None:
        return row.text
    return str(question.choices[row.number]) if question.kind == Question.Kind.CHOICE else str(row.number)


def _kind(reason: str, was_finished: bool) -> str:
    return f"{reason}_{'finished' if was_finished else 'unfinished'}"


def _kinds() -> list[str]:
    return [_kind(reason, end) for reason in Tombstone.Reason.values for end in (True, False)]


def _questions(study: Study) -> list[Question]:
    return list(study.questions.all())


def _asked(study: Study, mode: str) -> SessionQuerySet:
    """Return the sessions that have passed the questions, in order."""
    passed = Session.objects.countable(mode).filter(study=study, questions_done_at__isnull=False)
    return passed.order_by("pk")


def _answers(study: Study, mode: str, question: Question) -> Iterable[QuestionAnswer]:
    return question.answers.filter(session__in=_asked(study, mode)).order_by("session_id")


def _rows(study: Study, mode: str) -> Iterator[list[Cell]]:
    questions = _questions(study)
    for session in _asked(study, mode).prefetch_related("question_answers").iterator(AT_ONCE):
        given = {row.question_id: row for row in session.question_answers.all()}
        for question in questions:
            row = given.get(question.pk)
            yield [
                f"s{session.pk}", int(session.finished_at is not None), question.place, question.kind,
                question.prompt, int(question.required), int(row is None), row.number if row else None,
                in_words(question, row) if row else None,
            ]  # fmt: skip


def _tally(question: Question, rows: list[QuestionAnswer], asked: int) -> Tally:
    numbers = [row.number for row in rows if row.number is not None]
    is_scale = question.kind == Question.Kind.SCALE
    return Tally(
        place=question.place,
        prompt=question.prompt,
        kind=question.kind,
        answered=len(rows),
        skipped=asked - len(rows),
        counts=tuple(_counts(question, numbers)),
        mean=sum(numbers) / len(numbers) if is_scale and numbers else None,
        texts=tuple(row.text for row in rows if row.text),
    )


def _counts(question: Question, numbers: list[int]) -> Iterator[Count]:
    times = Counter(numbers)
    for number, label in _labels(question).items():
        yield Count(label, times[number], times[number] / len(numbers) if numbers else 0.0)


def _labels(question: Question) -> dict[int, str]:
    """Return what each number stands for; nothing for a written answer."""
    if question.kind == Question.Kind.CHOICE:
        return dict(enumerate(question.choices))
    if question.kind != Question.Kind.SCALE:
        return {}
    ends = {1: question.low_label, question.steps: question.high_label}
    return {
        number: f"{number}, {ends[number]}" if ends.get(number) else str(number)
        for number in range(1, question.steps + 1)
    }


def _lines(header: Iterable[str], rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    from analysis.tables.cells import line

    yield line(header)
    for row in rows:
        yield line(row)
