"""A panel's list beside ours: every person once, with how their visit ended."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from study.domain import outcomes, panels, reconciling, sessions
from study.domain.reconciling import Line
from study.models import Outcome, Session, Study
from tests.world import MakeStudy, answer_all, at_first_trial

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(make_study: MakeStudy) -> Study:
    """A published study of a panel's people."""
    return make_study(participant_parameters=["PROLIFIC_PID"], completion_code="DONE1", broken_code="BROKE1")


def arrive(study: Study, participant: str, mode: Session.Mode = Session.Mode.LIVE) -> Session:
    return panels.begin(study, mode=mode, ids={"PROLIFIC_PID": participant})


def finished(study: Study, participant: str) -> Session:
    """Somebody of the panel who has taken the whole test."""
    session = arrive(study, participant)
    walked = at_first_trial(study)
    Session.objects.filter(pk=session.pk).update(
        **{
            name: getattr(walked, name)
            for name in ("consented_at", "consent_hash", "sound_confirmed_at", "instructions_read_at",
                         "examples_seen_at")
        }
    )  # fmt: skip
    walked.delete()
    return answer_all(sessions.find(session.token))


def endings(study: Study, pasted: str) -> dict[str, str]:
    return {line.participant: line.ending for line in reconciling.reconcile(study, pasted).lines}


def test_everybody_is_told_by_how_their_visit_ended(study: Study) -> None:
    finished(study, "a1")
    arrive(study, "b2")
    outcomes.record(arrive(study, "c3"), Outcome.Kind.BROKEN)
    late = arrive(study, "d4")
    Session.objects.filter(pk=late.pk).update(expires_at=late.started_at)
    assert endings(study, "a1\nb2\nc3\nd4\ne5\n") == {
        "a1": "complete",
        "b2": "under_way",
        "c3": "broken",
        "d4": "expired",
        "e5": "unknown",
    }


def test_a_line_says_answers_and_code(study: Study) -> None:
    done = finished(study, "a1")
    (line,) = reconciling.reconcile(study, "a1").lines
    assert done.finished_at is not None
    assert line == Line(
        "a1", "complete", 6, 6, "", done.started_at.isoformat(timespec="seconds"),
        done.finished_at.isoformat(timespec="seconds"), "DONE1",
    )  # fmt: skip


def test_whom_the_list_does_not_name_is_counted(make_study: MakeStudy) -> None:
    for keep, shown in ((False, ""), (True, "b2")):
        study = make_study(participant_parameters=["PROLIFIC_PID"], keep_participant_ids=keep)
        arrive(study, "a1")
        arrive(study, "b2")
        found = reconciling.reconcile(study, "a1")
        assert [line.participant for line in found.unlisted] == [shown]


def test_pilots_are_not_volunteers(study: Study) -> None:
    arrive(study, "a1", Session.Mode.PILOT)
    assert endings(study, "a1") == {"a1": "unknown"}


@pytest.mark.parametrize(
    "pasted",
    [
        "a1\nb2",
        " a1 \r\n\r\nb2\r\na1\r\n",
        "Submission id,Participant id,Status\n99,a1,APPROVED\n98,b2,RETURNED\n",
        '"HITId";"WorkerId"\n"h";"a1"\n"h";"b2"\n',
        "a1\tx\nb2\ty",
    ],
)
def test_lists_and_the_tables_of_panels_are_read(pasted: str) -> None:
    assert reconciling.ids_in(pasted) == ["a1", "b2"]


@pytest.mark.parametrize("pasted", ["", "  \n\n", "Participant id,Status\n"])
def test_nothing_in_a_list_is_said(pasted: str) -> None:
    with pytest.raises(reconciling.ListUnreadable):
        reconciling.ids_in(pasted)


def test_a_list_that_is_too_long_is_refused() -> None:
    with pytest.raises(reconciling.ListUnreadable, match="20000"):
        reconciling.ids_in("\n".join(str(number) for number in range(20_001)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_whatever_is_pasted_is_read_or_refused_in_words(pasted: str) -> None:
    try:
        ids = reconciling.ids_in(pasted)
    except reconciling.ListUnreadable:
        return
    assert ids == list(dict.fromkeys(id_.strip() for id_ in ids if id_.strip()))


def test_the_table_is_safe_for_spreadsheets(study: Study) -> None:
    found = reconciling.reconcile(study, "=1+1\na1")
    rows = list(csv.DictReader(io.StringIO(reconciling.table(found))))
    assert [(row["participant"], row["listed"], row["ending"]) for row in rows] == [
        ("'=1+1", "1", "unknown"),
        ("a1", "1", "unknown"),
    ]
