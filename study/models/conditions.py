"""Condition: one arm of a study, what it changes, and how many volunteers it wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from study.models.stimuli import Music
from study.models.studies import Study

if TYPE_CHECKING:
    from study.models.sessions import SessionQuerySet


class ConditionQuerySet(models.QuerySet["Condition"]):
    """Named questions about conditions."""

    def switched_on(self) -> ConditionQuerySet:
        """Return the conditions that new volunteers may be given."""
        return self.filter(switched_off_at__isnull=True)


class Condition(models.Model):
    """An arm. Each volunteer is given one, at the start and for good; volunteers never see its name."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="conditions")
    place = models.PositiveSmallIntegerField()  # 1-based; its name in stored counts, never given twice
    name = models.CharField(max_length=60, help_text="Only researchers see it.")
    translator = models.CharField(
        max_length=120, blank=True, help_text="Which trained model makes the music of this condition."
    )  # blank: the study's own
    music = models.CharField(max_length=12, choices=Music, default=Music.OWN)
    minimum_listens = models.PositiveSmallIntegerField(
        "complete listens before an answer",
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(10)],
        help_text="0 to 10. Empty: as in the study.",
    )
    quota = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
        help_text="How many volunteers this condition wants. Empty: no limit.",
    )
    switched_off_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ConditionQuerySet.as_manager()

    # What a researcher may change in a draft, and what the content hash covers.
    CONFIGURATION = ("name", "translator", "music", "minimum_listens", "quota")

    if TYPE_CHECKING:
        sessions: SessionQuerySet

    class Meta:
        ordering = ("study_id", "place")
        constraints = [
            models.UniqueConstraint(
                name="condition_name_once_per_study",
                fields=["study", "name"],
                violation_error_message="Another condition of this study has this name.",
            ),
            models.UniqueConstraint(name="condition_place_once_per_study", fields=["study", "place"]),
            models.CheckConstraint(name="condition_place_from_one", condition=Q(place__gte=1)),
            models.CheckConstraint(name="condition_named", condition=~Q(name="")),
            models.CheckConstraint(name="condition_music_known", condition=Q(music__in=["own", "exchanged"])),
            models.CheckConstraint(
                name="condition_quota_positive", condition=Q(quota__isnull=True) | Q(quota__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_on(self) -> bool:
        """Whether new volunteers may be given this condition."""
        return self.switched_off_at is None

    def configuration(self) -> dict[str, Any]:
        """Return what the condition is, as JSON-ready values."""
        return {"place": self.place} | {name: getattr(self, name) for name in self.CONFIGURATION}
