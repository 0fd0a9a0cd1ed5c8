"""The review: each test against scipy, statsmodels or brute force."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from analysis import Answer, NoAnswers, Undefined, summarise
from analysis.exclusions import Rules
from analysis.matrix import to_matrix
from analysis.review import review
from analysis.review.chance import against_chance
from analysis.review.sections import PermutationTest, PositionBias, StudentTest, Trend
from analysis.values import Interval
from tests.analysis.studies import DIGITS, simulated, study


def permuted_orders(answers: list[Answer], seed: int = 2) -> list[Answer]:
    """The same answers, each session's trials in an order of its own, with plays and times that vary."""
    rng = np.random.default_rng(seed)
    trials = sorted({answer.trial for answer in answers})
    places = {s: dict(zip(trials, rng.permutation(len(trials)) + 1, strict=True)) for s in
              {answer.session: None for answer in answers}}  # fmt: skip
    return [
        replace(
            answer,
            order=int(places[answer.session][answer.trial]),
            plays=int(rng.integers(1, 4)),
            response_ms=int(np.exp(rng.normal(8 - 0.3 * answer.correct, 0.4))),
        )
        for answer in answers
    ]


PAPER = permuted_orders(simulated(21, 20))


def test_the_t_test_is_scipys() -> None:
    found = review(PAPER, draws=50).chance.t
    assert isinstance(found, StudentTest)
    accuracies = [score.accuracy for score in summarise(PAPER).volunteers]
    theirs = stats.ttest_1samp(accuracies, 1 / 3, alternative="greater")
    assert (found.t, found.df, found.p) == pytest.approx((theirs.statistic, theirs.df, theirs.pvalue))
    assert found.effect == pytest.approx((np.mean(accuracies) - 1 / 3) / np.std(accuracies, ddof=1))


def test_the_permutation_test_equals_permuting_truths_within_volunteers() -> None:
    answers = study(["0140", "0 14", "4401", "1114"], "0141")
    found = review(answers, draws=50).chance.permutation
    assert isinstance(found, PermutationTest)
    rng = np.random.default_rng(8)
    by_session: dict[str, list[Answer]] = {}
    for answer in answers:
        by_session.setdefault(answer.session, []).append(answer)
    right = [
        sum(
            sum(
                a.choice == truth
                for a, truth in zip(own, rng.permutation([a.truth for a in own]), strict=True)
            )
            for own in by_session.values()
        )
        for _ in range(4000)
    ]
    observed = sum(answer.correct for answer in answers)
    assert found.p == pytest.approx(np.mean([drawn >= observed for drawn in right]), abs=0.03)
    assert found.expected == pytest.approx(np.mean(right) / len(answers), abs=0.01)


def test_who_always_answers_the_frequent_truth_is_above_a_third_but_not_above_permutation() -> None:
    found = review(study(["0000000000", "0000000000", "0000000100"], "0000000014"), draws=50).chance
    assert found.naive.p < 1e-5
    assert isinstance(found.permutation, PermutationTest)
    assert found.permutation.expected > 0.75
    assert found.permutation.p > 0.2


def test_the_permutation_test_keeps_its_level_where_guesses_prefer_a_class_and_the_naive_does_not() -> None:
    """Deaf volunteers who guess the frequent truth most of the time, in 200 studies."""
    rng = np.random.default_rng(12)
    truths = "000000011144"
    found = {"permutation": 0, "naive": 0}
    for _ in range(200):
        choices = ["".join(rng.choice(list("014"), 12, p=[0.7, 0.2, 0.1])) for _ in range(8)]
        chance = against_chance(to_matrix(study(choices, truths)))
        assert isinstance(chance.permutation, PermutationTest)
        found["permutation"] += chance.permutation.p < 0.05
        found["naive"] += chance.naive.p < 0.05
    assert found["permutation"] <= 20
    assert found["naive"] > 100


def test_truths_that_cannot_be_permuted_say_so() -> None:
    same = review(study(["01", "00"], "00"), draws=50).chance.permutation
    assert isinstance(same, Undefined)
    apart = [Answer(s, t, options, options[0], options[0]) for s in "ab" for t, options in
             enumerate([("0", "1"), ("1", "4")], start=1)]  # fmt: skip
    assert isinstance(review(apart, draws=50).chance.permutation, Undefined)


def test_each_volunteer_and_each_trial_is_tested_exactly_and_corrected() -> None:
    found = review(PAPER, draws=50)
    summary = summarise(PAPER)
    assert [one.name for one in found.volunteers] == [score.session for score in summary.volunteers]
    assert [(one.correct, one.n) for one in found.trials] == [
        (score.correct, score.n) for score in summary.trials
    ]
    for one in (*found.volunteers, *found.trials):
        theirs = stats.binomtest(one.correct, one.n, 1 / 3, alternative="greater").pvalue
        assert one.p == pytest.approx(theirs)
        assert one.p <= one.p_holm <= 1


def test_the_learning_slope_is_that_of_statsmodels() -> None:
    import pandas as pd
    from statsmodels.genmod.cov_struct import Exchangeable
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_estimating_equations import GEE

    answers = [answer for index, answer in enumerate(PAPER) if index % 17]  # some are missing
    frame = pd.DataFrame(
        {"right": [float(a.correct) for a in answers], "order": [a.order for a in answers],
         "who": [a.session for a in answers]}
    )  # fmt: skip
    theirs = GEE.from_formula("right ~ order", "who", frame, family=Binomial(), cov_struct=Exchangeable())
    theirs = theirs.fit(maxiter=200, ctol=1e-10)
    found = review(answers, draws=50).learning
    assert isinstance(found, Trend)
    assert not isinstance(found.slope, Undefined)
    assert found.slope.log_odds == pytest.approx(theirs.params["order"], abs=1e-6)
    assert found.slope.se == pytest.approx(theirs.bse["order"], abs=1e-6)
    assert found.slope.correlation == pytest.approx(float(theirs.model.cov_struct.dep_params), abs=1e-5)
    assert found.slope.df == 19
    assert [step.n for step in found.steps] == [frame.order.eq(place).sum() for place in range(1, 21)]


def test_one_order_for_all_is_no_learning_and_one_number_of_plays_no_effect() -> None:
    found = review(simulated(5, 6), draws=50)
    assert isinstance(found.learning, Trend)
    assert found.learning.slope == Undefined(
        "All volunteers met the trials in the same order, so place and trial can't be told apart."
    )
    assert isinstance(found.listens, Trend)
    assert isinstance(found.listens.slope, Undefined)


def test_a_slope_that_separates_right_from_wrong_is_said() -> None:
    answers = study(["0000", "0044", "0044", "0444"], "0000")
    ordered = [replace(answer, plays=1 if answer.correct else 3) for answer in answers]
    found = review(ordered, draws=50).listens
    assert isinstance(found, Trend)
    assert found.slope == Undefined(
        "The slope does not settle: right and wrong answers are (almost) separated by it."
    )


def test_places_of_the_screen_are_counted_and_tested_as_scipy_does() -> None:
    found = review(PAPER, draws=50).position
    assert isinstance(found, PositionBias)
    counts = np.bincount([answer.position for answer in PAPER if answer.position is not None])
    theirs = stats.chisquare(counts)
    assert found.counts == tuple(counts)
    assert (found.chi_square, found.p) == pytest.approx((theirs.statistic, theirs.pvalue))
    assert sum(found.correct) == sum(answer.correct for answer in PAPER)


def test_volunteers_who_each_like_a_place_of_their_own_are_found_within() -> None:
    liked = [replace(answer, position=int(answer.session[1:]) % 3) for answer in simulated(21, 20)]
    found = review(liked, draws=50).position
    assert isinstance(found, PositionBias)
    assert found.p == 1
    assert found.p_within == 1e-12


def test_response_times_are_compared_within_volunteers() -> None:
    found = review(PAPER, draws=50).times
    assert not isinstance(found, Undefined)
    by_session: dict[str, dict[bool, list[float]]] = {}
    for answer in PAPER:
        assert answer.response_ms
        sides = by_session.setdefault(answer.session, {True: [], False: []})
        sides[answer.correct].append(np.log(answer.response_ms))
    own = [
        np.mean(sides[True]) - np.mean(sides[False]) for sides in by_session.values() if all(sides.values())
    ]
    theirs = stats.ttest_1samp(own, 0)
    assert found.p == pytest.approx(theirs.pvalue)
    assert isinstance(found.interval, Interval)
    ends = tuple(np.exp(theirs.confidence_interval()))
    assert (found.interval.low, found.interval.high) == pytest.approx(ends)
    assert found.ratio == pytest.approx(np.exp(np.mean(own)))
    assert found.median == np.median([answer.response_ms for answer in PAPER if answer.response_ms])


def test_rules_are_told_with_the_numbers_before_and_after() -> None:
    slow = [
        replace(answer, response_ms=100) if answer.session in {"s3", "s4"} else answer for answer in PAPER
    ]
    found = review(slow, draws=50, exclusions=Rules(median_ms_at_least=500))
    assert found.exclusions.without.volunteers == 21
    assert found.exclusions.counted.volunteers == len(found.summary.volunteers) == 19
    assert found.exclusions.without.accuracy == summarise(PAPER).accuracy
    assert found.exclusions.flow[-1].left_out == 2
    assert (
        found.summary
        == review([answer for answer in slow if answer.session not in {"s3", "s4"}], draws=50).summary
    )


def test_without_rules_the_summary_is_that_of_summarise() -> None:
    late = replace(PAPER[0], session="late", session_complete=False)
    by_words = replace(PAPER[0], session="words", described=True)
    answers = [*PAPER, late, by_words]
    assert review(answers).summary == summarise(answers)
    included = review(answers, exclusions=Rules(finished=False)).summary
    assert included == summarise(answers, unfinished="include")
    assert review(answers, described="only").summary == summarise(answers, described="only")


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ([], "There are no answers yet; it takes at least one."),
        (
            [Answer("s", 1, DIGITS, "0", "0", session_complete=False)],
            "The only session is unfinished; include unfinished sessions to see their answers.",
        ),
        (
            [Answer("s", 1, DIGITS, "0", "0", described=True)],
            "Every session to count chose by written descriptions of the images; those are counted apart.",
        ),
    ],
)
def test_nobody_to_review_is_said(answers: list[Answer], sentence: str) -> None:
    with pytest.raises(NoAnswers) as refusal:
        review(answers)
    assert str(refusal.value) == sentence
