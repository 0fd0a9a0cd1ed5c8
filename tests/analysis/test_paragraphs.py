"""The paragraphs say the review's numbers, as APA style writes them, and say what has none."""

import re
from dataclasses import replace

import pytest

from analysis import Answer, apa
from analysis.arrivals import Arrivals
from analysis.exclusions import Rules
from analysis.paragraphs import paragraphs
from analysis.review import review
from analysis.sequential import Declared, Looks
from analysis.values import Interval, Undefined
from tests.analysis.studies import simulated, study
from tests.analysis.test_review import PAPER


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (apa.number(1.354), "1.35"),
        (apa.number(-0.2), "−0.20"),
        (apa.number(-0.001), "0.00"),
        (apa.share(0.714), ".71"),
        (apa.share(-0.05), "−.05"),
        (apa.share(0.999), "1.00"),
        (apa.share(0.0), ".00"),
        (apa.p_value(0.0376), "p = .038"),
        (apa.p_value(0.0004), "p < .001"),
        (apa.p_value(0.9999), "p > .999"),
        (apa.p_value(1.0), "p > .999"),
        (apa.count(12345), "12,345"),
        (apa.interval(Interval(0.626, 0.781, "any")), "95% CI [.63, .78]"),
        (apa.interval(Interval(-0.1, 1.2, "any"), bounded=False), "95% CI [−0.10, 1.20]"),
        (apa.interval(Undefined("No.")), ""),
        (apa.listed(["a"]), "a"),
        (apa.listed(["a", "b"]), "a and b"),
        (apa.listed(["a", "b", "c"]), "a, b, and c"),
    ],
)
def test_numbers_are_written_as_apa_writes_them(written: str, text: str) -> None:
    assert written == text


def test_the_results_tell_the_numbers_of_the_review() -> None:
    found = review(PAPER)
    told = paragraphs(found).results
    summary, t = found.summary, found.chance.t
    assert not isinstance(t, Undefined)
    assert f"M = {apa.share(summary.accuracy)}, {apa.interval(summary.accuracy_interval)}" in told
    assert f"t(20) = {t.t:.2f}, p < .001, d = {t.effect:.2f}" in told
    assert "Accuracy was above chance (guessing: .33)" in told
    above = sum(one.p_holm < 0.05 for one in found.volunteers)
    assert f"{above} of 21 volunteers and " in told
    assert "χ²(2, N = 420) = 1.90, p = .387" in told


def test_the_methods_tell_sizes_draws_seed_and_rules() -> None:
    late = replace(PAPER[0], session="late", session_complete=False)
    told = paragraphs(review([*PAPER, late], draws=1500, seed=7, exclusions=Rules(plays_at_least=1))).methods
    assert told.startswith(
        "21 volunteers answered 20 trials (420 answers in all). Each trial offered three images"
    )
    assert "of 22 sessions with answers, 1 because they did not finish and 0 because they" in told
    assert "and 21 counted." in told
    assert "1,500 draws" in told
    assert "seed 7" in told


def test_unfinished_sessions_are_told_where_there_are_any() -> None:
    late = replace(PAPER[0], session="late", session_complete=False)
    told = paragraphs(review([*PAPER, late], draws=50)).methods
    assert "Unfinished sessions were not counted: of 22 sessions with answers, 1 because they did not" in told
    assert "not counted" not in paragraphs(review(PAPER, draws=50)).methods


def test_equal_volunteers_have_an_interval_over_trials_and_no_t_interval() -> None:
    told = paragraphs(review(study(["0141", "0141", "0141"], "0140"), draws=50)).results
    assert "M = .75, 95% CI [" in told
    assert "t interval" not in told


def test_of_one_volunteer_only_what_was_done_is_told() -> None:
    told = paragraphs(review(study(["0141"], "0140"), draws=50)).methods
    for absent in ("t test", "κ", "α", "AC1", "σ", "bootstrap", "Single volunteers"):
        assert absent not in told
    assert "Accuracy was tested against chance by an exact permutation test" in told
    assert "Single trials were tested by exact" in told


def test_one_unanimous_trial_is_told_in_the_singular() -> None:
    told = paragraphs(review(study(["0140", "0004", "0411"], "0140"), draws=50)).results
    assert "1 trial had unanimous answers, right ones." in told
    two = paragraphs(review(study(["0140", "0104", "0111"], "0040"), draws=50)).results
    assert "2 trials had unanimous answers, in 1 of them right ones." in two


def test_guessing_is_not_said_to_be_above_chance() -> None:
    guesses = study(["0144", "1400", "4011"], "0140")
    assert "Accuracy was not shown to be above chance" in paragraphs(review(guesses, draws=50)).results


def test_equal_answers_give_equal_paragraphs_in_any_order() -> None:
    assert paragraphs(review(PAPER[::-1])) == paragraphs(review(PAPER))


def test_the_declared_looks_are_told_and_where_they_ended() -> None:
    order = tuple(score.session for score in review(PAPER, draws=50).summary.volunteers)
    early = Declared(Looks(20, 2, "pocock"), order)
    told = paragraphs(review(PAPER, draws=50, sequential=early))
    assert "at two looks that were declared before the data" in told.methods
    assert "p under .0304 at 10 and .0304 at 20 volunteers" in told.methods
    assert "the study ended at look 1 of 2, at 10 volunteers, with a result above chance" in told.results
    assert "nominal level .0304" in told.results
    late = review(PAPER, draws=50, sequential=Declared(Looks(60, 2, "pocock"), order))
    assert "had not ended the study after 21 volunteers." in paragraphs(late).results
    assert "look" not in paragraphs(review(PAPER, draws=50)).methods


def test_the_flow_from_consent_is_told_where_it_is_known() -> None:
    found = review(PAPER, draws=50, arrivals=Arrivals(consented=25, screened_out=2, began=22))
    told = paragraphs(found).methods
    assert (
        "Of 25 who gave consent, 2 were sent away by the headphone check and 1 left before the trials; "
        "22 began them."
    ) in told
    assert found.exclusions.sentences == (
        "25 sessions gave consent.",
        "2 were sent away by the headphone check, which leaves 23.",
        "1 left before the trials, which leaves 22.",
        "21 sessions answered at least one trial.",
        "0 did not finish, which leaves 21.",
    )
    assert "gave consent" not in paragraphs(review(PAPER, draws=50)).methods


def test_without_exclusions_the_numbers_stand_beside() -> None:
    rules = Rules(median_ms_at_least=2100)
    told = paragraphs(review(PAPER, draws=50, exclusions=rules)).results
    assert re.search(r"Without the exclusions, 21 volunteers had accuracy = \.\d\d, 95% CI \[", told)
    assert "Without the exclusions" not in paragraphs(review(PAPER, draws=50)).results


@pytest.mark.parametrize(
    "answers",
    [
        study(["0140"], "0140"),
        study(["0000"] * 4, "0000"),
        study(["01 0", "0141"], "0140"),
        simulated(11, 12, classes="abcd"),
        [Answer("s", 1, ("a", "b"), "a", "a"), Answer("s", 2, ("a", "b", "c", "d"), "a", "b")],
    ],
)
def test_any_study_has_whole_sentences(answers: list[Answer]) -> None:
    told = paragraphs(review(answers, draws=50))
    for text in (told.methods, told.results):
        assert text.endswith(".")
        assert not re.search(r"\bnan\b", text)
        assert "Undefined" not in text
        assert not re.search(r"\s\s|\.\.|[,;:]\.| [.,]\s", text)
