"""Rules declared before the data: who they leave out, what they cannot judge, how they are written."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import Answer
from analysis.exclusions import (
    InvalidRules,
    Rules,
    Stage,
    flow_sentences,
    judge,
    read_rules,
    rules_from,
)  # fmt: skip
from analysis.matrix import to_matrix
from tests.analysis.studies import simulated, studies, study


def answered(session: str, **told: object) -> list[Answer]:
    """Three answers of one session with the given fields, one value for each trial or one for all."""
    answers = [replace(answer, session=session) for answer in study(["014"], "014")]
    for name, value in told.items():
        values = value if isinstance(value, list) else [value] * 3
        answers = [replace(answer, **{name: one}) for answer, one in zip(answers, values, strict=True)]
    return answers


@dataclass(frozen=True)
class Excluded:
    """What is left of answers after the rules."""

    kept: tuple[Answer, ...]
    flow: tuple[Stage, ...]
    reasons: dict[str, str]


def apply(answers: list[Answer], rules: Rules) -> Excluded:
    matrix = to_matrix(answers)
    judged = judge(matrix, rules)
    reasons = judged.reasons(matrix.sessions)
    kept = tuple(answer for answer in answers if answer.session not in reasons)
    return Excluded(kept, judged.flow, reasons)


def test_without_other_rules_only_the_unfinished_are_left_out() -> None:
    answers = answered("done") + answered("late", session_complete=False)
    excluded = apply(answers, Rules())
    assert excluded.kept == tuple(answers[:3])
    assert excluded.reasons == {"late": "finished"}
    assert excluded.flow == (
        Stage("", "answered at least one trial", 0, 0, 2),
        Stage("finished", "did not finish", 1, 0, 1),
    )


@pytest.mark.parametrize(
    ("rules", "just_out", "just_in"),
    [
        (Rules(answers_at_least=4), {}, None),
        (Rules(median_ms_at_least=800), {"response_ms": [799, 100, 9000]}, {"response_ms": [800, 1, 9000]}),
        (Rules(same_place_fewer_than=3), {"position": [1, 1, 1]}, {"position": [1, 1, 0]}),
        (Rules(plays_at_least=2), {"plays": [2, 2, 1]}, {"plays": [2, 2, 2]}),
        (Rules(listens_at_least=1), {"listens": [1, 0, 1]}, {"listens": [1, 1, 1]}),
        (Rules(headphones_passed=True), {"headphones": False}, {"headphones": True}),
        (Rules(first_visit_only=True), {"again": True}, {"again": False}),
    ],
)
def test_each_rule_has_a_sharp_edge(
    rules: Rules, just_out: dict[str, object], just_in: dict[str, object] | None
) -> None:
    answers = answered("out", **just_out)
    if just_in is not None:
        answers += answered("in", **just_in)
    excluded = apply(answers, rules)
    assert list(excluded.reasons) == ["out"]
    assert excluded.flow[-1].left_out == 1


def test_the_median_of_an_even_number_lies_between_the_middle_two() -> None:
    answers = answered("s", response_ms=[700, None, 900])
    assert not apply(answers, Rules(median_ms_at_least=800)).reasons
    assert apply(answers, Rules(median_ms_at_least=801)).reasons == {"s": "median_ms_at_least"}


@pytest.mark.parametrize(
    "rules",
    [
        Rules(median_ms_at_least=1000),
        Rules(same_place_fewer_than=2),
        Rules(plays_at_least=1),
        Rules(listens_at_least=1),
        Rules(headphones_passed=True),
        Rules(first_visit_only=True),
    ],
)
def test_a_session_that_tells_nothing_stays_and_is_counted_as_not_judged(rules: Rules) -> None:
    excluded = apply(answered("s"), rules)
    assert not excluded.reasons
    assert [stage.unjudged for stage in excluded.flow] == [0, 0, 1]


def test_a_session_is_counted_at_the_first_rule_that_leaves_it_out() -> None:
    answers = answered("both", session_complete=False, headphones=False) + answered("ears", headphones=False)
    excluded = apply(answers + answered("good", headphones=True), Rules(headphones_passed=True))
    assert excluded.reasons == {"both": "finished", "ears": "headphones_passed"}
    assert [(stage.left_out, stage.remaining) for stage in excluded.flow] == [(0, 3), (1, 2), (1, 1)]
    assert flow_sentences(excluded.flow) == (
        "3 sessions answered at least one trial.",
        "1 did not finish, which leaves 2.",
        "1 did not pass the headphone check, which leaves 1.",
    )


@given(studies(), st.integers(1, 6))
def test_the_flow_adds_up_for_any_study(answers: list[Answer], least: int) -> None:
    excluded = apply(answers, Rules(answers_at_least=least))
    sessions = {answer.session for answer in answers}
    assert excluded.flow[0].remaining == len(sessions)
    for before, after in zip(excluded.flow, excluded.flow[1:], strict=False):
        assert after.remaining == before.remaining - after.left_out
    assert {answer.session for answer in excluded.kept} == sessions - set(excluded.reasons)
    assert excluded.flow[-1].remaining == len(sessions) - len(excluded.reasons)


def test_nobody_flows_through_every_rule() -> None:
    assert apply([], Rules(plays_at_least=1)).flow == (Stage("", "answered at least one trial", 0, 0, 0),)


def test_rules_are_written_and_read_back_whole(tmp_path: Path) -> None:
    rules = Rules(finished=False, median_ms_at_least=900, headphones_passed=True)
    path = tmp_path / "rules.json"
    path.write_text(rules.to_json(), encoding="utf-8")
    assert read_rules(path) == rules
    assert rules_from("{}") == Rules()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"median_ms": 5}', "There is no rule 'median_ms'; there are finished, answers_at_least"),
        ('{"plays_at_least": 0}', "The rule plays_at_least is a whole number of at least 1, not 0."),
        ('{"plays_at_least": true}', "The rule plays_at_least is a whole number of at least 1, not True."),
        ('{"plays_at_least": 1.5}', "The rule plays_at_least is a whole number of at least 1, not 1.5."),
        ('{"finished": 1}', "The rule finished is true or false, not 1."),
        ("[]", "The rules are one JSON object, from the name of a rule to its value."),
        ("{", "The text of the rules is not JSON:"),
        ("[" * 100_000, "The text of the rules is nested too deeply"),
    ],
)
def test_rules_that_make_no_sense_are_refused_by_name(text: str, complaint: str) -> None:
    with pytest.raises(InvalidRules) as refusal:
        rules_from(text)
    assert str(refusal.value).startswith(complaint)


def test_rules_that_are_not_there_are_refused(tmp_path: Path) -> None:
    missing, deep = tmp_path / "nowhere.json", tmp_path / "deep.json"
    with pytest.raises(InvalidRules) as refusal:
        read_rules(missing)
    assert str(refusal.value) == f"The rules {missing} can't be read: No such file or directory."
    deep.write_text('{"a":' * 100_000)
    with pytest.raises(InvalidRules, match=r"deep\.json is nested too deeply"):
        read_rules(deep)


def test_a_whole_study_keeps_everybody_who_obeys() -> None:
    answers = simulated(21, 20)
    assert apply(answers, Rules(median_ms_at_least=500, plays_at_least=1)).kept == tuple(answers)
