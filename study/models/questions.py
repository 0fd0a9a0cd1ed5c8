"""Questions that a study asks after its trials, and what one session answered."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from study.models.sessions import Session
from study.models.studies import Study

FEWEST_CHOICES, MOST_CHOICES, LONGEST_CHOICE = 2, 20, 120
SHORTEST_SCALE, LONGEST_SCALE = 2, 11
LONGEST_TEXT = 2000  # characters of a written answer


def choice_texts(value: object) -> None:
    """Refuse what is not a list of different, written texts."""
    if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
        raise ValidationError("Choices are a list of texts.")
    if len(set(value)) != len(value):
        raise ValidationError("A choice is there twice.")
    if len(value) > MOST_CHOICES or any(len(text) > LONGEST_CHOICE for text in value):
        raise ValidationError(f"At most {MOST_CHOICES} choices of at most {LONGEST_CHOICE} characters.")


class Question(models.Model):
    """One question of a study, at its place; frozen with the study."""

    class Kind(models.TextChoices):
        TEXT = "text", "Written answer"
        CHOICE = "choice", "One of several choices"
        SCALE = "scale", "A scale of numbers"

    study = models.ForeignKey(Study, models.CASCADE, related_name="questions")
    place = models.PositiveSmallIntegerField()  # 1-based
    kind = models.CharField("kind of answer", max_length=8, choices=Kind, default=Kind.TEXT)
    prompt = models.CharField("question", max_length=300)
    hint = models.CharField(max_length=300, blank=True, help_text="A sentence below the question.")
    required = models.BooleanField("must be answered", default=False)
    choices = models.JSONField(default=list, blank=True, validators=[choice_texts])
    steps = models.PositiveSmallIntegerField(
        "numbers of the scale",
        default=5,
        validators=[MinValueValidator(SHORTEST_SCALE), MaxValueValidator(LONGEST_SCALE)],
        help_text=f"{SHORTEST_SCALE} to {LONGEST_SCALE}, counted from 1.",
    )
    low_label = models.CharField("what 1 means", max_length=60, blank=True)
    high_label = models.CharField("what the highest number means", max_length=60, blank=True)

    # What a researcher may change, and what the content hash covers.
    CONFIGURATION = ("kind", "prompt", "hint", "required", "choices", "steps", "low_label", "high_label")

    class Meta:
        ordering = ("study_id", "place")
        constraints = [
            models.UniqueConstraint(name="question_place_taken_once", fields=["study", "place"]),
            models.CheckConstraint(name="question_place_from_one", condition=Q(place__gte=1)),
            models.CheckConstraint(
                name="question_kind_known", condition=Q(kind__in=["text", "choice", "scale"])
            ),
            models.CheckConstraint(name="question_has_prompt", condition=~Q(prompt="")),
            models.CheckConstraint(
                name="question_scale_steps", condition=Q(steps__gte=SHORTEST_SCALE, steps__lte=LONGEST_SCALE)
            ),
        ]

    def __str__(self) -> str:
        return self.prompt

    def clean(self) -> None:
        """Refuse a question of choices that offers no choice."""
        if self.kind == self.Kind.CHOICE and len(self.choices) < FEWEST_CHOICES:
            raise ValidationError({"choices": f"Offer at least {FEWEST_CHOICES} choices, one a line."})

    def configuration(self) -> dict[str, Any]:
        """Return what the question is, as JSON-ready values."""
        return {name: getattr(self, name) for name in self.CONFIGURATION}


class QuestionAnswer(models.Model):
    """What one session answered to a question; a question that was skipped has none."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="question_answers")
    question = models.ForeignKey(Question, models.CASCADE, related_name="answers")
    text = models.TextField(blank=True, max_length=LONGEST_TEXT)
    number = models.PositiveSmallIntegerField(null=True, blank=True)  # the scale's, or the choice's from 0

    class Meta:
        constraints = [
            models.UniqueConstraint(name="question_answered_once", fields=["session", "question"]),
            models.CheckConstraint(
                name="question_answer_is_one_thing",
                condition=(~Q(text="") & Q(number__isnull=True)) | (Q(text="") & Q(number__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"Answer of session {self.session_id} to question {self.question_id}"
