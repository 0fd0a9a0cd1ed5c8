"""A picture in words, for volunteers who cannot see it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from study.models.studies import Study

LONGEST = 300  # characters: three of these must fit on a phone and in an ear's memory


class Description(models.Model):
    """What one picture looks like, without the name of its class.

    It belongs to the picture, not to a stimulus: it stays when the study is built again, also from other
    pictures and back.
    """

    study = models.ForeignKey(Study, models.CASCADE, related_name="descriptions")
    data = models.CharField(max_length=200)  # the set of pictures: Study.data when it was written
    source_id = models.CharField(max_length=300)  # the picture's id in that set
    text = models.CharField(max_length=LONGEST)

    class Meta:
        ordering = ("study_id", "data", "source_id")
        constraints = [
            models.UniqueConstraint(name="description_once", fields=["study", "data", "source_id"]),
            models.CheckConstraint(name="description_says_something", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}: {self.text}"
