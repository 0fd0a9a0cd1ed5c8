"""The stimulus set of a study: pictures with their clips, laid out as examples and trials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from study.models import tokens
from study.models.builds import Build
from study.models.studies import Study

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class Music(models.TextChoices):
    """Whose music a picture has."""

    OWN = "own", "Each picture’s own"
    EXCHANGED = "exchanged", "Exchanged between pictures (control)"


class StimulusSet(models.Model):
    """What a finished build made for one kind of condition, under one hash over plan, media and model.

    All sets of a build follow the same plan over the same pictures; they differ in the music alone.
    """

    study = models.ForeignKey(Study, models.CASCADE, related_name="stimulus_sets")
    build = models.ForeignKey(Build, models.RESTRICT, related_name="stimulus_sets")
    translator = models.CharField(max_length=120, blank=True, default="")  # blank: the study's own
    music = models.CharField(max_length=12, choices=Music, default=Music.OWN)
    class_names = (
        models.JSONField()
    )  # the classes of this study, canonical order: option slot i shows class i
    plan = models.JSONField()  # sampling's StudyPlan, re-derivable from its seed and `latents`
    latents = models.FileField(max_length=300, blank=True)  # npz: what the plan was made from, whole
    machine = models.FileField(max_length=300, blank=True)  # machine.json: how machine listeners took it
    machine_error = models.TextField(blank=True, default="")  # why there is none yet, once it was asked for
    provenance = models.JSONField(default=dict)  # model, data, versions: what a methods paragraph needs
    content_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    if TYPE_CHECKING:
        items: RelatedManager[Stimulus]
        examples: RelatedManager[Example]
        trials: RelatedManager[Trial]

    class Meta:
        constraints = [
            models.CheckConstraint(name="stimulusset_hashed", condition=~Q(content_hash="")),
            models.CheckConstraint(
                name="stimulusset_music_known", condition=Q(music__in=["own", "exchanged"])
            ),
            models.UniqueConstraint(
                name="stimulusset_once_per_build", fields=["build", "translator", "music"]
            ),
        ]

    def __str__(self) -> str:
        return f"Stimuli {self.content_hash[:12]}"


class Stimulus(models.Model):
    """A picture and the clip made from it. Files carry random names that nothing pairs."""

    set = models.ForeignKey(StimulusSet, models.CASCADE, related_name="items")
    source_id = models.CharField(max_length=300)  # the picture's id in its data set
    class_index = models.PositiveSmallIntegerField()  # into StimulusSet.class_names
    rank = models.PositiveIntegerField()  # 1 is the member nearest to its class's centroid
    distance = models.FloatField()  # Euclidean, latent space, to the centroid
    image = models.FileField(max_length=300)
    clip = models.FileField(max_length=300)  # MP3 for browsers
    master = models.FileField(max_length=300, blank=True)  # FLAC
    midi = models.FileField(max_length=300, blank=True)
    seconds = models.FloatField(default=0)  # how long the clip sounds
    image_sha256 = models.CharField(max_length=64)
    clip_sha256 = models.CharField(max_length=64)
    image_token = models.CharField(max_length=32, unique=True, default=tokens.capability, editable=False)
    clip_token = models.CharField(max_length=32, unique=True, default=tokens.capability, editable=False)

    class Meta:
        verbose_name_plural = "stimuli"
        constraints = [
            models.UniqueConstraint(name="stimulus_once_per_set", fields=["set", "source_id"]),
        ]

    def __str__(self) -> str:
        return self.source_id

    @property
    def class_name(self) -> str:
        """The name of the picture's class."""
        return str(self.set.class_names[self.class_index])


class Example(models.Model):
    """A stimulus shown with its sound before the test."""

    set = models.ForeignKey(StimulusSet, models.CASCADE, related_name="examples")
    stimulus = models.OneToOneField(Stimulus, models.CASCADE, related_name="example")
    class_index = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField()  # 0-based, within its class
    media_token = models.CharField(max_length=32, unique=True, default=tokens.capability, editable=False)

    class Meta:
        ordering = ("class_index", "position")
        constraints = [
            models.UniqueConstraint(
                name="example_place_taken_once", fields=["set", "class_index", "position"]
            ),
        ]

    def __str__(self) -> str:
        return f"Example {self.class_index}/{self.position}"


class Trial(models.Model):
    """One clip and one picture per class; exactly one option is the truth."""

    set = models.ForeignKey(StimulusSet, models.CASCADE, related_name="trials")
    number = models.PositiveSmallIntegerField()  # 1-based, as planned; sessions shuffle it

    if TYPE_CHECKING:
        options: RelatedManager[TrialOption]

    class Meta:
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(name="trial_number_once_per_set", fields=["set", "number"]),
            models.CheckConstraint(name="trial_number_from_one", condition=Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return f"Trial {self.number}"


class TrialOption(models.Model):
    """A picture offered in a trial; slot i shows class i."""

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="options")
    slot = models.PositiveSmallIntegerField()  # 0-based index into StimulusSet.class_names
    stimulus = models.OneToOneField(Stimulus, models.CASCADE, related_name="option")  # no picture twice
    is_truth = models.BooleanField(default=False)

    class Meta:
        ordering = ("trial_id", "slot")
        constraints = [
            models.UniqueConstraint(name="option_slot_once_per_trial", fields=["trial", "slot"]),
            models.UniqueConstraint(
                name="option_one_truth_per_trial", fields=["trial"], condition=Q(is_truth=True)
            ),
        ]

    def __str__(self) -> str:
        return f"Option {self.slot} of trial {self.trial_id}"
