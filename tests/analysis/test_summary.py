"""The numbers of a study, checked by hand, against scikit-learn, and against what must not change them."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, precision_score, recall_score

from analysis import (
    AnalysisError,
    Answer,
    Bootstrap,
    Interval,
    InvalidAnswer,
    NoAnswers,
    Summary,
    Undefined,
    is_number,
    summarise,
)
from analysis.intervals import wilson
from analysis.scores import ClassScore, TrialScore, VolunteerScore
from analysis.values import Number
from tests.analysis.studies import DIGITS, by_name, simulated, studies, study

FEW = Bootstrap(draws=50)


def test_a_small_study_by_hand() -> None:
    summary = summarise(study(["0140", "0100", "1140"], "0141"))
    assert summary.volunteers == (
        VolunteerScore("s1", 3, 4, True),
        VolunteerScore("s2", 2, 4, True),
        VolunteerScore("s3", 2, 4, True),
    )
    assert summary.accuracy == pytest.approx(7 / 12)
    assert summary.sigma == pytest.approx(np.std([0.75, 0.5, 0.5]))
    assert summary.sigma_ddof1 == pytest.approx(np.std([0.75, 0.5, 0.5], ddof=1))
    assert summary.chance == pytest.approx(1 / 3)
    assert summary.trials == (
        TrialScore(1, DIGITS, (2, 1, 0), "0", wilson(2, 3)),
        TrialScore(2, DIGITS, (0, 3, 0), "1", wilson(3, 3)),
        TrialScore(3, DIGITS, (1, 0, 2), "4", wilson(2, 3)),
        TrialScore(4, DIGITS, (3, 0, 0), "1", wilson(0, 3)),
    )
    assert summary.confusion == ((2, 1, 0), (3, 3, 0), (1, 0, 2))
    assert summary.classes == (
        ClassScore("0", truths=3, choices=6, correct=2),
        ClassScore("1", truths=6, choices=4, correct=3),
        ClassScore("4", truths=3, choices=2, correct=2),
    )
    assert summary.unanimous == (2, 4)
    assert summary.unanimously_right == (2,)
    assert (summary.answers, summary.missing) == (12, 0)


def test_recall_divides_by_truths_and_precision_by_choices() -> None:
    score = ClassScore("0", truths=3, choices=6, correct=2)
    assert (score.recall, score.precision) == (2 / 3, 2 / 6)


def test_a_class_never_true_or_never_chosen_says_so_instead_of_nan() -> None:
    true_only, chosen_only, unseen = summarise(study(["11", "11"], "00")).classes
    assert true_only.precision == Undefined("Nobody chose '0', so it has no precision.")
    assert chosen_only.recall == Undefined("No answered trial had '1' as its truth, so it has no recall.")
    assert (true_only.recall, chosen_only.precision) == (0.0, 0.0)
    assert isinstance(unseen.recall, Undefined)
    assert isinstance(unseen.precision, Undefined)


@given(studies(missing=False))
def test_class_numbers_equal_scikit_learn(answers: list[Answer]) -> None:
    summary = summarise(answers, unfinished="include", bootstrap=FEW)
    names = list(summary.class_names)
    truth, choice = [answer.truth for answer in answers], [answer.choice for answer in answers]
    assert summary.confusion == tuple(map(tuple, confusion_matrix(truth, choice, labels=names).tolist()))
    assert summary.accuracy == pytest.approx(accuracy_score(truth, choice))
    for theirs, ours in (
        (recall_score, [score.recall for score in summary.classes]),
        (precision_score, [score.precision for score in summary.classes]),
    ):
        expected = theirs(truth, choice, labels=names, average=None, zero_division=0)
        assert [_or_zero(value) for value in ours] == pytest.approx(expected)


def _or_zero(value: Number) -> float:
    return value if is_number(value) else 0.0


@given(studies(), st.randoms(use_true_random=False))
def test_no_storage_or_display_order_changes_any_number(answers: list[Answer], random: Random) -> None:
    shuffled = [
        replace(answer, options=tuple(random.sample(answer.options, len(answer.options))))
        for answer in answers
    ]
    random.shuffle(shuffled)
    moved = [replace(answer, position=random.randrange(2), order=random.randint(1, 9)) for answer in shuffled]
    assert by_name(_summary(moved)) == by_name(_summary(answers))


@given(studies(), st.permutations("wxyz"))
def test_other_names_of_classes_change_only_names(answers: list[Answer], letters: Sequence[str]) -> None:
    new = dict(zip("abcd", letters, strict=True))
    renamed = [
        replace(
            answer,
            options=tuple(new[name] for name in answer.options),
            truth=new[answer.truth],
            choice=new[answer.choice],
        )
        for answer in answers
    ]
    before, after = _summary(answers), _summary(renamed)
    assert after.class_names == tuple(new[name] for name in before.class_names)
    assert after.confusion == before.confusion
    assert _numbers(after) == _numbers(before)


@given(studies(), st.permutations("vwxyz"))
def test_other_names_of_sessions_change_only_names(answers: list[Answer], letters: Sequence[str]) -> None:
    renamed = [replace(answer, session=letters[int(answer.session[1])]) for answer in answers]
    before, after = _summary(answers), _summary(renamed)
    assert replace(after, volunteers=()) == replace(before, volunteers=())
    assert sorted(score.correct for score in after.volunteers) == sorted(
        score.correct for score in before.volunteers
    )


@given(studies(), st.permutations(range(11, 16)))
def test_other_numbers_of_trials_change_only_numbers(answers: list[Answer], numbers: Sequence[int]) -> None:
    renumbered = [replace(answer, trial=numbers[answer.trial - 1]) for answer in answers]
    before, after = _summary(answers), _summary(renumbered)
    assert replace(after, trials=(), accuracy_interval=before.accuracy_interval) == replace(before, trials=())
    counts = {trial.trial: (trial.counts, trial.truth) for trial in after.trials}
    assert counts == {numbers[trial.trial - 1]: (trial.counts, trial.truth) for trial in before.trials}


def _summary(answers: list[Answer]) -> Summary:
    return summarise(answers, bootstrap=FEW)


def _numbers(summary: Summary) -> list[object]:
    return [
        summary.accuracy,
        summary.sigma,
        summary.sigma_ddof1,
        summary.kappa,
        summary.accuracy_interval,
        summary.t_interval,
        [(score.truths, score.choices, score.correct) for score in summary.classes],
    ]


def test_classes_keep_the_order_the_answers_list_and_are_sorted_where_they_list_several() -> None:
    listed = study(["zm"], "za", classes=("z", "a", "m"))
    assert summarise(listed).class_names == ("z", "a", "m")
    mixed = [replace(listed[0], options=("m", "a", "z")), listed[1]]
    assert summarise(mixed).class_names == ("a", "m", "z")
    numbered = [Answer("s", 1, ("10", "9"), "9", "9"), Answer("s", 2, ("9", "10"), "9", "9")]
    assert summarise(numbered).class_names == ("9", "10")


def unfinished_study() -> list[Answer]:
    """Two finished sessions and one that stopped after a right answer."""
    return [*study(["00", "01"], "00"), Answer("late", 1, DIGITS, "0", "0", session_complete=False)]


def test_unfinished_sessions_are_left_out_by_default_and_said() -> None:
    summary = summarise(unfinished_study())
    assert [score.session for score in summary.volunteers] == ["s1", "s2"]
    assert summary.accuracy == 0.75
    assert summary.policy == "1 unfinished session was left out."
    assert summary.missing == 0


def test_unfinished_sessions_count_what_they_answered_on_request() -> None:
    summary = summarise(unfinished_study(), unfinished="include")
    assert summary.accuracy == pytest.approx((1 + 0.5 + 1) / 3)
    assert summary.policy == "1 unfinished session was counted with the answers they gave."
    assert summary.missing == 1
    assert summary.trials[0].n == 3
    assert isinstance(summary.kappa, Undefined)


def test_chance_follows_the_number_of_options_of_each_trial() -> None:
    answers = [Answer("s", 1, ("a", "b"), "a", "a"), Answer("s", 2, ("a", "b", "c", "d"), "a", "b")]
    summary = summarise(answers)
    assert summary.chance == pytest.approx((1 / 2 + 1 / 4) / 2)
    assert [trial.options for trial in summary.trials] == [("a", "b"), ("a", "b", "c", "d")]


def test_one_volunteer_has_an_accuracy_and_reasons_for_everything_else() -> None:
    summary = summarise(study(["0140"], "0141"))
    assert (summary.accuracy, summary.sigma) == (0.75, 0.0)
    undefined = [summary.sigma_ddof1, summary.kappa, summary.accuracy_interval, summary.t_interval]
    assert all(isinstance(value, Undefined) for value in undefined)


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ([], "There are no answers yet; it takes at least one."),
        (
            [Answer("s", 1, DIGITS, "0", "0", session_complete=False)],
            "The only session is unfinished; include unfinished sessions to see their answers.",
        ),
    ],
)
def test_nothing_to_summarise_is_said(answers: list[Answer], sentence: str) -> None:
    with pytest.raises(NoAnswers) as refusal:
        summarise(answers)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(("draws", "seed"), [(0, 1), (10, -1)])
def test_a_bootstrap_without_draws_or_seed_is_refused(draws: int, seed: int) -> None:
    with pytest.raises(AnalysisError, match=r"needs at least one draw and a seed of 0 or more\."):
        Bootstrap(draws=draws, seed=seed)


GOOD = Answer("s1", 5, DIGITS, truth="0", choice="1")


@pytest.mark.parametrize(
    ("second", "complaint"),
    [
        (replace(GOOD, session="s2", choice="7"), "the choice '7' is not one of the options '0', '1', '4'."),
        (replace(GOOD, trial=6, truth="9"), "the truth '9' is not one of the options '0', '1', '4'."),
        (replace(GOOD, choice="4"), "this session has already answered this trial."),
        (replace(GOOD, session="s2", truth="4"), "the truth is '4' here but '0' in an earlier answer."),
        (
            replace(GOOD, session="s2", options=("0", "1", "7")),
            "the options are '0', '1', '7' here but '0', '1', '4' in an earlier answer.",
        ),
        (
            replace(GOOD, session="s2", option_ids=("x", "y", "z")),
            "the options show other images here than in an earlier answer.",
        ),
        (
            replace(GOOD, trial=6, session_complete=False),
            "the session is finished in one answer and unfinished in another.",
        ),
        (
            replace(GOOD, trial=6, options=("0", "1", "1")),
            "a class is twice among the options '0', '1', '1'.",
        ),
        (replace(GOOD, trial=6, options=("0",), choice="0"), "a trial needs at least two options."),
        (replace(GOOD, trial=6, options=("0", "")), "an option has no class name."),
        (replace(GOOD, trial=6, option_ids=("x",)), "1 option ids for 3 options."),
        (replace(GOOD, trial=6, position=3), "screen position 3, but places run from 0 to 2."),
        (replace(GOOD, trial=6, order=0), "place 0 in the session, but places count from 1."),
        (replace(GOOD, trial=6, response_ms=-1), "the response time is -1, below zero."),
        (replace(GOOD, trial=6, plays=-2), "the number of plays is -2, below zero."),
    ],
)
def test_an_impossible_answer_is_refused_by_its_row(second: Answer, complaint: str) -> None:
    with pytest.raises(InvalidAnswer) as refusal:
        summarise([GOOD, second])
    assert str(refusal.value) == f"Answer 2 (session {second.session}, trial {second.trial}): {complaint}"


def test_the_sizes_of_the_paper_work_end_to_end() -> None:
    summary = summarise(simulated(21, 20))
    assert (len(summary.volunteers), len(summary.trials), summary.answers) == (21, 20, 420)
    assert summary.accuracy in _defined(summary)


def _defined(summary: Summary) -> Interval:
    assert isinstance(summary.accuracy_interval, Interval)
    return summary.accuracy_interval
