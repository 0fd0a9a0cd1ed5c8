"""Simulated volunteers go through the real pages and API of a live server."""

import json
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from pytest_django.live_server_helper import LiveServer

from study.domain import conditions, questions, rehearsal, results, studies
from study.domain.rehearsal import Cast
from study.domain.rehearsal_report import Acknowledged, percentiles, report_on
from study.models import HeadphoneCheck, Participant, Response, Session, Study
from tests.world import MakeStudy, answer_all, at_first_trial, describe_all, give_stimuli

live = pytest.mark.django_db(transaction=True)


@live
def test_simulated_volunteers_come_through_and_lose_nothing(study: Study, live_server: LiveServer) -> None:
    report = rehearsal.hold(study, live_server.url, Cast(sessions=4, accuracy=0.5, double_clicks=0.5))
    assert (report.finished, report.acknowledged, report.stored) == (4, 24, 24)
    assert (report.lost, report.changed, report.errors) == (0, 0, ())
    assert report.flawless
    assert set(report.milliseconds) == {"answer", "page"}


@live
@pytest.mark.parametrize("kind", ["antiphase", "huggins"])
def test_simulated_volunteers_listen_and_pass_the_headphone_check(
    make_study: MakeStudy, live_server: LiveServer, kind: str
) -> None:
    study = make_study(minimum_listens=2, screening="required", screening_kind=kind)
    report = rehearsal.hold(study, live_server.url, Cast(sessions=2, api=0.5))
    assert report.flawless, report.errors
    assert (report.stored, HeadphoneCheck.objects.filter(outcome="passed").count()) == (12, 2)


@live
def test_people_of_a_panel_are_rehearsed_in_every_condition(
    make_study: MakeStudy, alice: User, live_server: LiveServer
) -> None:
    draft = make_study(
        status="draft", participant_parameters=["PROLIFIC_PID", "STUDY_ID"], completion_code="C1"
    )
    for name, music in (("Music", "own"), ("Control", "exchanged")):
        conditions.add(draft, by=alice, configuration={"name": name, "music": music, "quota": 1})
    give_stimuli(draft, alice)
    study = studies.publish(draft, by=alice)
    report = rehearsal.hold(study, live_server.url, Cast(sessions=4, accuracy=1))
    assert report.flawless, report.errors
    taken = Session.objects.values_list("condition__name", flat=True)
    assert sorted(name or "" for name in taken) == ["Control", "Control", "Music", "Music"]
    assert Participant.objects.filter(mode="simulated").count() == 4
    assert results.summary(study, "simulated", condition=study.conditions.get(name="Music")).accuracy == 1


@live
def test_simulated_sessions_are_never_counted_as_live(study: Study, live_server: LiveServer) -> None:
    answer_all(at_first_trial(study))
    rehearsal.hold(study, live_server.url, Cast(sessions=2, accuracy=1))
    assert results.counts(study) == {
        "live": {"started": 1, "consented": 1, "finished": 1},
        "pilot": {"started": 0, "consented": 0, "finished": 0},
        "simulated": {"started": 2, "consented": 2, "finished": 2},
    }
    assert len({answer.session for answer in results.answers(study)}) == 1


@live
def test_perfect_and_hopeless_volunteers_answer_so(study: Study, live_server: LiveServer) -> None:
    for accuracy in (1.0, 0.0):
        report = rehearsal.hold(study, live_server.url, Cast(sessions=1, accuracy=accuracy))
        assert report.accuracy == accuracy


@live
def test_the_command_prints_one_json_object(study: Study, live_server: LiveServer) -> None:
    out = StringIO()
    call_command("rehearse", study.code, sessions=1, url=live_server.url, json=True, stdout=out)
    assert json.loads(out.getvalue())["lost"] == 0


@live
def test_a_share_of_the_volunteers_chooses_among_descriptions(
    make_study: MakeStudy, alice: User, live_server: LiveServer
) -> None:
    draft = make_study(status="built", described_options=True)
    describe_all(draft, alice)
    study = studies.publish(draft, by=alice)
    for share in (1.0, 0.0):
        call_command(
            "rehearse", study.code, sessions=2, described=share, url=live_server.url, stdout=StringIO()
        )
    taken = Session.objects.order_by("pk").values_list("described", flat=True)
    assert list(taken) == [True, True, False, False]
    assert Session.objects.filter(finished_at__isnull=False).count() == 4


@pytest.mark.django_db
def test_nobody_chooses_among_descriptions_that_are_not_there(study: Study) -> None:
    with pytest.raises(rehearsal.RehearsalImpossible, match="written descriptions"):
        rehearsal.hold(study, "http://127.0.0.1:9", Cast(described=0.5))


@live
def test_a_server_that_is_away_is_reported(study: Study) -> None:
    out = StringIO()
    with pytest.raises(CommandError, match="not flawless"):
        call_command("rehearse", str(study.pk), sessions=1, url="http://127.0.0.1:9", stdout=out)
    assert "error: http://127.0.0.1:9 cannot be reached (Connection refused); is the site" in out.getvalue()
    assert "key=" not in out.getvalue()  # with it anybody could make simulated sessions


@pytest.mark.django_db
def test_a_closed_study_cannot_be_rehearsed(study: Study, alice: User) -> None:
    closed = studies.close(study, by=alice)
    with pytest.raises(rehearsal.RehearsalImpossible):
        rehearsal.hold(closed, "http://127.0.0.1:9", Cast())


@pytest.mark.django_db
def test_lost_and_changed_answers_are_found(study: Study) -> None:
    answer_all(at_first_trial(study, mode=Session.Mode.SIMULATED))
    told = [
        Acknowledged(row.presentation.token, row.screen_position)
        for row in Response.objects.order_by("presentation__position").select_related("presentation")
    ]
    told[0] = Acknowledged(told[0].presentation, (told[0].choice + 1) % 3)
    Response.objects.filter(presentation__token=told[1].presentation).delete()
    report = report_on(study, 1, 1, {}, told, [], 1.0)
    assert (report.acknowledged, report.stored, report.lost, report.changed) == (6, 5, 1, 1)
    assert not report.flawless


def test_percentiles_are_nearest_ranks_in_milliseconds() -> None:
    assert percentiles([n / 1000 for n in range(1, 101)]) == {
        "requests": 100, "p50": 50, "p95": 95, "p99": 99, "max": 100,
    }  # fmt: skip


def test_an_impossible_cast_is_refused() -> None:
    with pytest.raises(rehearsal.RehearsalImpossible):
        Cast(accuracy=71)


@live
def test_the_whole_road_is_rehearsed(make_study: MakeStudy, alice: User, live_server: LiveServer) -> None:
    draft = make_study(status="built", practice=True, rest_half_way=True)
    scale = {"kind": "scale", "prompt": "How hard?", "required": True}
    choice = {"kind": "choice", "prompt": "Do you play?", "choices": ["Yes", "No"], "required": True}
    for configuration in ({"prompt": "Anything odd?", "required": True}, scale, choice):
        questions.add(draft, configuration, by=alice)
    study = studies.publish(draft, by=alice)
    report = rehearsal.hold(study, live_server.url, Cast(sessions=2, api=0.5, at_once=2))
    assert (report.finished, report.flawless) == (2, True)
    done = Session.objects.filter(
        practised_at__isnull=False, rested_at__isnull=False, questions_done_at__isnull=False
    )
    assert [session.question_answers.count() for session in done] == [3, 3]
