"""A volunteer's visit: start, consent, confirm the sound, see the examples, answer, finish."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from study.domain import assignment, consents, deadlines, descriptions, orders, road, studies, texts
from study.domain.consents import text_hash as text_hash
from study.domain.guards import AnswersMissing as AnswersMissing
from study.domain.guards import ConsentMissing as ConsentMissing
from study.domain.guards import StudyClosed as StudyClosed
from study.domain.guards import refuse_closed as refuse_closed
from study.domain.guards import refuse_unanswered as refuse_unanswered
from study.domain.guards import refuse_without_consent as refuse_without_consent
from study.domain.guards import until_finished as until_finished
from study.domain.guards import while_open as while_open
from study.domain.presence import NoSuchSession as NoSuchSession
from study.domain.presence import hold as hold
from study.domain.presence import refreshed
from study.domain.road import StepMissing as StepMissing
from study.errors import Gone, NotYours
from study.models import Presentation, Session, Study, visits
from study.models.tokens import is_token

STEPS = ("consent", *road.NAMES, "trial", "rest", "expired", "finish", "thanks")


class StudyNotOpen(Gone):
    """This study is not taking volunteers at the moment."""


@dataclass(frozen=True)
class Step:
    """Where a session stands. `name`: consent, a stop of the road, trial, rest, expired, finish or thanks."""

    name: str
    presentation: Presentation | None = None  # the first unanswered one, at steps "trial" and "rest"
    answered: int = 0
    total: int = 0


@dataclass(frozen=True)
class Score:
    """What a finished session got right."""

    correct: int
    total: int

    @property
    def accuracy(self) -> float:
        """The share of right answers, 0 to 1."""
        return self.correct / self.total


def open_study(code: str, *, mode: Session.Mode = Session.Mode.LIVE) -> Study:
    """Return the study behind a public link, if a session of this mode may start in it.

    Raises:
        NotYours: where there is no such study, or only a draft.
        StudyNotOpen: when it is paused. StudyClosed: when it has ended.
    """
    study = visits.STUDY.first(code)
    if study is None:
        raise NotYours
    if study.status == Study.Status.CLOSED:
        raise StudyClosed
    if mode == Session.Mode.PILOT and study.stimuli_ready:
        return study
    if study.is_draft:
        raise NotYours
    if not study.is_open:
        raise StudyNotOpen
    return study


@transaction.atomic
def start(
    study: Study,
    *,
    mode: Session.Mode = Session.Mode.LIVE,
    seed: int | None = None,
    described: bool = False,
    visit_id: UUID | None = None,
    again: bool = False,
) -> Session:
    """Begin a visit: draw its seed and lay out its trials in the order that the seed gives.

    `visit_id` is the id of the form that asks for it, `again` whether the browser knew a finished visit.

    Raises:
        NotYours, StudyNotOpen, StudyClosed: as open_study. StudyFull: when no condition has a place.
        NotDescribed: `described` (the trials by written descriptions) where the study does not offer it.
    """
    study = open_study(studies.locked(study).code, mode=mode)  # neither deleted nor built again meanwhile
    if study.stimuli is None:
        raise StudyNotOpen
    if described:
        descriptions.refuse_not_offered(study)
    session = Session(study=study, stimuli=study.stimuli, mode=mode, study_version=study.version)
    session.described, session.visit_id, session.again = described, visit_id, again
    session.study_hash = study.content_hash or studies.content_hash(study)
    session.expires_at = deadlines.end_of(study)
    if seed is not None:
        session.seed = seed
    assignment.assign(session)
    session.save()
    Presentation.objects.bulk_create(_presentations(session))
    return session


def find(token: str, *, to_answer: bool = False) -> Session:
    """Return the session that a cookie or address names; `to_answer`: with what taking an answer reads.

    Raises:
        NoSuchSession: for an unknown token.
    """
    asked = visits.BY_TOKEN_TO_ANSWER if to_answer else visits.BY_TOKEN
    session = asked.first(token) if is_token(token) else None
    if session is None:
        raise NoSuchSession
    return session


@while_open
@transaction.atomic
def consent(session: Session) -> Session:
    """Record that the volunteer accepted the consent text, which one and when; again changes nothing."""
    hold(session)
    said = texts.read_by(session)
    agreed = consents.keep(session.study, said.consent_text, language=said.language)
    return mark(session, "consented_at", consent_hash=agreed)


@while_open
def confirm_sound(session: Session) -> Session:
    """Record that the volunteer heard the test sound.

    Raises:
        ConsentMissing: before consent.
    """
    refuse_without_consent(session)
    return mark(session, "sound_confirmed_at")


@while_open
def finish_examples(session: Session) -> Session:
    """Record that the volunteer has seen the examples and goes on to the trials.

    Raises:
        ConsentMissing: before consent. StepMissing: before the sound test and the instructions.
    """
    refuse_without_consent(session)
    road.refuse_before(session, "examples")
    return mark(session, "examples_seen_at")


@until_finished
def finish(session: Session) -> Session:
    """End the session once the server has counted every answer; a second time changes nothing.

    Who has answered everything is let finish after the study was closed too: their answers are all here.

    Raises:
        ConsentMissing: before consent. As refuse_unanswered. StepMissing: before the questions.
    """
    refuse_without_consent(session)
    refuse_unanswered(session)
    if stop := road.due(session, road.AFTER_TRIALS):
        raise StepMissing(str(stop.missing))
    return mark(session, "finished_at")


def current_step(session: Session) -> Step:
    """Return where the session stands, from the rows alone; changes nothing."""
    if session.finished_at is not None:
        return Step("thanks")
    if session.consented_at is None:
        return Step("consent")
    step = _open_step(session)
    all_answered = step.total > 0 and step.presentation is None
    if deadlines.is_over(session) and not all_answered:
        return Step("expired", answered=step.answered, total=step.total)
    return step


def _open_step(session: Session) -> Step:
    if stop := road.due(session):
        return Step(stop.name)
    answered, total = progress(session)
    presentation = visits.FIRST_UNANSWERED.first(session.pk)
    if presentation is None:
        after = road.due(session, road.AFTER_TRIALS)
        return Step(after.name if after else "finish", answered=answered, total=total)
    rests = session.rested_at is None and presentation.position == road.rest_place(session, total)
    return Step("rest" if rests else "trial", presentation, answered, total)


def progress(session: Session) -> tuple[int, int]:
    """Return how many trials are answered, and of how many."""
    return visits.PROGRESS.first(session.pk) or (0, 0)


def upcoming(session: Session, step: Step) -> Presentation | None:
    """Return the unanswered presentation after the present one, so that a page can fetch its media ahead."""
    if step.presentation is None:
        return None
    return visits.NEXT_UNANSWERED.first(session.pk, step.presentation.position)


def score(session: Session) -> Score:
    """Return what the session got right.

    Raises:
        AnswersMissing: before the end: no address tells a volunteer the truth early.
    """
    if session.finished_at is None:
        raise AnswersMissing(gettext("The score is shown when every trial is answered."))
    return Score(*(visits.RIGHT.first(session.pk) or (0, 0)))


def mark(session: Session, field: str, **also: str) -> Session:
    """Set a time once: the first of two simultaneous requests wins."""
    values = {field: timezone.now(), **also}
    if Session.objects.filter(pk=session.pk, **{f"{field}__isnull": True}).update(**values):
        for name, value in values.items():
            setattr(session, name, value)
        return session
    return refreshed(session, field, *also)


def _presentations(session: Session) -> list[Presentation]:
    trials = {trial.number: trial for trial in visits.TRIALS.all(session.stimuli.pk)}
    slots = len(session.stimuli.class_names)
    return [
        Presentation(
            session=session,
            trial=trials[number],
            position=position,
            option_order=orders.option_order(session.seed, number, slots),
        )
        for position, number in enumerate(orders.trial_order(session.seed, sorted(trials)), start=1)
    ]
