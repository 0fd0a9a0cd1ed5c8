"""What was heard, as tables and counts."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from study.domain import events, headphones, listening_results, results, sessions, steps
from study.domain.events import Reported
from study.domain.headphone_rules import layouts
from study.domain.listening_results import CheckCounts, Listening, listening_of
from study.models import Event, Session, Study
from tests.world import MakeStudy, answer_all, new_client_id, signed_in


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def log(*entries: tuple[str, float]) -> list[Event]:
    return [Event(kind=kind, seconds=seconds) for kind, seconds in entries]


def test_seconds_heard_are_summed_from_play_to_pause_or_end() -> None:
    twice = log(("play", 0), ("pause", 3.5), ("hidden", 0), ("play", 3.5), ("ended", 8), ("play", 0))
    assert listening_of([*twice, *log(("pause", 1))]) == Listening(plays=3, listens=1, seconds=9.0, hidden=1)


@pytest.mark.parametrize(
    "odd",
    [
        log(("pause", 5.0)),  # its play was lost
        log(("play", 0.0)),  # still playing when the page was killed
        log(("play", 6.0), ("pause", 2.0)),
        log(("shown", 0.0), ("visible", 0.0)),
        [],
    ],
)
def test_a_log_with_gaps_gives_no_seconds(odd: list[Event]) -> None:
    assert listening_of(odd).seconds == 0


@pytest.mark.django_db
def test_the_table_of_listening_has_a_row_per_trial(visit: Session) -> None:
    first = visit.presentations.get(position=1)
    told = [("play", 0.0), ("ended", 0.1), ("error", 0.0)]
    events.record(visit, [Reported(new_client_id(), kind, first.token, 5, at) for kind, at in told])
    answer_all(visit)
    table = rows(listening_results.listening_csv(visit.study, "live"))
    assert len(table) == 6
    assert table[0] == {
        "session_id": f"s{visit.pk}", "trial_index": "1", "task_id": str(first.trial.number), "n_plays": "1",
        "n_listens": "1", "heard_s": "0.1", "n_failures": "1", "fetched": "0", "n_hidden": "0",
        "answered": "1", "language": "en",
    }  # fmt: skip
    assert rows(listening_results.listening_csv(visit.study, "pilot")) == []


def checked(study: Study, right: int, **options: Any) -> Session:
    """A visit that has taken an attempt with so many right answers."""
    session = sessions.confirm_sound(sessions.consent(sessions.start(study, **options)))
    check = headphones.begin(session)
    for sound in check.sounds.filter(attempt=check.attempts):
        place = sound.layout.index("H")
        headphones.answer(session, sound.token, place if sound.position <= right else (place + 1) % 3)
    return session


@pytest.fixture
def checking(make_study: MakeStudy) -> Study:
    """A study that records the stricter check."""
    return make_study(screening="recorded", screening_kind="huggins")


@pytest.mark.django_db
def test_the_table_of_checks_holds_all_that_derives_them_again(checking: Study) -> None:
    session = checked(checking, right=2)
    headphones.begin(session)
    table = rows(listening_results.headphones_csv(checking, "live"))
    assert [row["session_id"] for row in table] == [f"s{session.pk}"]
    row = table[0]
    said = [row[name] for name in ("outcome", "attempts", "n_right", "n_needed")]
    assert said == ["unfinished", "2", "2", "6"]
    first, second = row["attempt_1_layouts"].split(), row["attempt_2_layouts"].split()
    assert first == layouts(int(row["seed"]), row["kind"], 1)
    assert second == layouts(int(row["seed"]), row["kind"], 2)
    chosen = [int(place) - 1 for place in row["attempt_1_choices"].split()]
    right = [layout[place] == "H" for layout, place in zip(first, chosen, strict=True)]
    assert right == [True, True, False, False, False, False]
    assert row["attempt_2_choices"] == "? ? ? ? ? ?"


@pytest.mark.django_db
def test_the_table_of_checks_tells_how_often_each_sound_was_heard(checking: Study) -> None:
    session = checked(checking, right=2)
    headphones.begin(session)
    told = [
        ("sound-1-1-aaaaaaaa", "play"),
        ("sound-1-1-bbbbbbbb", "ended"),
        ("sound-1-1-bbbbbbbb", "ended"),
        ("sound-1-3-cccccccc", "ended"),
        ("sound-1-3-dddddddd", "ended"),
        ("sound-2-6-eeeeeeee", "ended"),
        ("ffffffff", "ended"),
    ]
    events.record(session, [events.Reported(client_id, kind) for client_id, kind in told])
    row = rows(listening_results.headphones_csv(checking, "live"))[0]
    assert (row["attempt_1_listens"], row["attempt_2_listens"]) == ("1 0 2 0 0 0", "0 0 0 0 0 1")


@pytest.mark.django_db
def test_checks_are_counted_by_how_they_came_out(checking: Study) -> None:
    checked(checking, right=6)
    failed = checked(checking, right=1)
    headphones.begin(failed)
    cannot = sessions.confirm_sound(sessions.consent(sessions.start(checking)))
    headphones.decline(cannot, "mono")
    checked(checking, right=6, mode=Session.Mode.SIMULATED)
    counts = listening_results.check_counts(checking, "live")
    assert counts == CheckCounts(passed=1, failed=0, cannot=1, unfinished=1)
    assert listening_results.check_counts(checking, "pilot") == CheckCounts()


@pytest.mark.django_db
def test_a_study_without_a_check_counts_none(make_study: MakeStudy) -> None:
    assert listening_results.check_counts(make_study(), "live") is None


def through(study: Study, right: int, accuracy: Callable[[int], bool]) -> Session:
    """A finished visit with so many right answers in its headphone check."""
    session = checked(study, right=right)
    if right < 6:
        headphones.decline(session, "mono")
    for verb in (steps.read_instructions, sessions.finish_examples):
        session = verb(session)
    return answer_all(session, right=accuracy)


@pytest.mark.django_db
def test_results_can_leave_out_those_who_did_not_pass(checking: Study, alice: User) -> None:
    passed = through(checking, 6, lambda position: True)
    other = through(checking, 3, lambda position: False)
    told = {answer.session: answer.headphones for answer in results.answers(checking)}
    assert told == {f"s{passed.pk}": True, f"s{other.pk}": False}
    assert {answer.session for answer in results.answers(checking, passed=True)} == {f"s{passed.pk}"}
    assert len(results.answers(checking)) == 12
    shares = [results.summary(checking, passed=wanted).accuracy for wanted in (False, True)]
    assert shares == [0.5, 1.0]
    client = signed_in(alice)
    path = reverse("study_results", args=[checking.pk])
    everybody = client.get(path).content.decode()
    some = client.get(path, {"headphones": "passed"}).content.decode()
    for page, share in ((everybody, "50.0 %"), (some, "100.0 %")):
        assert f'<dt>Accuracy</dt><dd class="big">{share}</dd>' in page
        words = re.sub(r"<[^>]+>", "", page)
        assert "Headphone checks: 1 passed, 0 not passed, 1 could not do it." in words
    assert "Only those who passed the headphone check." in some
    assert "headphones=passed&amp;download" in some
    assert client.get(path, {"headphones": "loud"}).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["listening", "headphones"])
def test_the_tables_are_downloads_of_one_mode(checking: Study, alice: User, name: str) -> None:
    through(checking, 6, lambda position: True)
    reply = signed_in(alice).get(reverse(f"study_{name}_csv", args=[checking.pk]))
    assert reply["Content-Disposition"] == f'attachment; filename="digits-v1-{name}.csv"'
    assert len(rows(reply.content.decode())) == {"listening": 6, "headphones": 1}[name]
