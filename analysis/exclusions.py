"""Who is counted: rules that are declared before there are data, and how many each of them leaves out."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import AnalysisError
from analysis.matrix import UNKNOWN, AnswerMatrix
from analysis.values import counted

Flags = NDArray[np.bool_]


class InvalidRules(AnalysisError):
    """The rules of exclusion make no sense; the message names the rule."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules of exclusion, each off (None or False) unless it is declared.

    finished               only sessions that reached the end
    answers_at_least       only sessions with this many answers
    median_ms_at_least     only sessions whose median response takes this many milliseconds
    same_place_fewer_than  only sessions that chose no place on the screen in this many trials or more
    plays_at_least         only sessions that started every clip this often
    listens_at_least       only sessions that heard every clip from beginning to end this often
    headphones_passed      only sessions that passed the headphone check
    first_visit_only       only sessions before which their browser knew no finished visit

    A session of which the table does not tell what a rule asks is kept, and counted as not judged.
    """

    finished: bool = True
    answers_at_least: int | None = None
    median_ms_at_least: int | None = None
    same_place_fewer_than: int | None = None
    plays_at_least: int | None = None
    listens_at_least: int | None = None
    headphones_passed: bool = False
    first_visit_only: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.type is bool:
                if not isinstance(value, bool):
                    raise InvalidRules(f"The rule {field.name} is true or false, not {value!r}.")
            elif value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
                raise InvalidRules(f"The rule {field.name} is a whole number of at least 1, not {value!r}.")

    def to_json(self) -> str:
        """One object with every rule; `rules_from` reads it back."""
        return json.dumps(asdict(self), indent=2) + "\n"


def rules_from(text: str, name: str = "The text of the rules") -> Rules:
    """Rules from a JSON object; rules that are not named stay off. Raises InvalidRules naming the file."""
    try:
        found = json.loads(text)
    except RecursionError as error:
        raise InvalidRules(f"{name} is nested too deeply to be rules of exclusion.") from error
    except ValueError as error:
        raise InvalidRules(f"{name} is not JSON: {error}.") from error
    return rules_from_object(found)


def rules_from_object(found: Any) -> Rules:
    """Rules from a plain dict. Raises InvalidRules naming a key that is no rule."""
    if not isinstance(found, dict):
        raise InvalidRules("The rules are one JSON object, from the name of a rule to its value.")
    known = [field.name for field in fields(Rules)]
    if unknown := [str(name) for name in found if name not in known]:
        raise InvalidRules(f"There is no rule '{unknown[0]}'; there are {', '.join(known)}.")
    return Rules(**found)


def read_rules(path: Path) -> Rules:
    """Rules from a file. Raises InvalidRules."""
    try:
        return rules_from(path.read_text("utf-8-sig"), str(path))
    except OSError as error:
        raise InvalidRules(f"The rules {path} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidRules(f"The rules {path} are not UTF-8 text.") from error


@dataclass(frozen=True, slots=True)
class Stage:
    """One step from everybody to those counted.

    rule      name of the rule; empty for the first stage, which leaves out nobody
    what      who was left out, in words
    left_out  how many sessions this rule took away, of those that the rules before had kept
    unjudged  how many it kept because the table does not tell what it asks
    remaining how many sessions are left
    """

    rule: str
    what: str
    left_out: int
    unjudged: int
    remaining: int


@dataclass(frozen=True)
class Judged:
    """What the rules leave of a matrix.

    reason  (n,) the place in `rules` of the first that left the session out, or -1
    flow    every stage, from everybody who answered to those counted
    """

    rules: tuple[str, ...]
    reason: NDArray[np.int64]
    flow: tuple[Stage, ...]

    @property
    def kept(self) -> Flags:
        return np.asarray(self.reason < 0)

    def reasons(self, sessions: Iterable[str]) -> dict[str, str]:
        """By session the name of the first rule that left it out; `sessions` are those of the matrix."""
        pairs = zip(sessions, self.reason.tolist(), strict=True)
        return {session: self.rules[reason] for session, reason in pairs if reason >= 0}


def judge(matrix: AnswerMatrix, rules: Rules) -> Judged:
    """Apply the declared rules to (n, T) answers, in the order in which `Rules` lists them."""
    n = len(matrix.sessions)
    if not n:
        return Judged((), np.empty(0, dtype=np.int64), (Stage("", _EVERYBODY, 0, 0, 0),))
    flow = [Stage("", _EVERYBODY, 0, 0, n)]
    declared = [(name, value) for name, value in asdict(rules).items() if value]
    reason = np.full(n, -1)
    for place, (name, value) in enumerate(declared):
        what, test = _RULES[name]
        fails, unjudged = test(matrix, value)
        kept = reason < 0
        reason[kept & fails] = place
        left_out, blind = int((kept & fails).sum()), int((kept & unjudged).sum())
        flow.append(Stage(name, what.format(value), left_out, blind, int((reason < 0).sum())))
    return Judged(tuple(name for name, _ in declared), reason, tuple(flow))


_EVERYBODY = "answered at least one trial"

Verdict = tuple[Flags, Flags]  # (n,) fails, (n,) can't be judged


def _unfinished(matrix: AnswerMatrix, _: int) -> Verdict:
    return ~matrix.complete, np.zeros_like(matrix.complete)


def _few_answers(matrix: AnswerMatrix, least: int) -> Verdict:
    return matrix.answered.sum(axis=1) < least, np.zeros_like(matrix.complete)


def _fast(matrix: AnswerMatrix, least: int) -> Verdict:
    times = matrix.told["response_ms"].astype(float)
    known = (times != UNKNOWN).sum(axis=1)
    times[times == UNKNOWN] = np.inf  # sorts behind what is known
    ordered, rows = np.sort(times, axis=1), np.arange(len(times))
    median = (ordered[rows, (known - 1) // 2] + ordered[rows, known // 2]) / 2
    return median < least, known == 0


def _same_place(matrix: AnswerMatrix, most: int) -> Verdict:
    place = matrix.told["position"]
    counts = [(place == one).sum(axis=1) for one in range(int(place.max(initial=0)) + 1)]
    return np.max(counts, axis=0) >= most, (place == UNKNOWN).all(axis=1)


def _seldom(name: str) -> Callable[[AnswerMatrix, int], Verdict]:
    def test(matrix: AnswerMatrix, least: int) -> Verdict:
        times = matrix.told[name]
        return ((times != UNKNOWN) & (times < least)).any(axis=1), (times == UNKNOWN).all(axis=1)

    return test


def _without_headphones(matrix: AnswerMatrix, _: int) -> Verdict:
    return _wherever(matrix.headphones, fails=False)


def _come_again(matrix: AnswerMatrix, _: int) -> Verdict:
    return _wherever(matrix.again, fails=True)


def _wherever(told: tuple[bool | None, ...], *, fails: bool) -> Verdict:
    failed = np.array([one is fails for one in told], dtype=bool)
    return failed, np.array([one is None for one in told], dtype=bool)


_RULES: dict[str, tuple[str, Callable[[AnswerMatrix, int], Verdict]]] = {
    "finished": ("did not finish", _unfinished),
    "answers_at_least": ("gave fewer than {} answers", _few_answers),
    "median_ms_at_least": ("answered in less than {} ms (median)", _fast),
    "same_place_fewer_than": ("chose the same place on the screen in {} or more trials", _same_place),
    "plays_at_least": ("started a clip fewer than {} times", _seldom("plays")),
    "listens_at_least": ("heard a clip to its end fewer than {} times", _seldom("listens")),
    "headphones_passed": ("did not pass the headphone check", _without_headphones),
    "first_visit_only": ("had finished a visit in the same browser before", _come_again),
}


def flow_sentences(flow: Iterable[Stage]) -> tuple[str, ...]:
    """The flow in words, one sentence per stage."""
    first, *others = flow
    sentences = [f"{counted(first.remaining, 'session')} {first.what}."]
    for stage in others:
        blind = f" ({stage.unjudged} could not be judged and stayed)" if stage.unjudged else ""
        sentences.append(f"{stage.left_out} {stage.what}{blind}, which leaves {stage.remaining}.")
    return tuple(sentences)
