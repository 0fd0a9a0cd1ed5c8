"""People whom a panel sends: known by a keyed hash, one visit each; and how a visit ended if not well."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from study.models.sessions import Session
from study.models.studies import Study


class Participant(models.Model):
    """Somebody from a panel and their one visit. `key` is a keyed hash: no id can be read from it."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="participants")
    session = models.OneToOneField(Session, models.CASCADE, related_name="participant")
    mode = models.CharField(max_length=10, choices=Session.Mode, default=Session.Mode.LIVE)
    key = models.CharField(max_length=64)
    ids = models.JSONField(default=dict, blank=True)  # as they came; empty unless the study keeps them
    arrived_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(name="participant_once_per_study", fields=["study", "mode", "key"]),
            models.CheckConstraint(name="participant_has_key", condition=~Q(key="")),
        ]

    def __str__(self) -> str:
        return f"Participant {self.key[:8]}"


class Outcome(models.Model):
    """An end that is not the last trial: not admitted, a check not passed, something broken."""

    class Kind(models.TextChoices):
        SCREENED_OUT = "screened_out", "Screened out"
        FAILED_CHECK = "failed_check", "Failed a check"
        BROKEN = "broken", "Said that something broke"

    session = models.ForeignKey(Session, models.CASCADE, related_name="outcomes")
    kind = models.CharField(max_length=12, choices=Kind)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(name="outcome_once_per_session", fields=["session", "kind"]),
            models.CheckConstraint(
                name="outcome_kind_known", condition=Q(kind__in=["screened_out", "failed_check", "broken"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.session_id})"
