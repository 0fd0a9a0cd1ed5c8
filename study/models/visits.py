"""What the requests of a visit ask of its rows, in prepared queries."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F, FloatField, IntegerField, Q, QuerySet
from django.db.models.expressions import RawSQL

from study.models.conditions import Condition
from study.models.descriptions import Description
from study.models.prepared import Prepared, PreparedInsert
from study.models.questions import Question
from study.models.sessions import Event, Presentation, Response, Session
from study.models.stimuli import Example, StimulusSet, Trial
from study.models.studies import Study
from study.models.texts import StudyText

# Written out: in the ORM's words the same is longer. The two last values are the ids, between commas, of
# events that an answer brings along; they are left out here, so that none counts twice.
LOGGED = (
    "SELECT COUNT(*) FROM study_event"
    " WHERE study_event.presentation_id = study_presentation.id AND study_event.kind = %s"
    " AND REPLACE(%s, ',' || study_event.client_id || ',', '') = %s"
)
CLIP_SECONDS = (
    "SELECT study_stimulus.seconds FROM study_stimulus"
    " INNER JOIN study_trialoption ON study_trialoption.stimulus_id = study_stimulus.id"
    " WHERE study_trialoption.trial_id = study_presentation.trial_id AND study_trialoption.is_truth"
)
WHOLE = 0.9  # of a clip's length: browsers and MP3 differ a little about where it ends
HEARD_WHOLE = f" AND COALESCE(study_event.seconds, 0) >= {WHOLE} * ({CLIP_SECONDS})"


def _unread() -> list[str]:
    """Return what no page of a visit reads of its stimuli: a plan is long."""
    read = ("id", "class_names")
    return [f"stimuli__{field.name}" for field in StimulusSet._meta.concrete_fields if field.name not in read]


def _whole() -> QuerySet[Session]:
    return Session.objects.select_related("study", "stimuli", "condition").defer(*_unread())


def _study(code: str) -> QuerySet[Study]:
    return Study.objects.select_related("stimuli").defer(*_unread()).filter(code=code)


def _locked_study(study: int) -> QuerySet[Study]:
    return Study.objects.select_for_update(of=("self",)).filter(pk=study)


def _texts(study: int) -> QuerySet[StudyText, tuple[str, str, str]]:
    return StudyText.objects.filter(study=study).order_by().values_list("language", "name", "text")


def _to_answer() -> QuerySet[Session]:
    study = ("status", "screening", "practice", "minimum_listens")
    unread = ("stimuli", "places_held", "seed", "consent_hash", "resume_code", "visit_id", "again")
    own = [field.name for field in Session._meta.concrete_fields if field.name not in unread]
    columns = [*own, "condition__minimum_listens", *(f"study__{name}" for name in study)]
    return Session.objects.select_related("study", "condition").only(*columns)


def _unanswered(session: int) -> QuerySet[Presentation]:
    return Presentation.objects.filter(session=session, response__isnull=True).order_by("position")


def _counted(session: int) -> QuerySet[Presentation, tuple[int, int]]:
    rows = Presentation.objects.filter(session=session).order_by().values("session")
    return rows.annotate(answered=Count("response"), total=Count("pk")).values_list("answered", "total")


def _right(session: int) -> QuerySet[Presentation, tuple[int, int]]:
    rows = Presentation.objects.filter(session=session).order_by().values("session")
    right = Count("response", filter=Q(response__option__is_truth=True))
    return rows.annotate(right=right, total=Count("pk")).values_list("right", "total")


def _descriptions(study: int, data: str) -> QuerySet[Description, tuple[str, str]]:
    return (
        Description.objects.filter(study=study, data=data)
        .order_by("source_id")
        .values_list("source_id", "text")
    )


def _examples(stimuli: int) -> QuerySet[Example]:
    return Example.objects.filter(set=stimuli).order_by("class_index", "position")


def _held(session: int) -> QuerySet[Session, tuple[int]]:
    return Session.objects.select_for_update(no_key=True).filter(pk=session).values_list("pk")


def _held_with_option(presentation: int, slot: int) -> QuerySet[Session]:
    rows = Session.objects.select_for_update(no_key=True, of=("self",)).only("pk").order_by()
    shown = rows.filter(presentations=presentation, presentations__trial__options__slot=slot)
    return shown.annotate(option=F("presentations__trial__options__pk"))


def _shown(session: int, token: str) -> QuerySet[Presentation]:
    return Presentation.objects.filter(session=session, token=token).select_related("response")


def _replayed(session: int) -> QuerySet[Presentation]:
    rows = Presentation.objects.filter(session=session, trial__options__is_truth=True)
    return rows.annotate(truth=F("trial__options__slot")).select_related("response").order_by("position")


def with_listens(presentations: QuerySet[Presentation], brought: str = "") -> QuerySet[Presentation]:
    """Add to each presentation what the log says of its clip; see `study.domain.listening.Heard`.

    `brought`: ids of events that are counted elsewhere, each between commas: ",one,other,".
    """
    return presentations.annotate(
        heard_listens=_logged(Event.Kind.ENDED, brought, HEARD_WHOLE),
        heard_failures=_logged(Event.Kind.ERROR, brought),
        heard_fetches=_logged(Event.Kind.FETCHED, brought),
        heard_seconds=RawSQL(CLIP_SECONDS, (), output_field=FloatField()),
    )


def _logged(kind: Event.Kind, brought: str, also: str = "") -> RawSQL:
    return RawSQL(LOGGED + also, (kind.value, brought, brought), output_field=IntegerField())


BY_TOKEN = Prepared(lambda token: _whole().filter(token=token), str)
BY_TOKEN_TO_ANSWER = Prepared(lambda token: _to_answer().filter(token=token), str)
ROW = Prepared(lambda session: Session.objects.filter(pk=session), int)
STUDY = Prepared(_study, str)  # by its code
LOCKED_STUDY = Prepared(_locked_study, int)
TEXTS = Prepared(_texts, int)
CONDITIONS = Prepared(lambda study: Condition.objects.filter(study=study), int)
DESCRIPTIONS = Prepared(_descriptions, int, str)  # of a study's pictures, by the name of its data
QUESTION = Prepared(lambda study: Question.objects.filter(study=study).values_list("pk")[:1], int)  # any one
PROGRESS = Prepared(_counted, int)  # how many are answered, of how many
RIGHT = Prepared(_right, int)  # how many are answered rightly, of how many
TRIALS = Prepared(lambda stimuli: Trial.objects.filter(set=stimuli), int)
EXAMPLES = Prepared(_examples, int)  # of a set of stimuli
FIRST_UNANSWERED = Prepared(lambda session: _unanswered(session).select_related("trial")[:1], int)
NEXT_UNANSWERED = Prepared(
    lambda session, after: _unanswered(session).filter(position__gt=after)[:1], int, int
)
UNANSWERED = Prepared(lambda session: with_listens(_unanswered(session)), int)
# A presentation of a session, with its response where there is one.
SHOWN = Prepared(_shown, int, str)
SHOWN_AND_HEARD = Prepared(
    lambda session, token, brought: with_listens(_shown(session, token), brought), int, str, str
)
REPLAYED: Prepared[Any] = Prepared(_replayed, int)  # with the `truth`, the slot of the clip's source
# The locked row of a session; the second has the `option` that a presentation shows in a slot.
HELD = Prepared(_held, int)
HELD_WITH_OPTION: Prepared[Any] = Prepared(_held_with_option, int, int)
RESPONSE = PreparedInsert(Response)
