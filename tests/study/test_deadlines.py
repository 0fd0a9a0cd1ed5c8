"""How long a visit can be taken up again, and who gets more time."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from study.domain import answering, deadlines, sessions
from study.models import Response, Session, Study
from tests.world import MakeStudy, answer_all, at_first_trial, new_client_id

pytestmark = pytest.mark.django_db
SHORT = timedelta(minutes=5)


def ends_in(visit: Session, left: timedelta) -> Session:
    """Let the visit's time end so far from now; negative: it has ended."""
    Session.objects.filter(pk=visit.pk).update(expires_at=timezone.now() + left)
    return sessions.find(visit.token)


def answer_first(visit: Session, *, waited_ms: int = 0) -> answering.Receipt:
    first = visit.presentations.get(position=1)
    return answering.answer(visit, first.token, choice=0, client_id=new_client_id(), waited_ms=waited_ms)


def test_a_visit_ends_after_the_hours_of_its_study(make_study: MakeStudy) -> None:
    visit = at_first_trial(make_study(resume_hours=3))
    assert visit.expires_at is not None
    assert abs(visit.expires_at - visit.started_at - timedelta(hours=3)) < timedelta(seconds=5)


def test_a_visit_from_before_there_were_ends_has_none(visit: Session) -> None:
    visit.expires_at = None
    assert (deadlines.time_left(visit), deadlines.is_over(visit), deadlines.ends_soon(visit)) == (
        None,
        False,
        False,
    )
    deadlines.refuse_late(visit)


def test_after_the_end_the_way_leads_to_the_page_that_says_so(visit: Session) -> None:
    answer_first(visit)
    over = sessions.current_step(ends_in(visit, -SHORT))
    assert (over.name, over.presentation, over.answered, over.total) == ("expired", None, 1, 6)


def test_whoever_has_answered_everything_can_finish_at_any_time(visit: Session) -> None:
    for shown in visit.presentations.all():
        answering.answer(visit, shown.token, choice=0, client_id=new_client_id())
    late = ends_in(visit, timedelta(days=-3))
    assert sessions.current_step(late).name == "finish"
    assert sessions.finish(late).finished_at is not None
    assert sessions.current_step(late).name == "thanks"


def test_an_answer_soon_after_the_end_is_taken(visit: Session) -> None:
    assert answer_first(ends_in(visit, -SHORT)).created


def test_an_answer_long_after_the_end_is_refused(visit: Session) -> None:
    late = ends_in(visit, -timedelta(hours=1))
    with pytest.raises(deadlines.SessionExpired):
        answer_first(late)
    assert Response.objects.count() == 0


def test_an_answer_that_waited_on_the_device_counts_as_given_when_it_was(visit: Session) -> None:
    late = ends_in(visit, -timedelta(hours=48))
    with pytest.raises(deadlines.SessionExpired):
        answer_first(late, waited_ms=1000 * 60 * 60 * 47)
    assert answer_first(late, waited_ms=1000 * 60 * 60 * 49).created


def test_an_absurd_wait_is_taken_as_the_longest_there_is(visit: Session) -> None:
    late = ends_in(visit, -timedelta(days=61))
    with pytest.raises(deadlines.SessionExpired):
        answer_first(late, waited_ms=2**53)


def test_more_time_is_given_ten_times_each_time_in_full(make_study: MakeStudy) -> None:
    visit = at_first_trial(make_study(resume_hours=2))
    for times in range(1, 11):
        visit = deadlines.extend(ends_in(visit, SHORT))
        left = deadlines.time_left(visit)
        assert left is not None
        assert (visit.extensions, round(left.total_seconds() / 3600, 1)) == (times, 2.0)
    with pytest.raises(deadlines.NoMoreTime):
        deadlines.extend(ends_in(visit, SHORT))


def test_the_warning_leaves_far_more_than_twenty_seconds() -> None:
    """WCAG 2.2.1: at least 20 seconds to ask for more time, at least ten times."""
    enough = timedelta(seconds=20)
    assert enough < deadlines.WARNING
    assert deadlines.MOST_EXTENSIONS >= 10


def test_asking_before_the_warning_changes_nothing(visit: Session) -> None:
    before = visit.expires_at
    again = deadlines.extend(visit)
    assert (again.expires_at, again.extensions) == (before, 0)


def test_a_second_press_uses_up_no_second_extension(visit: Session) -> None:
    soon = ends_in(visit, SHORT)
    deadlines.extend(sessions.find(visit.token))
    deadlines.extend(soon)  # read before the first press was stored
    assert Session.objects.get().extensions == 1


def test_after_the_end_there_is_no_more_time(visit: Session) -> None:
    with pytest.raises(deadlines.SessionExpired):
        deadlines.extend(ends_in(visit, -SHORT))


def test_a_finished_visit_has_no_end(visit: Session) -> None:
    assert deadlines.time_left(answer_all(visit)) is None


def test_a_study_says_how_long_its_visits_last(study: Study, alice: User) -> None:
    assert abs(deadlines.end_of(study) - timezone.now() - timedelta(hours=24)) < timedelta(seconds=5)
