"""A visit: its orders, its steps, and what each step refuses."""

import pytest
from django.contrib.auth.models import User

from study.domain import modes, sessions, steps, studies
from study.domain.orders import option_order, trial_order
from study.errors import NotYours
from study.models import Presentation, Session, Study
from tests.world import MakeStudy, answer_all, answer_some, at_first_trial

pytestmark = pytest.mark.django_db


def shown(session: Session) -> list[tuple[int, list[int]]]:
    rows = session.presentations.order_by("position").values_list("trial__number", "option_order")
    return [(number, order) for number, order in rows]


def test_orders_follow_from_the_seed_alone(study: Study) -> None:
    session = sessions.start(study, seed=42)
    assert shown(session) == [(n, option_order(42, n, 3)) for n in trial_order(42, range(1, 7))]
    assert shown(sessions.start(study, seed=42)) == shown(session)


def test_orders_stay_as_published() -> None:
    """An order is part of the data: no release may change what a seed means."""
    assert trial_order(42, range(1, 9)) == [2, 3, 6, 4, 1, 5, 8, 7]
    assert [option_order(42, n, 3) for n in (1, 2, 3)] == [[2, 0, 1], [1, 0, 2], [1, 0, 2]]


def test_every_order_is_about_as_frequent() -> None:
    seen = [tuple(option_order(seed, 1, 3)) for seed in range(6000)]
    assert all(850 < seen.count(order) < 1150 for order in set(seen))
    assert len(set(seen)) == 6


def test_the_steps_follow_each_other(study: Study) -> None:
    session = sessions.start(study)
    names = [sessions.current_step(session).name]
    for verb in (
        sessions.consent,
        sessions.confirm_sound,
        steps.read_instructions,
        sessions.finish_examples,
    ):
        session = verb(session)
        names.append(sessions.current_step(session).name)
    names.append(sessions.current_step(answer_all(session)).name)
    assert names == ["consent", "sound", "instructions", "examples", "trial", "thanks"]


def test_the_step_counts_what_is_answered(visit: Session) -> None:
    first = sessions.current_step(visit)
    assert (first.answered, first.total) == (0, 6)
    assert first.presentation == visit.presentations.get(position=1)
    assert sessions.upcoming(visit, first) == visit.presentations.get(position=2)


def test_consent_keeps_which_text_and_its_first_time(study: Study) -> None:
    session = sessions.consent(sessions.start(study))
    first = session.consented_at
    assert session.consent_hash == sessions.text_hash("I agree.")
    assert sessions.consent(session).consented_at == first


def test_steps_before_consent_are_refused(study: Study) -> None:
    session = sessions.start(study)
    for verb in (sessions.confirm_sound, sessions.finish_examples, sessions.finish):
        with pytest.raises(sessions.ConsentMissing):
            verb(session)


def test_examples_wait_for_the_sound_test(study: Study) -> None:
    with pytest.raises(sessions.StepMissing):
        sessions.finish_examples(sessions.consent(sessions.start(study)))


def test_examples_wait_for_the_instructions(study: Study) -> None:
    with pytest.raises(sessions.StepMissing, match="read the instructions"):
        sessions.finish_examples(sessions.confirm_sound(sessions.consent(sessions.start(study))))


def test_who_saw_the_examples_before_there_were_instructions_goes_on(study: Study) -> None:
    session = sessions.confirm_sound(sessions.consent(sessions.start(study)))
    Session.objects.filter(pk=session.pk).update(examples_seen_at=session.consented_at)
    session.refresh_from_db()
    assert sessions.current_step(session).name == "trial"


def test_finishing_waits_for_every_answer(visit: Session) -> None:
    with pytest.raises(sessions.AnswersMissing, match="6 trials are not answered yet"):
        sessions.finish(visit)
    with pytest.raises(sessions.AnswersMissing):
        sessions.score(visit)


def test_finishing_twice_changes_nothing(visit: Session) -> None:
    first = answer_all(visit).finished_at
    assert sessions.finish(visit).finished_at == first


def test_the_score_counts_right_answers(visit: Session) -> None:
    answer_all(visit, right=lambda position: position <= 4)
    assert sessions.score(visit) == sessions.Score(correct=4, total=6)


def test_a_paused_study_refuses_new_volunteers_and_lets_others_finish(study: Study, alice: User) -> None:
    visit = at_first_trial(study)
    studies.pause(study, by=alice)
    with pytest.raises(sessions.StudyNotOpen):
        sessions.start(study)
    assert answer_all(sessions.find(visit.token)).finished_at is not None


def test_a_closed_study_refuses_everything(study: Study, alice: User) -> None:
    visit, fresh = at_first_trial(study), sessions.start(study)
    studies.close(study, by=alice)
    with pytest.raises(sessions.StudyClosed):
        sessions.start(study)
    with pytest.raises(sessions.StudyClosed):
        sessions.consent(sessions.find(fresh.token))
    with pytest.raises(sessions.StudyClosed):
        answer_all(sessions.find(visit.token))


def test_who_has_answered_everything_finishes_after_the_study_was_closed(study: Study, alice: User) -> None:
    all_but_one, everything = at_first_trial(study), at_first_trial(study)
    answer_some(all_but_one, 5)
    answer_some(everything, 6)
    studies.close(study, by=alice)
    with pytest.raises(sessions.StudyClosed):
        sessions.finish(sessions.find(all_but_one.token))
    assert sessions.finish(sessions.find(everything.token)).finished_at is not None


def test_a_draft_is_unknown_to_volunteers_and_open_to_pilots(make_study: MakeStudy) -> None:
    draft = make_study(status="built")
    with pytest.raises(NotYours):
        sessions.start(draft)
    pilot = sessions.start(draft, mode=Session.Mode.PILOT)
    assert (pilot.mode, pilot.study_hash) == ("pilot", studies.content_hash(draft))


def test_an_unknown_session_is_named(db: None) -> None:
    with pytest.raises(sessions.NoSuchSession):
        sessions.find("no-such-token")


def test_a_mode_key_works_for_its_study_alone(study: Study, make_study: MakeStudy) -> None:
    key = modes.mode_key(study, Session.Mode.SIMULATED)
    assert modes.mode_of(study, key) == Session.Mode.SIMULATED
    assert modes.mode_of(study, "") == Session.Mode.LIVE
    for stranger, forged in ((make_study(), key), (study, key[:-2] + "xx")):
        with pytest.raises(modes.ModeKeyInvalid):
            modes.mode_of(stranger, forged)


def test_a_session_keeps_nothing_about_the_person() -> None:
    names = {field.name for field in Session._meta.get_fields()}
    assert names == {
        "id", "study", "stimuli", "token", "mode", "seed", "study_hash", "study_version", "started_at",
        "consented_at", "consent_hash", "sound_confirmed_at", "examples_seen_at", "finished_at",
        "presentations", "responses", "events", "language", "described", "condition", "places_held",
        "participant", "outcomes", "instructions_read_at", "practice_choice", "practised_at", "rested_at",
        "questions_done_at", "question_answers", "headphone_check", "resume_code", "expires_at", "extensions",
        "again", "visit_id",
    }  # fmt: skip


def test_presentations_of_a_session_share_no_token(visit: Session) -> None:
    tokens = list(Presentation.objects.values_list("token", flat=True))
    assert len(set(tokens)) == len(tokens) == 6
