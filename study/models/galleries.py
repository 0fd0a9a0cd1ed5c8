"""What public galleries say and show: texts for the pictures of a study, and the exhibit of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from study.models import tokens
from study.models.studies import Study

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

LONGEST_TEXT = 300


class PictureText(models.Model):
    """What a researcher says of a picture, for people who cannot see it. A new build keeps it."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="picture_texts")
    data = models.CharField(max_length=200)  # the set of pictures: Study.data when it was written
    source_id = models.CharField(max_length=300)  # the picture's id in that set
    text = models.CharField(max_length=LONGEST_TEXT)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="picturetext_once_per_study", fields=["study", "data", "source_id"]),
            models.CheckConstraint(name="picturetext_says_something", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return self.text


class Exhibit(models.Model):
    """The public gallery of a model: some pictures and what it made of them."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="exhibits")
    code = models.CharField(max_length=32, unique=True, default=tokens.study_code, editable=False)
    title = models.CharField(max_length=120)
    about = models.TextField(blank=True)
    model = models.CharField(max_length=120)
    data = models.CharField(max_length=200)
    seed = models.PositiveBigIntegerField()
    folder = models.CharField(max_length=100)  # of its files in the media storage
    created_at = models.DateTimeField(auto_now_add=True)

    if TYPE_CHECKING:
        pictures: RelatedManager[ExhibitPicture]

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.title


class ExhibitPicture(models.Model):
    """A picture of an exhibit with its music."""

    exhibit = models.ForeignKey(Exhibit, models.CASCADE, related_name="pictures")
    position = models.PositiveSmallIntegerField()  # 0-based
    source_id = models.CharField(max_length=300)
    label = models.CharField(max_length=200)  # the name of its class in the data set
    text = models.CharField(max_length=LONGEST_TEXT, blank=True)
    image = models.FileField(max_length=300)
    clip = models.FileField(max_length=300)
    seconds = models.FloatField()
    image_sha256 = models.CharField(max_length=64)
    clip_sha256 = models.CharField(max_length=64)
    token = models.CharField(max_length=32, unique=True, default=tokens.capability, editable=False)

    class Meta:
        ordering = ("exhibit", "position")
        constraints = [
            models.UniqueConstraint(name="exhibitpicture_place_taken_once", fields=["exhibit", "position"]),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} in {self.exhibit_id}"
