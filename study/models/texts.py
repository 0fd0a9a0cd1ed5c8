"""A study's own words in another language than its own."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from study.models.options import known_language
from study.models.studies import Study


class StudyText(models.Model):
    """One of the study's texts, named as study.domain.texts names it, in one language."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="texts")
    language = models.CharField(max_length=10, validators=[known_language])
    name = models.CharField(max_length=80)  # "welcome_text", or of a row: "words-4f2a…"
    text = models.TextField()

    class Meta:
        ordering = ("study_id", "language", "name")
        constraints = [
            models.UniqueConstraint(name="study_text_once", fields=["study", "language", "name"]),
            models.CheckConstraint(name="study_text_says_something", condition=~Q(text="") & ~Q(language="")),
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.language}"
