"""A prepared query finds what the ORM's own query finds, whatever it was asked before."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from study.domain import answering, sessions
from study.models import Event, Presentation, Session, Study, StudyText, visits
from study.models.prepared import NotPrepared, Prepared, PreparedInsert
from tests.world import answer_some, at_first_trial, new_client_id

pytestmark = pytest.mark.django_db


def values_of(row: object) -> dict[str, object]:
    return {name: value for name, value in vars(row).items() if name != "_state"}


def test_a_visit_comes_with_its_study_and_stimuli_as_the_orm_reads_them(study: Study) -> None:
    for visit in [at_first_trial(study), sessions.start(study)]:
        with CaptureQueriesContext(connection) as asked:
            found = visits.BY_TOKEN.first(visit.token)
            assert found is not None
            related = found.study, found.condition
        read = Session.objects.get(pk=visit.pk)
        assert values_of(found) == values_of(read)
        assert [values_of(row) for row in related if row] == [values_of(study_again(read))]
        assert found.stimuli.class_names == read.stimuli.class_names
        assert len(asked) == 1


def study_again(session: Session) -> Study:
    return Study.objects.get(pk=session.study_id)


def test_values_are_filled_in_anew_each_time(study: Study) -> None:
    one, other = at_first_trial(study), at_first_trial(study)
    answer_some(other, 2)
    assert (visits.PROGRESS.first(one.pk), visits.PROGRESS.first(other.pk)) == ((0, 6), (2, 6))
    assert [row.position for row in visits.UNANSWERED.all(other.pk)] == [3, 4, 5, 6]
    assert visits.NEXT_UNANSWERED.first(one.pk, 4) == one.presentations.get(position=5)
    assert visits.NEXT_UNANSWERED.first(one.pk, 6) is None


def test_joined_rows_and_additions_are_read_where_there_are_some(visit: Session) -> None:
    shown = visit.presentations.get(position=1)
    bare = visits.SHOWN_AND_HEARD.first(visit.pk, shown.token, "")
    receipt = answering.answer(visit, shown.token, choice=1, client_id=new_client_id())
    for client_id in ("client-id-1", "client-id-2"):
        Event.objects.create(
            session=visit, presentation=shown, kind="ended", client_id=client_id, seconds=0.1
        )
    full = visits.SHOWN_AND_HEARD.first(visit.pk, shown.token, ",client-id-2,client-id-3,")
    assert bare is not None
    assert full is not None
    assert not hasattr(bare, "response")
    assert (full.response, full.response.received_at) == (receipt.response, receipt.response.received_at)
    assert full.option_order == shown.option_order
    assert [getattr(row, "heard_listens", None) for row in (bare, full)] == [0, 1]


def test_chosen_values_come_as_tuples(study: Study) -> None:
    StudyText.objects.create(study=study, language="de", name="title", text="Ziffern")
    assert visits.TEXTS.all(study.pk) == [("de", "title", "Ziffern")]


def test_a_query_that_changes_or_loses_a_value_is_refused(visit: Session) -> None:
    def containing(part: str) -> QuerySet[Presentation]:
        return Presentation.objects.filter(token__contains=part)

    def forgetful(session: int, token: str) -> QuerySet[Presentation]:
        return Presentation.objects.filter(session=session)

    with pytest.raises(NotPrepared):
        Prepared(containing, str).all("a")
    with pytest.raises(NotPrepared):
        Prepared(forgetful, int, str).all(visit.pk, "a")


def test_a_row_is_stored_as_the_orm_stores_it(visit: Session) -> None:
    shown = visit.presentations.get(position=1)
    answering.answer(visit, shown.token, choice=1, client_id=new_client_id(), milliseconds=None)
    kept = answering.answer(visit, shown.token, choice=2, client_id=new_client_id()).response
    assert (kept.pk, kept.milliseconds, kept.session) == (shown.response.pk, None, visit)
    row = Event(session=visit, presentation=shown, kind="ended", client_id="client-id-1", seconds=1.5)
    PreparedInsert(Event).store(row)
    assert values_of(Event.objects.get(pk=row.pk)).items() <= values_of(row).items()
    row.seconds = 2.0
    row.save()  # it is known as stored
    assert Event.objects.get().seconds == 2.0
