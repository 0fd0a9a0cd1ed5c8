"""The headphone check of a visit: what was played in which order, what was heard, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from study.models import tokens
from study.models.options import StudyOptions
from study.models.sessions import Session

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class HeadphoneCheck(models.Model):
    """One check per visit. It runs while it has no outcome."""

    class Outcome(models.TextChoices):
        PASSED = "passed", "Passed"
        FAILED = "failed", "Not passed"
        CANNOT = "cannot", "Could not do it"

    class Reason(models.TextChoices):
        """Why somebody can't do it; asked for without anything about the person."""

        MONO = "mono", _("My device plays the same sound on both sides (mono)")
        NO_HEADPHONES = "no_headphones", _("I have no headphones here")
        OTHER = "other", _("Another reason")

    session = models.OneToOneField(Session, models.CASCADE, related_name="headphone_check")
    kind = models.CharField(max_length=10, choices=StudyOptions.ScreeningKind)
    attempts = models.PositiveSmallIntegerField(default=1)  # begun so far
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True, default="")
    reason = models.CharField(max_length=16, choices=Reason, blank=True, default="")
    right = models.PositiveSmallIntegerField(null=True, blank=True)  # of the last finished attempt
    begun_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    if TYPE_CHECKING:
        sounds: RelatedManager[HeadphoneSound]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="headphonecheck_kind_known", condition=Q(kind__in=["antiphase", "huggins"])
            ),
            models.CheckConstraint(
                name="headphonecheck_ends_with_outcome",
                condition=Q(outcome="", ended_at__isnull=True)
                | Q(outcome__in=["passed", "failed", "cannot"], ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="headphonecheck_reason_of_cannot",
                condition=Q(reason="") | Q(outcome="cannot", reason__in=["mono", "no_headphones", "other"]),
            ),
        ]

    def __str__(self) -> str:
        return f"Headphone check of session {self.session_id}"


class HeadphoneSound(models.Model):
    """Three sounds in a row of which one is asked for, and the one final answer."""

    headphone_check = models.ForeignKey(HeadphoneCheck, models.CASCADE, related_name="sounds")
    attempt = models.PositiveSmallIntegerField()  # from 1
    position = models.PositiveSmallIntegerField()  # 1-based place in the attempt
    layout = models.CharField(
        max_length=3
    )  # of `study.domain.headphone_sounds`; follows from the session's seed
    token = models.CharField(max_length=32, unique=True, default=tokens.capability, editable=False)
    choice = models.PositiveSmallIntegerField(null=True, blank=True)  # 0, 1 or 2
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("headphone_check_id", "attempt", "position")
        constraints = [
            models.UniqueConstraint(
                name="headphonesound_place_once", fields=["headphone_check", "attempt", "position"]
            ),
            models.CheckConstraint(
                name="headphonesound_choice_of_three",
                condition=Q(choice__isnull=True, answered_at__isnull=True)
                | Q(choice__lte=2, answered_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Sound {self.attempt}/{self.position} of check {self.headphone_check_id}"
