"""An answer is stored once, acknowledged always, and the first one wins."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from study.domain import answering, events, sessions, studies
from study.domain.answering import Receipt, answer
from study.errors import EarsightError
from study.models import Presentation, Response, Session, Study, TrialOption
from tests.world import answer_all, at_first_trial, new_client_id

pytestmark = pytest.mark.django_db


def first_of(session: Session) -> Presentation:
    return session.presentations.get(position=1)


def test_an_answer_is_stored_with_all_it_needs(visit: Session) -> None:
    shown = first_of(visit)
    receipt = answer(visit, shown.token, choice=2, client_id="abcd-1234", milliseconds=2300)
    stored = Response.objects.get()
    assert receipt == Receipt(shown, stored, created=True)
    assert (stored.session, stored.option.trial, stored.option.slot) == (
        visit,
        shown.trial,
        shown.option_order[2],
    )
    assert (stored.screen_position, stored.client_id, stored.milliseconds) == (2, "abcd-1234", 2300)
    assert stored.study_hash == visit.study_hash == visit.study.content_hash


def test_sending_an_answer_again_returns_the_same_receipt(visit: Session) -> None:
    token, client_id = first_of(visit).token, new_client_id()
    first = answer(visit, token, choice=1, client_id=client_id)
    again = answer(visit, token, choice=1, client_id=client_id)
    assert (again.response, again.created) == (first.response, False)
    assert Response.objects.count() == 1


def test_answering_twice_keeps_the_first(visit: Session) -> None:
    token = first_of(visit).token
    answer(visit, token, choice=1, client_id=new_client_id())
    second = answer(visit, token, choice=2, client_id=new_client_id())
    assert (second.kept, second.created) == (1, False)


def test_answers_may_arrive_out_of_order(visit: Session) -> None:
    late = visit.presentations.get(position=4)
    assert answer(visit, late.token, choice=0, client_id=new_client_id()).created
    assert sessions.current_step(visit).presentation == first_of(visit)


def test_a_repeat_after_the_end_is_still_acknowledged(visit: Session) -> None:
    answer_all(visit)
    stored = Response.objects.get(presentation=first_of(visit))
    again = answer(visit, first_of(visit).token, choice=0, client_id=stored.client_id)
    assert (again.response, again.created) == (stored, False)


def refused(session: Session, expected: type[EarsightError], **changed: object) -> None:
    values: dict[str, object] = {"choice": 0, "client_id": new_client_id()} | changed
    token = values.pop("token", None) or first_of(session).token
    before = Response.objects.count()
    with pytest.raises(expected):
        answer(session, token, **values)  # type: ignore[arg-type]  # wrong values are what is tested
    assert Response.objects.count() == before


def test_a_foreign_trial_is_refused(visit: Session, study: Study) -> None:
    refused(visit, events.ForeignTrial, token=first_of(at_first_trial(study)).token)
    refused(visit, events.ForeignTrial, token="nothing")


@pytest.mark.parametrize("choice", [-1, 3, 99])
def test_a_non_option_is_refused(visit: Session, choice: int) -> None:
    refused(visit, answering.NotAnOption, choice=choice)


@pytest.mark.parametrize("client_id", ["", "short", "with space in it", "x" * 65, "naïve-name-1"])
def test_a_malformed_client_id_is_refused(visit: Session, client_id: str) -> None:
    refused(visit, answering.AnswerInvalid, client_id=client_id)


@pytest.mark.parametrize("milliseconds", [-1, 10**9])
def test_an_impossible_time_is_refused(visit: Session, milliseconds: int) -> None:
    refused(visit, answering.AnswerInvalid, milliseconds=milliseconds)


def test_a_client_id_names_one_answer_only(visit: Session) -> None:
    answer(visit, first_of(visit).token, choice=0, client_id="used-already")
    second = visit.presentations.get(position=2)
    refused(visit, answering.ClientIdReused, token=second.token, client_id="used-already")


def test_answers_before_consent_are_refused(study: Study) -> None:
    refused(sessions.start(study), sessions.ConsentMissing)


def test_answers_before_the_examples_are_refused(study: Study) -> None:
    refused(sessions.consent(sessions.start(study)), sessions.StepMissing)


def test_answers_after_the_end_are_refused(visit: Session) -> None:
    refused(answer_all(visit), answering.SessionEnded)


def test_answers_to_a_closed_study_are_refused(visit: Session, alice: User) -> None:
    studies.close(visit.study, by=alice)
    refused(sessions.find(visit.token), sessions.StudyClosed)


def test_the_database_itself_refuses_a_second_response(visit: Session) -> None:
    stored = answer(visit, first_of(visit).token, choice=0, client_id="first-answer").response
    other = TrialOption.objects.exclude(pk=stored.option_id).filter(trial=stored.option.trial_id)[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        Response.objects.create(
            presentation=stored.presentation, session=visit, option=other, screen_position=1,
            client_id="second-answer", study_hash="x",
        )  # fmt: skip


def at_once(calls: list[Callable[[], Receipt]]) -> list[Receipt]:
    """Run all calls at the same moment, each in a thread with a connection of its own."""
    barrier = threading.Barrier(len(calls))

    def one(call: Callable[[], Receipt]) -> Receipt:
        try:
            barrier.wait()
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


@pytest.mark.django_db(transaction=True)
def test_simultaneous_answers_store_one_and_acknowledge_all(visit: Session) -> None:
    token = first_of(visit).token
    receipts = at_once(
        [lambda n=n: answer(visit, token, choice=n % 3, client_id=f"client-id-{n}") for n in range(8)]  # type: ignore[misc]
    )
    stored = Response.objects.get()
    assert [receipt.response for receipt in receipts] == [stored] * 8
    assert sum(receipt.created for receipt in receipts) == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_stores_one(visit: Session) -> None:
    token = first_of(visit).token
    receipts = at_once([lambda: answer(visit, token, choice=1, client_id="double-click")] * 8)
    assert {receipt.response for receipt in receipts} == {Response.objects.get()}
    assert sum(receipt.created for receipt in receipts) == 1


@pytest.mark.django_db(transaction=True)
def test_many_sessions_at_once_lose_nothing(study: Study) -> None:
    visits = [at_first_trial(study) for _ in range(6)]

    def walk(visit: Session) -> Callable[[], Receipt]:
        def call() -> Receipt:
            for shown in visit.presentations.all():
                receipt = answer(visit, shown.token, choice=0, client_id=new_client_id())
            return receipt

        return call

    at_once([walk(visit) for visit in visits])
    assert Response.objects.count() == 36
    assert Presentation.objects.filter(response__isnull=True).count() == 0
