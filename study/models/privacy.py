"""What volunteers agreed to, and how many of them have taken their data back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from study.models.sessions import Session
from study.models.studies import Study


class ConsentText(models.Model):
    """A version of a study's consent text that somebody has agreed to, word for word."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="consent_texts")
    sha256 = models.CharField(max_length=64)  # as Session.consent_hash
    text = models.TextField()
    language = models.CharField(max_length=10, blank=True, default="")
    first_agreed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("study_id", "first_agreed_at", "pk")
        constraints = [
            models.UniqueConstraint(name="consent_text_once_per_study", fields=["study", "sha256"]),
            models.CheckConstraint(name="consent_text_written", condition=~Q(text="") & ~Q(sha256="")),
        ]

    def __str__(self) -> str:
        return f"Consent text {self.sha256[:12]}"


class Tombstone(models.Model):
    """How many sessions of one kind were deleted. Only the count stays: no times, no order, nobody."""

    class Reason(models.TextChoices):
        WITHDRAWN = "withdrawn", "Withdrawn by the volunteer"
        RETENTION = "retention", "Kept long enough"

    study = models.ForeignKey(Study, models.CASCADE, related_name="tombstones")
    mode = models.CharField(max_length=10, choices=Session.Mode)
    reason = models.CharField(max_length=10, choices=Reason)
    was_finished = models.BooleanField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("study_id", "mode", "reason", "was_finished")
        constraints = [
            models.UniqueConstraint(
                name="tombstone_once_per_kind", fields=["study", "mode", "reason", "was_finished"]
            ),
            models.CheckConstraint(
                name="tombstone_kind_known",
                condition=Q(mode__in=["live", "pilot", "simulated"], reason__in=["withdrawn", "retention"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count} {self.get_mode_display().lower()} sessions, {self.get_reason_display().lower()}"
