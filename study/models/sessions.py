"""One volunteer's visit: what was shown, in which order, and the one final answer to each."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from study.models import tokens
from study.models.conditions import Condition
from study.models.stimuli import StimulusSet, Trial, TrialOption
from study.models.studies import Study

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from study.models.participants import Outcome, Participant

EVENT_KINDS = (
    "shown", "play", "pause", "ended", "error", "hidden", "visible", "offline", "reconnected", "fetched",
)  # fmt: skip


class SessionQuerySet(models.QuerySet["Session"]):
    """Named questions about sessions."""

    def countable(self, mode: str) -> SessionQuerySet:
        """Return consenting sessions of exactly one mode; modes are never mixed in a count."""
        return self.filter(mode=Session.Mode(mode), consented_at__isnull=False)

    def finished(self) -> SessionQuerySet:
        """Return sessions whose every answer is in."""
        return self.filter(finished_at__isnull=False)

    def holding_a_place(self, study: Study, mode: str) -> SessionQuerySet:
        """Return sessions that count for the balance and the quotas of the study's conditions.

        They have finished, or began so lately that their volunteer may still come back; who was sent away, or
        said that something broke, holds none unless they finished all the same.
        """
        now = timezone.now()
        since = now - datetime.timedelta(hours=study.resume_hours)  # of visits from before they had an end
        alive = Q(expires_at__gt=now) | Q(expires_at__isnull=True, started_at__gte=since)
        sent_away = Session.objects.filter(pk=OuterRef("pk"), outcomes__isnull=False)
        may_come_back = Q(finished_at__isnull=True) & alive & ~Exists(sent_away)
        ours = self.filter(study=study, mode=Session.Mode(mode))
        return ours.filter(Q(finished_at__isnull=False) | may_come_back)

    def with_answer_counts(self) -> SessionQuerySet:
        """Add `answered`, the number of responses of each session."""
        return self.annotate(answered=Count("responses"))


class Session(models.Model):
    """A visit to a study. Holds no address, no browser name, nothing about the person."""

    class Mode(models.TextChoices):
        LIVE = "live", "Live"
        PILOT = "pilot", "Pilot"
        SIMULATED = "simulated", "Simulated"

    study = models.ForeignKey(Study, models.PROTECT, related_name="sessions")
    stimuli = models.ForeignKey(StimulusSet, models.RESTRICT, related_name="sessions")
    token = models.CharField(max_length=32, unique=True, default=tokens.capability, editable=False)
    # Made with the welcome page: sending its form again leads to the same visit.
    visit_id = models.UUIDField(null=True, blank=True, editable=False)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.LIVE)
    condition = models.ForeignKey(Condition, models.RESTRICT, null=True, blank=True, related_name="sessions")
    places_held = models.JSONField(default=dict, blank=True)  # by place of each condition that was open
    seed = models.PositiveBigIntegerField(default=tokens.session_seed)
    study_hash = models.CharField(max_length=64)  # of the study as this volunteer sees it
    study_version = models.PositiveIntegerField(default=1)
    language = models.CharField(max_length=10, default="", blank=True)  # in which the pages were read
    described = models.BooleanField(default=False)  # took the trials by written descriptions
    # A finished visit was known in the browser when this one began; null: from before that was noted.
    again = models.BooleanField(null=True, default=False)
    started_at = models.DateTimeField(default=timezone.now)
    consented_at = models.DateTimeField(null=True, blank=True)
    consent_hash = models.CharField(max_length=64, blank=True)  # SHA-256 of the text agreed to
    sound_confirmed_at = models.DateTimeField(null=True, blank=True)
    instructions_read_at = models.DateTimeField(null=True, blank=True)
    examples_seen_at = models.DateTimeField(null=True, blank=True)
    practice_choice = models.PositiveSmallIntegerField(null=True, blank=True)  # 0-based place; not scored
    practised_at = models.DateTimeField(null=True, blank=True)
    rested_at = models.DateTimeField(null=True, blank=True)
    questions_done_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # Not the token: that one stands in addresses, and so in the logs of web servers.
    resume_code = models.CharField(max_length=16, unique=True, default=tokens.resume_code, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)  # null: began before visits had an end
    extensions = models.PositiveSmallIntegerField(default=0)  # how often its volunteer asked for more time

    objects = SessionQuerySet.as_manager()

    if TYPE_CHECKING:
        participant: Participant
        outcomes: RelatedManager[Outcome]
        presentations: RelatedManager[Presentation]
        responses: RelatedManager[Response]
        events: RelatedManager[Event]

    class Meta:
        ordering = ("pk",)
        indexes = [models.Index(fields=["study", "mode"], name="session_by_study_mode")]
        constraints = [
            models.CheckConstraint(
                name="session_mode_known", condition=Q(mode__in=["live", "pilot", "simulated"])
            ),
            models.CheckConstraint(
                name="session_consent_has_text", condition=Q(consented_at__isnull=True) | ~Q(consent_hash="")
            ),
            models.CheckConstraint(
                name="session_finished_after_consent",
                condition=Q(finished_at__isnull=True) | Q(consented_at__isnull=False),
            ),
            models.UniqueConstraint(name="session_visit_id_once_per_study", fields=["study", "visit_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_mode_display()} session {self.pk}"

    @property
    def personal_code(self) -> str:
        """Return the code with which the visit goes on elsewhere, in groups that can be copied by hand."""
        return tokens.in_groups(self.resume_code)


class Presentation(models.Model):
    """A trial as one session sees it: its place in the order and the order of its options."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="presentations")
    trial = models.ForeignKey(Trial, models.RESTRICT, related_name="presentations")
    position = models.PositiveSmallIntegerField()  # 1-based place in the session
    option_order = models.JSONField()  # slots from left to right: [2, 0, 1] shows class 2 first
    token = models.CharField(max_length=32, unique=True, default=tokens.capability, editable=False)

    if TYPE_CHECKING:
        response: Response

    class Meta:
        ordering = ("session_id", "position")
        constraints = [
            models.UniqueConstraint(name="presentation_trial_once", fields=["session", "trial"]),
            models.UniqueConstraint(name="presentation_position_once", fields=["session", "position"]),
            models.CheckConstraint(name="presentation_position_from_one", condition=Q(position__gte=1)),
        ]

    def __str__(self) -> str:
        return f"Presentation {self.position} of session {self.session_id}"


class Response(models.Model):
    """The one final answer to a presentation; the database refuses a second."""

    presentation = models.OneToOneField(Presentation, models.CASCADE, related_name="response")
    session = models.ForeignKey(Session, models.CASCADE, related_name="responses")
    option = models.ForeignKey(TrialOption, models.RESTRICT, related_name="responses")
    screen_position = models.PositiveSmallIntegerField()  # 0-based place of the chosen picture
    client_id = models.CharField(max_length=64)  # made by the browser: a repeat is recognised by it
    milliseconds = models.PositiveIntegerField(
        null=True, blank=True
    )  # from page shown to answer, browser's clock
    study_hash = models.CharField(max_length=64)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="response_client_id_once", fields=["session", "client_id"]),
            models.CheckConstraint(name="response_has_client_id", condition=~Q(client_id="")),
            models.CheckConstraint(name="response_hash_known", condition=~Q(study_hash="")),
        ]

    def __str__(self) -> str:
        return f"Response to presentation {self.presentation_id}"


class Event(models.Model):
    """Something that happened on a volunteer's page, as their browser reported it.

    Alone `fetched` is the server's own word: a page without script asked for the clip that is to be heard.
    """

    class Kind(models.TextChoices):
        SHOWN = "shown"
        PLAY = "play"
        PAUSE = "pause"
        ENDED = "ended"
        ERROR = "error"
        HIDDEN = "hidden"
        VISIBLE = "visible"
        OFFLINE = "offline"
        RECONNECTED = "reconnected"
        FETCHED = "fetched"

    session = models.ForeignKey(Session, models.CASCADE, related_name="events")
    presentation = models.ForeignKey(
        Presentation, models.CASCADE, null=True, blank=True, related_name="events"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    client_id = models.CharField(max_length=64)
    client_ms = models.PositiveBigIntegerField(null=True, blank=True)  # since the page was shown
    seconds = models.FloatField(null=True, blank=True)  # place in the clip
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(name="event_client_id_once", fields=["session", "client_id"]),
            models.CheckConstraint(
                name="event_kind_known",
                condition=Q(kind__in=EVENT_KINDS),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} in session {self.session_id}"
