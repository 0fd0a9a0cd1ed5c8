"""Study: one configured experiment and who may work on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_noop

from study.models import tokens
from study.models.options import StudyOptions

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

CONSENT = gettext_noop(
    "Taking part is voluntary. You can stop at any moment by closing the page. We store which picture you "
    "choose, how long you take and when you play a clip, for research and in publications about it. We do "
    "not store your name, your network address or your kind of browser."
)


class StudyQuerySet(models.QuerySet["Study"]):
    """Named questions about studies."""

    def visible_to(self, user: User | AnonymousUser) -> StudyQuerySet:
        """Return the studies that this person owns or works on."""
        if not user.is_authenticated:
            return self.none()
        joined = Study.collaborators.through.objects.filter(user=user)
        return self.filter(Q(owner=user) | Q(pk__in=joined.values("study")))

    def open_to_volunteers(self) -> StudyQuerySet:
        """Return the studies that a new volunteer may start now."""
        return self.filter(status=Study.Status.PUBLISHED)


class Study(StudyOptions):
    """A configured experiment: what it is made from, what it says, and where it stands.

    Once published the configuration is frozen under `content_hash`; a change makes a new version.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        PAUSED = "paused", "Paused"
        CLOSED = "closed", "Closed"

    class ClassRule(models.TextChoices):
        PERIMETER = "perimeter", "Largest perimeter (as the paper)"
        MAX_MIN = "max_min", "Largest smallest distance"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="owned_studies")
    collaborators = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="joined_studies"
    )
    title = models.CharField(max_length=120)
    code = models.CharField(max_length=32, unique=True, default=tokens.study_code, editable=False)
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT, editable=False)

    model = models.CharField(
        "translator", max_length=120, default="mnist", help_text="Which trained model translates."
    )
    data = models.CharField(
        "images", max_length=200, default="mnist", help_text="A data set by name, or folder:NAME."
    )
    chosen_classes = models.JSONField(
        "classes",
        default=list,
        blank=True,
        help_text="Names of classes; empty chooses the most distinct ones.",
    )
    class_count = models.PositiveSmallIntegerField(
        "number of classes", default=3, validators=[MinValueValidator(2), MaxValueValidator(6)]
    )
    class_rule = models.CharField(
        "how classes are chosen", max_length=12, choices=ClassRule, default=ClassRule.PERIMETER
    )
    merge_small = models.BooleanField("merge classes that are too small into their nearest", default=False)
    examples_per_class = models.PositiveSmallIntegerField(
        default=4, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    trial_count = models.PositiveSmallIntegerField(
        "number of trials", default=20, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    seed = models.PositiveBigIntegerField(default=tokens.study_seed, validators=[MaxValueValidator(2**53)])

    welcome_text = models.TextField("welcome", blank=True)
    consent_text = models.TextField("consent", blank=True, default=CONSENT)  # blank in a form means ours
    thanks_text = models.TextField("thanks", blank=True)
    contact = models.CharField(max_length=200, blank=True, help_text="Whom volunteers can write to.")

    stimuli = models.ForeignKey(
        "study.StimulusSet", models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    previous = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="next_versions"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = StudyQuerySet.as_manager()

    DESIGN = (
        "title", "model", "data", "chosen_classes", "class_count", "class_rule", "merge_small",
        "examples_per_class", "trial_count", "seed", "welcome_text", "consent_text", "thanks_text", "contact",
    )  # fmt: skip
    # What a researcher may change, and what the content hash covers.
    CONFIGURATION = (*DESIGN, *StudyOptions.OPTIONS)
    # A change to one of these makes built stimuli wrong.
    STIMULUS_CONFIGURATION = (
        "model", "data", "chosen_classes", "class_count", "class_rule", "merge_small",
        "examples_per_class", "trial_count", "seed",
    )  # fmt: skip

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name_plural = "studies"
        constraints = [
            models.CheckConstraint(
                name="study_status_known", condition=Q(status__in=["draft", "published", "paused", "closed"])
            ),
            models.CheckConstraint(
                name="study_frozen_once_published",
                condition=Q(status="draft") | (~Q(content_hash="") & Q(published_at__isnull=False)),
            ),
            models.CheckConstraint(name="study_has_consent_text", condition=~Q(consent_text="")),
            models.CheckConstraint(
                name="study_counts_positive",
                condition=Q(
                    class_count__gte=2, examples_per_class__gte=1, trial_count__gte=1, version__gte=1
                ),
            ),
            models.CheckConstraint(
                name="study_class_rule_known", condition=Q(class_rule__in=["perimeter", "max_min"])
            ),
            models.CheckConstraint(
                name="study_screening_known",
                condition=Q(screening__in=["off", "recorded", "required"])
                & Q(screening_kind__in=["antiphase", "huggins"]),
            ),
            models.CheckConstraint(
                name="study_resume_hours_within", condition=Q(resume_hours__gte=1, resume_hours__lte=720)
            ),
            models.CheckConstraint(
                name="study_retention_positive",
                condition=Q(retention_days__isnull=True) | Q(retention_days__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_draft(self) -> bool:
        """Whether the configuration may still change."""
        return self.status == self.Status.DRAFT

    @property
    def is_open(self) -> bool:
        """Whether a new volunteer may start."""
        return self.status == self.Status.PUBLISHED

    @property
    def stimuli_ready(self) -> bool:
        """Whether a finished set of stimuli belongs to the present configuration."""
        return self.stimuli_id is not None

    def configuration(self) -> dict[str, Any]:
        """Return the configuration as JSON-ready values, in the fixed order of CONFIGURATION."""
        return {name: getattr(self, name) for name in self.CONFIGURATION}
