"""Export: making one study's package; the row, not the message, is the truth."""

from __future__ import annotations

import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from study.models import tokens
from study.models.sessions import Session
from study.models.studies import Study

KEPT_FOR = datetime.timedelta(days=7)


class ExportQuerySet(models.QuerySet["Export"]):
    """Named questions about packages and their making."""

    def active(self) -> ExportQuerySet:
        """Return those that wait or are being made."""
        return self.filter(status__in=Export.ACTIVE)

    def stale(self, *, older_than: datetime.timedelta) -> ExportQuerySet:
        """Return active ones that nobody has touched for this long: their message or worker is gone."""
        return self.active().filter(heartbeat_at__lt=timezone.now() - older_than)

    def over(self) -> ExportQuerySet:
        """Return ended ones that have been kept long enough."""
        return self.exclude(status__in=Export.ACTIVE).filter(finished_at__lt=timezone.now() - KEPT_FOR)


class Export(models.Model):
    """Making a package of a study's sessions of one mode: where it stands, and the file once it is made."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting for a worker"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    ACTIVE = (Status.QUEUED, Status.RUNNING)

    study = models.ForeignKey(Study, models.CASCADE, related_name="exports")
    mode = models.CharField(max_length=10, choices=Session.Mode, default=Session.Mode.LIVE)
    media = models.BooleanField(default=True)  # with pictures, clips and MIDI
    status = models.CharField(max_length=12, choices=Status, default=Status.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)  # raised by each claim, as a build's
    stage = models.CharField(max_length=80, blank=True)
    progress = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    token = models.CharField(max_length=32, unique=True, default=tokens.capability, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    cut_at = models.DateTimeField(null=True, blank=True)  # when the database was read
    file = models.FileField(max_length=300, blank=True)
    size = models.PositiveBigIntegerField(default=0)  # bytes
    sha256 = models.CharField(max_length=64, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                name="export_one_active_per_study",
                fields=["study"],
                condition=Q(status__in=["queued", "running"]),
                violation_error_message="A package of this study is already being made.",
            ),
            models.CheckConstraint(
                name="export_status_known",
                condition=Q(status__in=["queued", "running", "done", "failed", "cancelled"]),
            ),
            models.CheckConstraint(
                name="export_mode_known", condition=Q(mode__in=["live", "pilot", "simulated"])
            ),
            models.CheckConstraint(
                name="export_failure_has_reason", condition=~Q(status="failed") | ~Q(error="")
            ),
            models.CheckConstraint(
                name="export_done_has_file", condition=~Q(status="done") | (~Q(file="") & ~Q(sha256=""))
            ),
            models.CheckConstraint(
                name="export_progress_within_total", condition=Q(progress__lte=F("total"))
            ),
        ]

    def __str__(self) -> str:
        return f"Package {self.pk} of {self.study_id}: {self.status}"

    def held(self) -> models.QuerySet[Export]:
        """Return the row while it runs in the attempt that this worker has claimed."""
        return Export.objects.filter(pk=self.pk, attempt=self.attempt, status=self.Status.RUNNING)

    @property
    def is_active(self) -> bool:
        """Whether it waits or is being made."""
        return self.status in self.ACTIVE

    @property
    def kept_until(self) -> datetime.datetime | None:
        """When the file goes; None while there is none."""
        return self.finished_at + KEPT_FOR if self.finished_at else None
