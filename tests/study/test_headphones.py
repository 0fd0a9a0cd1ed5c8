"""The headphone check of a visit: its order from the seed, one answer to each sound, pass marks, ways out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from study.domain import headphones, sessions, studies, verification
from study.domain.headphone_rules import RULES, layouts, stand
from study.domain.sessions import StepMissing
from study.errors import NotYours
from study.models import HeadphoneCheck, HeadphoneSound, Session, Study
from tests.world import MakeStudy, at_first_trial

pytestmark = pytest.mark.django_db
KINDS = ["antiphase", "huggins"]


def at_check(study: Study, seed: int = 11) -> Session:
    """A visit that has just heard the test sound."""
    session = sessions.consent(sessions.start(study, seed=seed))
    return sessions.confirm_sound(session)


def target(sound: HeadphoneSound) -> int:
    return sound.layout.index("S" if "S" in sound.layout else "H")


def take(session: Session, right: int) -> HeadphoneCheck:
    """Begin an attempt and answer it: the first `right` sounds rightly."""
    check = headphones.begin(session)
    for sound in check.sounds.filter(attempt=check.attempts):
        place = target(sound) if sound.position <= right else (target(sound) + 1) % 3
        check = headphones.answer(session, sound.token, place)
    return check


def step(session: Session) -> str:
    return sessions.current_step(session).name


@pytest.fixture(params=KINDS)
def checked(request: pytest.FixtureRequest, make_study: MakeStudy) -> Study:
    """A study that records a check of either kind."""
    return make_study(screening="recorded", screening_kind=request.param)


def test_a_study_without_a_check_has_none(study: Study) -> None:
    session = at_check(study)
    assert (stand(session), step(session)) == (None, "instructions")
    with pytest.raises(headphones.NoCheckHere):
        headphones.begin(session)


def test_the_check_comes_after_the_sound_test(checked: Study) -> None:
    session = sessions.consent(sessions.start(checked))
    with pytest.raises(StepMissing):
        headphones.begin(session)
    sessions.confirm_sound(session)
    assert step(Session.objects.get()) == "headphones"
    with pytest.raises(StepMissing, match="headphone check"):
        sessions.finish_examples(Session.objects.get())


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_follows_from_the_seed_and_is_stored(make_study: MakeStudy, kind: str) -> None:
    session = at_check(make_study(screening="recorded", screening_kind=kind), seed=99)
    check = headphones.begin(session)
    shown = list(check.sounds.order_by("position").values_list("layout", flat=True))
    assert shown == layouts(99, kind, 1)
    assert Counter(shown) == Counter(RULES[kind].layouts)
    assert layouts(99, kind, 1) != layouts(100, kind, 1) or layouts(99, kind, 1) != layouts(101, kind, 1)


def test_a_check_played_in_another_order_is_found(checked: Study) -> None:
    good, bad = at_check(checked, seed=1), at_check(checked, seed=2)
    for session in (good, bad):
        take(session, 0)
        headphones.begin(session)
    assert verification.sessions_out_of_order(checked) == []
    sounds = HeadphoneSound.objects.filter(headphone_check__session=bad, attempt=1)
    first = sounds.order_by("position")[0]
    other = sounds.exclude(layout=first.layout)[0]
    for one, two in ((first, other.layout), (other, first.layout)):
        HeadphoneSound.objects.filter(pk=one.pk).update(layout=two)
    assert verification.sessions_out_of_order(checked) == [bad]


def test_orders_are_spread_over_all_places() -> None:
    """Each of three places is asked for first in about a third of 300 visits."""
    for kind in KINDS:
        rules = RULES[kind]
        firsts = Counter(layouts(seed, kind, 1)[0].index(rules.target) for seed in range(300))
        assert all(70 < firsts[place] < 130 for place in range(3)), firsts
        assert sum(layouts(seed, kind, 1) == layouts(seed, kind, 2) for seed in range(300)) < 15


ATTEMPTS = {
    ("antiphase", 6): "passed", ("antiphase", 5): "passed",
    ("antiphase", 4): "failed", ("antiphase", 0): "failed",
    ("huggins", 6): "passed", ("huggins", 5): "", ("huggins", 0): "",
}  # fmt: skip


@pytest.mark.parametrize(("kind", "right"), ATTEMPTS)
def test_the_pass_marks_are_the_published_ones(make_study: MakeStudy, kind: str, right: int) -> None:
    check = take(at_check(make_study(screening="recorded", screening_kind=kind)), right)
    assert (check.outcome, check.right, check.attempts) == (ATTEMPTS[kind, right], right, 1)


@pytest.mark.parametrize(("right", "outcome"), [(6, "passed"), (5, "failed")])
def test_huggins_has_a_second_attempt_with_an_order_of_its_own(
    make_study: MakeStudy, right: int, outcome: str
) -> None:
    session = at_check(make_study(screening="recorded", screening_kind="huggins"), seed=5)
    take(session, 3)
    here = stand(session)
    assert here is not None
    assert (here.phase, step(session)) == ("again", "headphones")
    check = take(session, right)
    assert (check.outcome, check.right, check.attempts) == (outcome, right, 2)
    second = list(check.sounds.filter(attempt=2).values_list("layout", flat=True))
    assert second == layouts(5, "huggins", 2)
    assert step(session) == "instructions"  # recorded: everybody goes on


def test_beginning_twice_lays_out_one_attempt(checked: Study) -> None:
    session = at_check(checked)
    first = [sound.token for sound in headphones.begin(session).sounds.all()]
    headphones.answer(session, first[0], 0)
    again = headphones.begin(session)
    assert [sound.token for sound in again.sounds.all()] == first
    assert (HeadphoneCheck.objects.count(), again.attempts) == (1, 1)


def test_the_first_answer_to_a_sound_counts(checked: Study) -> None:
    session = at_check(checked)
    sound = headphones.begin(session).sounds.all()[0]
    headphones.answer(session, sound.token, 1)
    headphones.answer(session, sound.token, 2)
    sound.refresh_from_db()
    assert sound.choice == 1


def test_what_no_page_sends_is_refused(checked: Study) -> None:
    session, other = at_check(checked), at_check(checked, seed=12)
    sound = headphones.begin(session).sounds.all()[0]
    theirs = headphones.begin(other).sounds.all()[0]
    for choice in (-1, 3):
        with pytest.raises(headphones.NotOneOfThree):
            headphones.answer(session, sound.token, choice)
    for token in (theirs.token, "nothing", "", "../.."):
        with pytest.raises(NotYours):
            headphones.answer(session, token, 0)
    with pytest.raises(headphones.NotAReason):
        headphones.decline(session, "deaf")
    assert not HeadphoneSound.objects.filter(choice__isnull=False).exists()


@pytest.mark.parametrize("begun", [True, False])
def test_not_being_able_is_an_answer(checked: Study, begun: bool) -> None:
    session = at_check(checked)
    if begun:
        headphones.begin(session)
    check = headphones.decline(session, "mono")
    assert (check.outcome, check.reason, check.right) == ("cannot", "mono", None)
    assert step(session) == "instructions"


def test_an_outcome_stays_what_it_was(make_study: MakeStudy) -> None:
    session = at_check(make_study(screening="recorded"))
    take(session, 6)
    assert headphones.decline(session, "other").outcome == "passed"
    assert headphones.begin(session).attempts == 1


@pytest.mark.parametrize(
    ("right", "reason", "following"),
    [(6, "", "instructions"), (2, "", "headphones"), (0, "mono", "headphones")],
)
def test_a_required_check_lets_only_those_go_on_who_pass(
    make_study: MakeStudy, right: int, reason: str, following: str
) -> None:
    session = at_check(make_study(screening="required"))
    if reason:
        headphones.decline(session, reason)
    else:
        take(session, right)
    assert step(session) == following
    if following == "headphones":
        with pytest.raises(StepMissing):
            sessions.finish_examples(session)


def test_a_closed_study_takes_no_checks(checked: Study) -> None:
    session = at_check(checked)
    sound = headphones.begin(session).sounds.all()[0]
    studies.close(checked, by=checked.owner)
    session.study.refresh_from_db()
    with pytest.raises(sessions.StudyClosed):
        headphones.answer(session, sound.token, 0)


def test_a_check_is_not_taken_during_the_trials(make_study: MakeStudy) -> None:
    study = make_study(status="built", screening="off")
    session = at_first_trial(study, mode=Session.Mode.PILOT)
    studies.update(study, by=study.owner, configuration={"screening": "required"})
    session = sessions.find(session.token)
    assert step(session) == "trial"  # who began before the change goes on
    with pytest.raises(headphones.NoCheckHere):
        headphones.begin(session)


BROKEN: dict[str, Callable[[], object]] = {
    "an outcome without an end": lambda: HeadphoneCheck.objects.update(outcome="passed"),
    "an end without an outcome": lambda: HeadphoneCheck.objects.update(ended_at=timezone.now()),
    "an unknown kind": lambda: HeadphoneCheck.objects.update(kind="loud"),
    "a reason of who went on": lambda: HeadphoneCheck.objects.update(reason="mono"),
    "a fourth place": lambda: HeadphoneSound.objects.update(choice=3, answered_at=timezone.now()),
    "an answer without a time": lambda: HeadphoneSound.objects.update(choice=1),
    "two sounds in one place": lambda: HeadphoneSound.objects.update(position=1),
    "two checks of a visit": lambda: HeadphoneCheck.objects.create(session=Session.objects.get()),
}


@pytest.mark.parametrize("what", BROKEN)
def test_the_database_refuses(checked: Study, what: str) -> None:
    headphones.begin(at_check(checked))
    with pytest.raises(IntegrityError), transaction.atomic():
        BROKEN[what]()


def test_the_web_never_needs_torch_for_it() -> None:
    import subprocess
    import sys

    code = (
        "import sys, study.domain.headphone_sounds as h; h.huggins('NHN', 1); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
