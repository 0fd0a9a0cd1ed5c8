"""Build: one run of the pipeline for a study; the row, not the message, is the truth."""

from __future__ import annotations

import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from study.models import tokens
from study.models.studies import Study


class BuildQuerySet(models.QuerySet["Build"]):
    """Named questions about builds."""

    def active(self) -> BuildQuerySet:
        """Return builds that wait or run."""
        return self.filter(status__in=Build.ACTIVE)

    def stale(self, *, older_than: datetime.timedelta) -> BuildQuerySet:
        """Return active builds that nobody has touched for this long: their message or worker is gone."""
        return self.active().filter(heartbeat_at__lt=timezone.now() - older_than)

    def held(self, build: Build) -> BuildQuerySet:
        """Return this build if it still runs in the attempt that the caller has claimed."""
        return self.filter(pk=build.pk, attempt=build.attempt, status=Build.Status.RUNNING)


class Build(models.Model):
    """Making one study's stimuli: where it stands and, when it failed, why in one sentence."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting for a worker"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    ACTIVE = (Status.QUEUED, Status.RUNNING)

    study = models.ForeignKey(Study, models.CASCADE, related_name="builds")
    status = models.CharField(max_length=12, choices=Status, default=Status.QUEUED)
    attempt = models.PositiveSmallIntegerField(
        default=0
    )  # raised by each claim: an older worker sees it has lost
    stage = models.CharField(max_length=80, blank=True)
    progress = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    token = models.CharField(max_length=32, unique=True, default=tokens.capability, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = BuildQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                name="build_one_active_per_study",
                fields=["study"],
                condition=Q(status__in=["queued", "running"]),
                violation_error_message="This study is already being built.",
            ),
            models.CheckConstraint(
                name="build_status_known",
                condition=Q(status__in=["queued", "running", "done", "failed", "cancelled"]),
            ),
            models.CheckConstraint(
                name="build_failure_has_reason", condition=~Q(status="failed") | ~Q(error="")
            ),
            models.CheckConstraint(name="build_progress_within_total", condition=Q(progress__lte=F("total"))),
        ]

    def __str__(self) -> str:
        return f"Build {self.pk} of {self.study_id}: {self.status}"

    def held(self) -> BuildQuerySet:
        """Return the row while it runs in the attempt that the caller has claimed."""
        return Build.objects.held(self)

    @property
    def is_active(self) -> bool:
        """Whether the build waits or runs."""
        return self.status in self.ACTIVE

    @property
    def percent(self) -> int:
        """How far the present stage is, 0 to 100."""
        return 100 * self.progress // self.total if self.total else 0
