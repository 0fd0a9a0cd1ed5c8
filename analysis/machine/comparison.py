"""People beside two machine listeners: what is hard, how far they agree, which wrong pictures they prefer."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from analysis.answers import Answer
from analysis.intervals import crossed_bootstrap, wilson
from analysis.machine.document import LISTENERS, Heard, Machine
from analysis.machine.errors import OtherStudy
from analysis.machine.preference import Preference, preference
from analysis.machine.ranks import Correlation, correlate
from analysis.matrix import AnswerMatrix, to_matrix
from analysis.summary import Summary
from analysis.values import Number, Range, Undefined


@dataclass(frozen=True)
class TrialBeside:
    """One trial: how people did, and what each listener made of it, by listener.

    lookalike  the wrong option that looks most like the true one
    """

    trial: int
    truth: str
    accuracy: float
    n: int
    difficulty: dict[str, float]
    choice: dict[str, str | None]
    confidence: dict[str, float]
    second: dict[str, str | None]
    lookalike: str | None


@dataclass(frozen=True)
class ListenerBeside:
    """One machine listener beside people.

    accuracy    share of trials it takes rightly, with Wilson's interval over trials
    confidence  mean probability of what it chooses
    difficulty  how people's accuracy goes with its difficulty; negative where both find the same trials hard
    agreement   share of people's answers that are its choice
    kappa       Cohen's kappa of the two over all answers, with classes as categories
    preference  whether people's wrong answers fall on the wrong option that it finds likeliest
    """

    listener: str
    correct: int
    trials: int
    accuracy: float
    accuracy_interval: Range
    confidence: float
    difficulty: Correlation
    agreement: Number
    agreement_interval: Range
    kappa: Number
    preference: Preference


@dataclass(frozen=True)
class Beside:
    """People and machine listeners over the same trials; `lookalikes` tests the visually closest picture."""

    people: Summary
    model: str
    music: str
    trials: tuple[TrialBeside, ...]
    listeners: tuple[ListenerBeside, ...]
    lookalikes: Preference


def beside(answers: Iterable[Answer] | AnswerMatrix, summary: Summary, machine: Machine) -> Beside:
    """Compare the people whom `summary` counts with the machine's listening to the same trials.

    Answers that are laid out already have no ids of pictures that could be compared with the machine's.

    Raises OtherStudy where the machine has not listened to a trial, or to other pictures or another truth.
    """
    given = answers if isinstance(answers, AnswerMatrix) else list(answers)
    matrix, heard = counted_by(summary, given), {trial.trial: trial for trial in machine.trials}
    for answer in () if isinstance(given, AnswerMatrix) else {each.trial: each for each in given}.values():
        _check_pictures(answer, heard.get(answer.trial))
    for column, number in enumerate(matrix.trials):
        _check(matrix, column, heard.get(number))
    trials = [heard[number] for number in matrix.trials]
    wrong = [[matrix.classes.index(name) for name in t.options if name != t.truth] for t in trials]
    drawn = {"draws": summary.bootstrap.draws, "seed": summary.bootstrap.seed}
    looks = [_number(matrix, trial.lookalike()) for trial in trials]
    return Beside(
        people=summary,
        model=machine.model,
        music=machine.music,
        trials=tuple(_trial(matrix, column, trial) for column, trial in enumerate(trials)),
        listeners=tuple(_listener(name, matrix, trials, wrong, drawn) for name in LISTENERS),
        lookalikes=preference(matrix.choice, wrong, looks, **drawn),
    )


def counted_by(summary: Summary, answers: Iterable[Answer] | AnswerMatrix) -> AnswerMatrix:
    """The answers of the sessions that a summary counts, laid out."""
    counted = {score.session for score in summary.volunteers}
    if isinstance(answers, AnswerMatrix):
        return answers.only(np.array([name in counted for name in answers.sessions], dtype=bool))
    return to_matrix(answer for answer in answers if answer.session in counted)


def _check(matrix: AnswerMatrix, column: int, heard: Heard | None) -> None:
    number = matrix.trials[column]
    if heard is None:
        raise OtherStudy(f"The machine has not listened to trial {number}; this is another study's file.")
    options = {matrix.classes[place] for place in np.flatnonzero(matrix.offered[column])}
    if options != set(heard.options) or matrix.classes[matrix.truth[column]] != heard.truth:
        raise OtherStudy(
            f"The machine heard other options or another truth in trial {number}; this is another study's "
            "file, or another version's."
        )


def _check_pictures(answer: Answer, heard: Heard | None) -> None:
    ids = dict(zip(heard.options, heard.option_ids, strict=True)) if heard else {}
    if answer.option_ids and heard and dict(zip(answer.options, answer.option_ids, strict=True)) != ids:
        raise OtherStudy(
            f"The machine heard other pictures in trial {answer.trial}; this is another version's file."
        )


def _number(matrix: AnswerMatrix, name: str | None) -> int | None:
    return None if name is None else matrix.classes.index(name)


def _trial(matrix: AnswerMatrix, column: int, heard: Heard) -> TrialBeside:
    given = matrix.answered[:, column]
    return TrialBeside(
        trial=heard.trial,
        truth=heard.truth,
        accuracy=float(matrix.correct[given, column].mean()),
        n=int(given.sum()),
        difficulty={name: heard.difficulty(name) for name in LISTENERS},
        choice={name: heard.choice(name) for name in LISTENERS},
        confidence={name: heard.confidence(name) for name in LISTENERS},
        second={name: heard.second(name) for name in LISTENERS},
        lookalike=heard.lookalike(),
    )


def _listener(
    name: str, matrix: AnswerMatrix, trials: list[Heard], wrong: list[list[int]], drawn: dict[str, int]
) -> ListenerBeside:
    choices = [trial.choice(name) for trial in trials]
    right = sum(choice == trial.truth for choice, trial in zip(choices, trials, strict=True))
    difficulty = np.array([trial.difficulty(name) for trial in trials])
    seconds = [_number(matrix, trial.second(name)) for trial in trials]
    agreement, interval, kappa = _agreement(matrix, choices, drawn)
    return ListenerBeside(
        listener=name,
        correct=right,
        trials=len(trials),
        accuracy=right / len(trials),
        accuracy_interval=wilson(right, len(trials)),
        confidence=float(np.mean([trial.confidence(name) for trial in trials])),
        difficulty=correlate(matrix.correct, matrix.answered, difficulty, **drawn),
        agreement=agreement,
        agreement_interval=interval,
        kappa=kappa,
        preference=preference(matrix.choice, wrong, seconds, **drawn),
    )


def _agreement(
    matrix: AnswerMatrix, choices: list[str | None], drawn: dict[str, int]
) -> tuple[Number, Range, Number]:
    """Share of answers that are the listener's choice, its interval, and Cohen's kappa (1960) of the two."""
    chosen = np.array([-2 if name is None else matrix.classes.index(name) for name in choices])
    judged = matrix.answered & (chosen >= 0)
    if not judged.any():
        none = Undefined("This listener prefers no option in any trial, so nobody can agree with it.")
        return none, none, none
    same = judged & (matrix.choice == chosen)
    total = int(judged.sum())
    share = int(same.sum()) / total
    classes = range(len(matrix.classes))
    theirs = [int((judged & (matrix.choice == name)).sum()) for name in classes]
    its = [int(judged[:, chosen == name].sum()) for name in classes]
    by_chance = sum(a * b for a, b in zip(theirs, its, strict=True)) / total**2
    kappa: Number = (
        (share - by_chance) / (1 - by_chance)
        if by_chance < 1
        else Undefined("All answers, people's and the machine's, fall into one class, so kappa is undefined.")
    )
    if share in (0, 1):
        everyone = "Every answer" if share else "No answer"
        return share, Undefined(f"{everyone} is the machine's choice, so resampling shows no spread."), kappa
    columns = judged.any(axis=0)
    rows = judged.any(axis=1)
    interval = crossed_bootstrap(same[rows][:, columns], judged[rows][:, columns], **drawn)
    return share, interval, kappa
