"""The steps beside the trials: the practice trial and the rest half way."""

from __future__ import annotations

import pytest

from study.domain import media, orders, practice, sessions, steps
from study.errors import NotYours
from study.models import Session, Study
from tests.world import MakeStudy, answer_some, at_first_trial

pytestmark = pytest.mark.django_db


@pytest.fixture
def practised(make_study: MakeStudy) -> Study:
    """A study with a practice trial."""
    return make_study(practice=True)


def at_practice(study: Study, seed: int | None = None) -> Session:
    session = sessions.start(study, seed=seed)
    for verb in (sessions.consent, sessions.confirm_sound, steps.read_instructions, sessions.finish_examples):
        session = verb(session)
    return session


def test_practice_comes_after_the_examples_and_before_the_trials(practised: Study) -> None:
    session = at_practice(practised)
    names = [sessions.current_step(session).name]
    session = steps.practise(session, choice=1)
    names.append(sessions.current_step(session).name)
    session = steps.finish_practice(session)
    names.append(sessions.current_step(session).name)
    assert names == ["practice", "practice", "trial"]


def test_answers_wait_for_the_practice(practised: Study) -> None:
    with pytest.raises(sessions.StepMissing, match="practice trial"):
        answer_some(at_practice(practised), 1)


def test_practice_waits_for_the_examples(practised: Study) -> None:
    session = sessions.consent(sessions.start(practised))
    with pytest.raises(sessions.StepMissing):
        steps.practise(session, choice=0)
    with pytest.raises(sessions.StepMissing):
        steps.finish_practice(session)


def test_a_study_without_practice_has_none(study: Study) -> None:
    assert sessions.current_step(at_practice(study)).name == "trial"


def test_the_practice_trial_is_made_of_examples_alone_one_of_each_class(practised: Study) -> None:
    for seed in range(20):
        trial = practice.of_session(at_practice(practised, seed=seed))
        assert all(hasattr(stimulus, "example") for stimulus in trial.options)
        assert not any(hasattr(stimulus, "option") for stimulus in trial.options)
        assert sorted(stimulus.class_index for stimulus in trial.options) == [0, 1, 2]


def test_the_practice_trial_follows_from_the_seed(practised: Study) -> None:
    session = at_practice(practised, seed=42)
    assert practice.of_session(session) == practice.of_session(at_practice(practised, seed=42))
    assert [orders.practice_truth(seed, 3) for seed in range(10)] == [2, 2, 1, 2, 2, 1, 2, 1, 1, 0]


def test_its_truth_stands_in_every_place_about_as_often() -> None:
    places = [orders.practice_order(seed, 3).index(orders.practice_truth(seed, 3)) for seed in range(3000)]
    assert all(900 < places.count(place) < 1100 for place in range(3))


def test_the_first_choice_stays(practised: Study) -> None:
    session = steps.practise(at_practice(practised), choice=2)
    assert steps.practise(session, choice=0).practice_choice == 2


@pytest.mark.parametrize("choice", [-1, 3, 99])
def test_a_place_without_a_picture_is_refused(practised: Study, choice: int) -> None:
    with pytest.raises(steps.NotAPracticeOption):
        steps.practise(at_practice(practised), choice=choice)


def test_practice_is_never_scored(practised: Study) -> None:
    session = steps.finish_practice(steps.practise(at_practice(practised), choice=0))
    assert (session.responses.count(), session.presentations.count()) == (0, 6)


def test_its_media_are_those_of_the_practice_trial(practised: Study) -> None:
    session = at_practice(practised)
    trial = practice.of_session(session)
    user = practised.owner
    addresses = [media.practice_clip_address(session), *media.practice_picture_addresses(session)]
    files = [media.file_at(address.rsplit("/", 1)[-1], user).name for address in addresses]
    assert files == [trial.source.clip.name, *(stimulus.image.name for stimulus in trial.options)]


def test_no_media_lie_beside_the_practice_trial(practised: Study, study: Study) -> None:
    token, other = at_practice(practised).token, at_practice(study).token
    for address in (f"w{token}.3", f"w{token}.h", f"w{other}.s", "wnobody.s"):
        with pytest.raises(NotYours):
            media.file_at(address, practised.owner)


@pytest.mark.parametrize(("trials", "place"), [(3, 0), (4, 3), (6, 4), (7, 4)])
def test_a_rest_is_offered_once_after_half_of_the_trials(
    make_study: MakeStudy, trials: int, place: int
) -> None:
    session = at_first_trial(make_study(trial_count=trials, rest_half_way=True))
    rested = []
    while (step := sessions.current_step(session)).name != "finish":
        if step.name == "rest":
            assert step.presentation
            rested.append(step.presentation.position)
            session = steps.take_rest(session)
        answer_some(session, 1)
    assert rested == ([place] if place else [])


def test_answers_are_taken_while_a_rest_is_offered(make_study: MakeStudy) -> None:
    session = at_first_trial(make_study(rest_half_way=True))
    answer_some(session, 3)
    assert sessions.current_step(session).name == "rest"
    answer_some(session, 1)
    assert sessions.current_step(session).name == "trial"
