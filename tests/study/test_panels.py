"""People of a panel: one visit each, ids only as a keyed hash, a code at the right moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from pytest_django import Settings

from study.domain import outcomes, panels, sessions
from study.domain.outcomes import Ending
from study.domain.panels import Code
from study.models import Outcome, Participant, Session, Study
from tests.world import MakeStudy, answer_all, at_first_trial

pytestmark = pytest.mark.django_db

PID = "60fb1c0f2a1b4c0012345678"
LIVE = Session.Mode.LIVE


@pytest.fixture
def study(make_study: MakeStudy) -> Study:
    """A published study of people from Prolific."""
    return make_study(
        participant_parameters=[*panels.PRESETS["prolific"]],
        completion_code="C1ABCDEF",
        broken_code="BROKE77",
        failed_check_code="https://app.prolific.com/submissions/complete?cc=NOPE",
    )


def test_only_the_named_parameters_are_read(study: Study) -> None:
    found = {"PROLIFIC_PID": PID, "STUDY_ID": "s1", "key": "x", "language": "de"}
    assert panels.ids_in(study, found) == {"PROLIFIC_PID": PID, "STUDY_ID": "s1"}


@pytest.mark.parametrize(
    "value",
    ["", " ", "{{%PROLIFIC_PID%}}", "%SURVEY_CODE%", "a b", "x" * 201, "ASSIGNMENT_ID_NOT_AVAILABLE", "ü"],
)
def test_what_is_no_id_is_none(study: Study, value: str) -> None:
    assert panels.ids_in(study, {"PROLIFIC_PID": value, "STUDY_ID": "s1"}) == {}


def test_somebody_who_only_looks_at_a_task_has_no_id(make_study: MakeStudy) -> None:
    study = make_study(participant_parameters=["workerId", "assignmentId"])
    looking = {"workerId": "A1", "assignmentId": "ASSIGNMENT_ID_NOT_AVAILABLE"}
    assert panels.ids_in(study, looking) == {}


def test_a_study_without_parameters_reads_nothing(make_study: MakeStudy) -> None:
    assert panels.ids_in(make_study(), {"PROLIFIC_PID": PID}) == {}


def test_coming_again_gives_the_same_visit(study: Study) -> None:
    first = panels.begin(study, mode=LIVE, ids={"PROLIFIC_PID": PID, "SESSION_ID": "a"})
    again = panels.begin(study, mode=LIVE, ids={"PROLIFIC_PID": PID, "SESSION_ID": "b"})
    other = panels.begin(study, mode=LIVE, ids={"PROLIFIC_PID": PID[::-1]})
    assert (again, study.sessions.count()) == (first, 2)
    assert panels.find(study, LIVE, {"PROLIFIC_PID": PID[::-1]}) == other
    assert panels.find(study, Session.Mode.PILOT, {"PROLIFIC_PID": PID}) is None


def test_a_volunteer_without_an_id_is_sent_back_and_a_pilot_is_not(study: Study) -> None:
    with pytest.raises(panels.ParticipantIdMissing):
        panels.begin(study, mode=LIVE)
    assert panels.begin(study, mode=Session.Mode.PILOT).mode == "pilot"


def test_only_a_keyed_hash_is_stored(study: Study) -> None:
    panels.begin(study, mode=LIVE, ids={"PROLIFIC_PID": PID, "STUDY_ID": "s1"})
    row = Participant.objects.values().get()
    assert PID not in str(row)
    assert (len(row["key"]), row["ids"]) == (64, {})


def test_ids_are_kept_where_the_study_says_so(make_study: MakeStudy) -> None:
    study = make_study(participant_parameters=["id"], keep_participant_ids=True)
    panels.begin(study, mode=LIVE, ids={"id": "17"})
    assert Participant.objects.get().ids == {"id": "17"}


def test_two_studies_cannot_be_linked_and_the_key_is_needed(
    study: Study, make_study: MakeStudy, settings: Settings
) -> None:
    here = panels.key_of(study, PID)
    assert panels.key_of(make_study(), PID) != here
    settings.SECRET_KEY = "another"
    assert panels.key_of(study, PID) != here


def test_the_completion_code_waits_for_every_answer(study: Study) -> None:
    visit = at_first_trial(study)
    assert panels.code_for(visit, {}) is None
    with pytest.raises(sessions.AnswersMissing):
        sessions.finish(visit)
    assert panels.code_for(visit, {}) is None
    assert panels.code_for(answer_all(visit), {}) == Code("C1ABCDEF")


def test_each_ending_has_its_code(study: Study) -> None:
    visit = at_first_trial(study)
    outcomes.record(visit, Outcome.Kind.BROKEN)
    outcomes.record(visit, Outcome.Kind.BROKEN)
    assert panels.code_for(visit, {}) == Code("BROKE77")
    outcomes.record(visit, Outcome.Kind.FAILED_CHECK)
    found = panels.code_for(visit, {})
    assert found == Code("", "https://app.prolific.com/submissions/complete?cc=NOPE")
    assert found.host == "app.prolific.com"
    assert panels.made_code(study, Ending.SCREENED_OUT, {}) is None


def test_an_address_is_filled_with_the_id_that_the_browser_brought(make_study: MakeStudy) -> None:
    address = "https://uni.sona-systems.com/webstudy_credit.aspx?credit_token=9f&survey_code={id}"
    study = make_study(participant_parameters=["id"], completion_code=address)
    visit = answer_all(at_first_trial(study))
    assert panels.code_for(visit, {"id": "17&x=1"}) == Code("", address.replace("{id}", "17%26x%3D1"))
    missing = panels.code_for(visit, {})
    assert missing is not None
    assert not missing.is_whole


def test_the_link_holds_what_the_panel_fills_in(study: Study, make_study: MakeStudy) -> None:
    assert panels.query(study) == (
        "?PROLIFIC_PID={{%PROLIFIC_PID%}}&STUDY_ID={{%STUDY_ID%}}&SESSION_ID={{%SESSION_ID%}}"
    )
    assert panels.query(make_study(participant_parameters=["workerId"])) == "?workerId={{workerId}}"
    assert panels.query(make_study()) == ""


@pytest.mark.django_db(transaction=True)
def test_one_id_that_arrives_many_times_at_once_has_one_visit(study: Study) -> None:
    def arrive(_: int) -> int:
        try:
            return panels.begin(study, mode=LIVE, ids={"PROLIFIC_PID": PID}).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as crowd:
        assert len(set(crowd.map(arrive, range(12)))) == 1
    assert study.sessions.count() == Participant.objects.count() == 1
