"""OwnPicture: a stranger's picture on its way to music, and the music, for an hour."""

from __future__ import annotations

import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from study.models import tokens

KEPT_FOR = datetime.timedelta(hours=1)
# A worker says every few seconds that it is alive; a message that nobody has taken may only wait its turn.
SILENT_WORKER = datetime.timedelta(seconds=30)
SILENT_QUEUE = datetime.timedelta(seconds=90)


def an_hour_from_now() -> datetime.datetime:
    """Return when a picture that comes now is deleted."""
    return timezone.now() + KEPT_FOR


class OwnPictureQuerySet(models.QuerySet["OwnPicture"]):
    """Named questions about pictures that people have sent."""

    def alive(self) -> OwnPictureQuerySet:
        """Return those whose hour is not over."""
        return self.filter(expires_at__gt=timezone.now())

    def expired(self) -> OwnPictureQuerySet:
        """Return those whose hour is over."""
        return self.filter(expires_at__lte=timezone.now())

    def active(self) -> OwnPictureQuerySet:
        """Return those that wait or are worked on."""
        return self.alive().filter(status__in=OwnPicture.ACTIVE)

    def left_behind(self) -> OwnPictureQuerySet:
        """Return active ones that nobody has touched for too long: their worker or message is gone."""
        now, status = timezone.now(), OwnPicture.Status
        worker = Q(status=status.RUNNING, heartbeat_at__lt=now - SILENT_WORKER)
        message = Q(status=status.QUEUED, heartbeat_at__lt=now - SILENT_QUEUE)
        return self.active().filter(worker | message)


class OwnPicture(models.Model):
    """A picture that somebody sent to hear it. Holds nothing about who sent it, not even a file's name."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    class Step(models.IntegerChoices):
        WAITING = 0
        OPENING = 1
        LOOKING = 2
        COMPOSING = 3
        PLAYING = 4

    class Light(models.TextChoices):
        AUTO = "auto"
        KEEP = "keep"
        SWAP = "swap"

    class Refusal(models.TextChoices):
        DAMAGED = "damaged"
        IN_A_TEST = "in_a_test"
        NO_TRANSLATOR = "no_translator"
        STOPPED = "stopped"
        UNEXPECTED = "unexpected"

    ACTIVE = (Status.QUEUED, Status.RUNNING)

    token = models.CharField(max_length=32, unique=True, default=tokens.capability, editable=False)
    folder = models.CharField(max_length=100)  # in the media storage; its name says when it may go
    light = models.CharField(max_length=4, default=Light.AUTO)
    status = models.CharField(max_length=8, choices=Status, default=Status.QUEUED)
    step = models.PositiveSmallIntegerField(default=Step.WAITING)
    attempt = models.PositiveSmallIntegerField(default=0)  # raised by each claim, as a build's
    refusal = models.CharField(max_length=16, blank=True)  # why it failed

    upload = models.FileField(max_length=300, blank=True)  # as it was sent; deleted once it is read
    picture = models.FileField(max_length=300, blank=True)  # a small copy without what cameras write into it
    seen = models.FileField(max_length=300, blank=True)  # what the model sees of it
    clip = models.FileField(max_length=300, blank=True)  # MP3
    midi = models.FileField(max_length=300, blank=True)
    notes = models.JSONField(default=list)  # [[pitch, first step, step after the last], ...]
    steps = models.PositiveIntegerField(default=0)  # sixteenths in the melody
    seconds = models.FloatField(default=0)  # of the clip
    swapped = models.BooleanField(default=False)  # light and dark
    familiar = models.BooleanField(default=True)  # is it like what the model has learnt?

    created_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=an_hour_from_now, db_index=True)

    objects = OwnPictureQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                name="ownpicture_status_known",
                condition=Q(status__in=["queued", "running", "done", "failed"]),
            ),
            models.CheckConstraint(
                name="ownpicture_failure_has_reason", condition=~Q(status="failed") | ~Q(refusal="")
            ),
            models.CheckConstraint(
                name="ownpicture_done_is_whole",
                condition=~Q(status="done") | (~Q(clip="") & ~Q(midi="") & ~Q(seen="") & ~Q(picture="")),
            ),
            models.CheckConstraint(name="ownpicture_has_folder", condition=~Q(folder="")),
        ]

    def __str__(self) -> str:
        return f"Picture {self.pk}: {self.status}"

    @property
    def is_active(self) -> bool:
        """Whether it waits or is worked on."""
        return self.status in self.ACTIVE

    def held(self) -> models.QuerySet[OwnPicture]:
        """Return the row while it runs in the attempt that this worker has claimed."""
        return OwnPicture.objects.filter(pk=self.pk, attempt=self.attempt, status=self.Status.RUNNING)
