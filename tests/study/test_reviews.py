"""Reviews of a study: read as rows, computed once, after the rules that it declared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User

from analysis.matrix import AnswerMatrix, to_matrix
from analysis.sequential import OF_A_PART, OF_CONDITIONS, Verdict
from study.domain import answer_matrix, conditions, results, reviews, sessions, studies
from study.domain.selecting import Selection
from study.errors import EarsightError
from study.models import Event, Outcome, Response, Session, Study
from tests.crowd import crowd
from tests.world import MakeStudy, answer_all, answer_some, at_first_trial, give_stimuli

pytestmark = pytest.mark.django_db


def same(one: AnswerMatrix, other: AnswerMatrix) -> bool:
    """Whether two matrices hold the same."""
    arrays = ("complete", "described", "offered", "truth", "choice")
    plain = ("sessions", "condition", "trials", "classes", "listed", "headphones", "again")
    return (
        all(np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays)
        and all(getattr(one, name) == getattr(other, name) for name in plain)
        and all(np.array_equal(values, other.told[name]) for name, values in one.told.items())
    )


def test_rows_are_laid_out_as_answers_are(study: Study) -> None:
    crowd(study, 7, missing=0.2)
    crowd(study, 2, heard=False, seed=3, mode=Session.Mode.SIMULATED)
    answer_some(at_first_trial(study), 3)
    at_first_trial(study)
    Response.objects.filter(session=Session.objects.first()).update(milliseconds=None)
    Session.objects.filter(seed=1).update(again=True)
    Session.objects.filter(seed=2).update(again=None)  # from before it was noted
    for mode in Session.Mode.values:
        found = answer_matrix.matrix(study, Selection(mode))
        expected = to_matrix(results.answers(study, mode))
        if len(expected.sessions):
            assert same(found, expected)
        else:
            assert len(found.sessions) == 0


def test_a_review_is_computed_once_until_something_changes(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Selection] = []
    computed = reviews._review

    def counted(study: Study, selection: Selection, **options: Any) -> Any:
        calls.append(selection)
        return computed(study, selection, **options)

    monkeypatch.setattr(reviews, "_review", counted)
    visit = answer_all(at_first_trial(study))
    first = results.review(study, Selection())
    assert results.review(study, Selection()) is first
    Event.objects.create(
        session=visit, presentation=visit.presentations.get(position=1), kind="play", client_id="late-event"
    )
    assert results.review(study, Selection()) is not first
    answer_all(at_first_trial(study))
    assert len(results.review(study, Selection()).summary.volunteers) == 2
    Session.objects.filter(pk=visit.pk).delete()
    assert len(results.review(study, Selection()).summary.volunteers) == 1
    assert len(calls) == 4


def test_few_reviews_are_kept(study: Study) -> None:
    for _ in range(reviews.MOST_KEPT + 3):
        answer_all(at_first_trial(study))
        results.review(study, Selection())
    assert len(reviews._kept) <= reviews.MOST_KEPT


def test_declared_rules_are_followed_and_can_be_looked_past(make_study: MakeStudy, alice: User) -> None:
    draft = make_study("built", exclusion_rules={"median_ms_at_least": 1000})
    study = studies.publish(draft, by=alice)
    answer_all(at_first_trial(study))
    hasty = answer_all(at_first_trial(study), right=lambda position: False)
    Response.objects.filter(session=hasty).update(milliseconds=200)
    after, before = (results.review(study, Selection(excluded=kept)) for kept in (True, False))
    assert (after.summary.accuracy, before.summary.accuracy) == (1, 0.5)
    assert results.summary(study).accuracy == 1
    assert [stage.left_out for stage in after.exclusions.flow] == [0, 0, 1]
    assert after.exclusions.without.accuracy == 0.5


def verdict(study: Study, selection: Selection) -> Verdict | None:
    """What the declared sequential rule says, where it is followed."""
    found = results.review(study, selection).sequential
    return found if isinstance(found, Verdict) else None


def test_the_sequential_rule_follows_the_order_of_finishing(make_study: MakeStudy, alice: User) -> None:
    draft = make_study("built", planned_volunteers=8, looks=2, stopping_rule="pocock")
    study = studies.publish(draft, by=alice)
    for wrong in (1, 0, 1, 0):
        answer_all(at_first_trial(study), right=lambda position, wrong=wrong: position > wrong)  # type: ignore[misc]
    selection = Selection()
    told = verdict(study, selection)
    assert told is not None
    assert (told.counted, told.stopped) == (4, told.looks[0])
    first = Session.objects.order_by("finished_at")[0]
    answer_all(at_first_trial(study), right=lambda position: False)
    again = verdict(study, selection)
    assert again is not None
    assert again.looks[0] == told.looks[0]
    Session.objects.filter(pk=first.pk).delete()
    changed = verdict(study, selection)
    assert changed is not None
    assert changed.looks[0] != told.looks[0]
    assert verdict(replace_rule(study), selection) is None


def test_the_rule_speaks_of_those_who_are_counted(make_study: MakeStudy, alice: User) -> None:
    rules = {"median_ms_at_least": 1000}
    draft = make_study("built", planned_volunteers=8, looks=2, stopping_rule="pocock", exclusion_rules=rules)
    study = studies.publish(draft, by=alice)
    visits = [answer_all(at_first_trial(study)) for _ in range(3)]
    Response.objects.filter(session=visits[0]).update(milliseconds=200)
    told = verdict(study, Selection())
    assert told is not None
    assert told.sentence.endswith("the next look is at 4 volunteers, 2 are counted so far.")


def test_the_rule_is_followed_over_the_whole_study_alone(make_study: MakeStudy, alice: User) -> None:
    draft = make_study("built", planned_volunteers=4, looks=2, stopping_rule="pocock")
    study = studies.publish(draft, by=alice)
    for wrong in (1, 0):
        answer_all(at_first_trial(study), right=lambda position, wrong=wrong: position > wrong)  # type: ignore[misc]
    answer_all(at_first_trial(study, mode=Session.Mode.PILOT))
    whole = results.review(study, Selection())
    assert verdict(study, Selection()) == whole.sequential
    for part in (Selection(mode="pilot"), Selection(excluded=False), Selection(described="include")):
        found = results.review(study, part)
        assert verdict(study, part) is None
        assert found.sequential == OF_A_PART


def test_a_rule_over_several_conditions_is_refused_and_never_followed(
    make_study: MakeStudy, alice: User
) -> None:
    draft = make_study("draft", planned_volunteers=4, looks=2, stopping_rule="pocock")
    arms = [conditions.add(draft, by=alice, configuration={"name": name}) for name in ("A", "B")]
    give_stimuli(draft, alice)
    with pytest.raises(EarsightError, match="conditions are counted apart"):
        studies.publish(draft, by=alice)
    study = studies.publish(studies.update(draft, by=alice, configuration={"stopping_rule": ""}), by=alice)
    answer_all(at_first_trial(study))
    Study.objects.filter(pk=study.pk).update(stopping_rule="pocock")
    study.refresh_from_db()
    arm = Session.objects.get().condition
    assert arm in arms
    assert results.review(study, Selection(condition=arm)).sequential == OF_CONDITIONS


def test_the_flow_begins_with_those_who_consented(make_study: MakeStudy, alice: User) -> None:
    study = make_study(screening="required")
    sent_away = sessions.consent(sessions.start(study))
    Outcome.objects.create(session=sent_away, kind=Outcome.Kind.FAILED_CHECK)
    sessions.consent(sessions.start(study))
    crowd(study, 3)
    flow = results.review(study, Selection()).exclusions
    assert [(stage.rule, stage.left_out, stage.remaining) for stage in flow.arrivals] == [
        ("consented", 0, 5), ("admitted", 1, 4), ("began", 1, 3),
    ]  # fmt: skip
    assert flow.flow[0].remaining == 3
    assert results.review(study, Selection(described="include")).exclusions.arrivals == flow.arrivals


def replace_rule(study: Study) -> Study:
    """The same study without a sequential rule."""
    study.stopping_rule = ""
    return study
