"""Reading what SynEval writes: `config.json` and a folder with one JSON list for each evaluator.

The configuration names the classes in order and the tasks; a task has its options (ids of images, one for
each class in their order) and its truth, the place among the options of the image that the clip was made
from. An evaluator's list holds the id that was chosen in each task, or null. Tasks come in the order of the
configuration for everybody; the places on the screen were drawn anew at every look and are not kept.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeGuard

from analysis.answers import Answer
from analysis.errors import AnalysisError

_MOST_NAMED = 8


class SynEvalRefused(AnalysisError):
    """A file is not what SynEval writes; the message names it."""


@dataclass(frozen=True)
class Task:
    """The ids offered, one for each class in their order, and the class of the clip's image."""

    options: tuple[str, ...]
    truth: str


@dataclass(frozen=True)
class Evaluation:
    """What was evaluated and what the evaluators chose, a class or None for each task."""

    name: str
    classes: tuple[str, ...]
    tasks: tuple[Task, ...]
    choices: Mapping[str, tuple[str | None, ...]]

    @property
    def unfinished(self) -> tuple[str, ...]:
        """The evaluators who did not choose in every task."""
        return tuple(name for name, chosen in self.choices.items() if None in chosen)

    def answers(self) -> list[Answer]:
        """The choices as answers; evaluators who have not chosen everywhere are unfinished sessions."""
        return [
            answer for session, chosen in self.choices.items() for answer in self._answers_of(session, chosen)
        ]

    def _answers_of(self, session: str, chosen: Sequence[str | None]) -> Iterator[Answer]:
        for number, (task, choice) in enumerate(zip(self.tasks, chosen, strict=True), start=1):
            if choice is not None:
                yield Answer(
                    session=session,
                    trial=number,
                    options=self.classes,
                    truth=task.truth,
                    choice=choice,
                    order=number,
                    option_ids=task.options,
                    session_complete=None not in chosen,
                )


def read(config: Path, results: Path) -> Evaluation:
    """The evaluation behind a configuration and a folder of results.

    Raises SynEvalRefused naming every file that is not what it should be, and what is wrong with it.
    """
    content = _json(config)
    if not isinstance(content, dict):
        _refuse(config, "it is not an object")
    classes = _classes(config, content)
    tasks = tuple(_tasks(config, content, classes))
    if not results.is_dir():
        raise SynEvalRefused(f"There is no folder {results} with results.")
    choices: dict[str, tuple[str | None, ...]] = {}
    complaints = []
    for path in sorted(results.glob("*.json")):
        try:
            choices[path.stem] = _choices(path, tasks, classes)
        except SynEvalRefused as error:
            complaints.append(str(error))
    if complaints:
        more = len(complaints) - _MOST_NAMED
        told = complaints[:_MOST_NAMED] + ([f"{more} more files can't be used."] if more > 0 else [])
        raise SynEvalRefused(
            " ".join([*told, "Mend them or take them out of the folder; nothing was counted."])
        )
    if not choices:
        raise SynEvalRefused(f"The folder {results} has no results (*.json).")
    name = content.get("name")
    return Evaluation(name if isinstance(name, str) else "", classes, tasks, choices)


def _classes(path: Path, content: Mapping[str, Any]) -> tuple[str, ...]:
    classes = content.get("classes")
    if not isinstance(classes, list) or not all(isinstance(name, str) and name for name in classes):
        _refuse(path, "'classes' is not a list of names")
    if len(classes) < 2 or len(set(classes)) < len(classes):
        _refuse(path, "'classes' needs at least two names, all different")
    return tuple(classes)


def _tasks(path: Path, content: Mapping[str, Any], classes: tuple[str, ...]) -> Iterator[Task]:
    tasks = content.get("tasks")
    if not isinstance(tasks, list) or not tasks:
        _refuse(path, "'tasks' is not a list of tasks")
    for number, task in enumerate(tasks, start=1):
        if not isinstance(task, dict):
            _refuse(path, f"task {number} is not an object")
        yield _task(path, number, task, classes)


def _task(path: Path, number: int, task: Mapping[str, Any], classes: tuple[str, ...]) -> Task:
    if "options" not in task and "other" in task:
        _refuse(
            path,
            f"task {number} is of SynEval's first version ('truth' and 'other'), which does not tell the "
            "classes of the options; write 'options' in the order of 'classes' and 'truth' as a place in it",
        )
    options, truth = task.get("options"), task.get("truth")
    if not isinstance(options, list) or not all(_is_id(one) for one in options):
        _refuse(path, f"the 'options' of task {number} are not a list of ids")
    if len(options) != len(classes):
        _refuse(path, f"task {number} has {len(options)} options for {len(classes)} classes")
    if len(set(options)) < len(options):
        _refuse(path, f"task {number} offers an id twice")
    if not _is_id(truth) or not 0 <= truth < len(options):
        _refuse(path, f"the 'truth' of task {number} is {truth!r}, not a place among its options")
    return Task(tuple(str(one) for one in options), classes[truth])


def _choices(path: Path, tasks: Sequence[Task], classes: Sequence[str]) -> tuple[str | None, ...]:
    content = _json(path)
    if not isinstance(content, list):
        _refuse(path, "it is not a list of chosen ids")
    if len(content) != len(tasks):
        _refuse(path, f"it has {len(content)} choices for {len(tasks)} tasks")
    return tuple(
        _choice(path, number, chosen, task, classes)
        for number, (chosen, task) in enumerate(zip(content, tasks, strict=True), start=1)
    )


def _choice(path: Path, number: int, chosen: object, task: Task, classes: Sequence[str]) -> str | None:
    if chosen is None:
        return None
    if not _is_id(chosen) or str(chosen) not in task.options:
        offered = ", ".join(task.options)
        _refuse(path, f"in task {number} it chose {chosen!r}, but {offered} were offered")
    return classes[task.options.index(str(chosen))]


def _is_id(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise SynEvalRefused(f"{path.name} can't be opened: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise SynEvalRefused(f"{path.name} is not JSON: {error}.") from error


def _refuse(path: Path, complaint: str) -> NoReturn:
    raise SynEvalRefused(f"{path.name} can't be used: {complaint}.")
