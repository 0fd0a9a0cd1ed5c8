"""What a study may switch on beyond its design: one column for each option, frozen with the study."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models

PARAMETER = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
MOST_PARAMETERS = 10
OURS = {"key", "language"}  # what our own links carry


def parameter_names(value: object) -> None:
    """Refuse what is not a list of names that an address can carry."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValidationError("Parameters are a list of names.")
    if len(value) > MOST_PARAMETERS:
        raise ValidationError(f"A study reads at most {MOST_PARAMETERS} parameters.")
    if len(set(value)) != len(value):
        raise ValidationError("A parameter is named twice.")
    for name in value:
        if not PARAMETER.fullmatch(name):
            raise ValidationError(
                f"“{name}” is not the name of a parameter: letters, digits, dashes and dots."
            )
        if name in OURS:
            raise ValidationError(f"“{name}” has a meaning of its own in our links; choose another name.")


def code_or_address(value: str) -> None:
    """Refuse an address that is not https; anything else is a code to be shown."""
    if "://" in value or value.lower().startswith(("javascript:", "data:")):
        URLValidator(schemes=["https"], message="An address to go to begins with https://.")(value)


def _code(help_text: str) -> models.CharField[str, str]:
    """A column for what a panel is told of an outcome."""
    return models.CharField(max_length=300, blank=True, validators=[code_or_address], help_text=help_text)


def exclusion_rules(value: object) -> None:
    """Refuse what `analysis.exclusions` can't follow."""
    from analysis.exclusions import InvalidRules, rules_from_object

    try:
        rules_from_object(value)
    except InvalidRules as error:
        raise ValidationError(str(error)) from error


def known_language(value: str) -> None:
    """Refuse a language that the pages do not speak."""
    if value not in dict(settings.LANGUAGES):
        raise ValidationError(f"“{value}” is none of the languages of these pages.")


class StudyOptions(models.Model):
    """The options of a study. Each has a page of its own among the study's options."""

    class Screening(models.TextChoices):
        OFF = "off", "No check"
        RECORDED = "recorded", "Checked and recorded; everybody goes on"
        REQUIRED = "required", "Only those who pass go on"

    class ScreeningKind(models.TextChoices):
        ANTIPHASE = "antiphase", "Which tone is quietest (loudspeakers cancel one of them)"
        HUGGINS = "huggins", "Which noise hides a faint tone (heard with headphones alone)"

    class StoppingRule(models.TextChoices):
        NONE = "", "No look before the end counts"
        POCOCK = "pocock", "Pocock: every look equally strict"
        OBRIEN_FLEMING = "obrien_fleming", "O’Brien and Fleming: early looks very strict"

    organiser = models.CharField(
        "who runs this study", max_length=300, blank=True, help_text="Read before volunteers agree."
    )
    minimum_listens = models.PositiveSmallIntegerField(
        "complete listens before an answer",
        default=1,
        validators=[MinValueValidator(0), MaxValueValidator(10)],
        help_text="0 to 10. How often a clip must have played to its end before the answer is taken.",
    )
    screening = models.CharField(
        "headphone check",
        max_length=10,
        choices=Screening,
        default=Screening.OFF,
        help_text="A short check before the test whether volunteers wear headphones.",
    )
    screening_kind = models.CharField(
        "kind of check", max_length=10, choices=ScreeningKind, default=ScreeningKind.ANTIPHASE
    )
    practice = models.BooleanField(
        "practice trial",
        default=False,
        help_text="One trial made from the examples, answered with feedback and not scored.",
    )
    instructions_text = models.TextField(
        "instructions",
        blank=True,
        max_length=4000,
        help_text="Read before the examples. Leave empty for our short text.",
    )
    rest_half_way = models.BooleanField(
        "rest half way", default=True, help_text="Offer a rest after half of the trials."
    )
    resume_hours = models.PositiveSmallIntegerField(
        "hours to come back",
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(720)],
        help_text="1 to 720. How long a visit that was interrupted can be taken up again.",
    )
    participant_parameters = models.JSONField(
        default=list,
        blank=True,
        validators=[parameter_names],
        help_text="Parameters of the link that carry a panel’s ids, such as PROLIFIC_PID.",
    )
    keep_participant_ids = models.BooleanField(
        "keep the panel’s ids as they are",
        default=False,
        help_text="Otherwise only a keyed hash is stored: enough to let nobody take part twice.",
    )
    completion_code = _code("A code to show at the end, or an https:// address to go to.")
    screened_out_code = _code("The same for those who may not take part.")
    failed_check_code = _code("The same for those who do not pass the headphone check.")
    broken_code = _code("The same for those for whom something did not work.")
    retention_days = models.PositiveIntegerField(
        "days to keep answers",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(36_500)],
        help_text="Counted from the end of each visit; then its data is deleted. Empty keeps it.",
    )
    gallery = models.BooleanField(
        "public gallery", default=False, help_text="Show pictures with their music to everybody."
    )
    described_options = models.BooleanField(
        "described pictures",
        default=False,
        help_text="Volunteers who cannot see the pictures may take the test by written descriptions.",
    )
    language = models.CharField(
        max_length=10,
        default="en",
        validators=[known_language],
        help_text="The language in which the study’s own texts are written.",
    )

    exclusion_rules = models.JSONField(
        default=dict,
        blank=True,
        validators=[exclusion_rules],
        help_text="Who is left out of the results, declared before there are any.",
    )
    planned_volunteers = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(2), MaxValueValidator(1_000_000)],
        help_text="How many volunteers the study is to have, counted after exclusions.",
    )
    stopping_rule = models.CharField(
        max_length=16, choices=StoppingRule, default=StoppingRule.NONE, blank=True
    )
    looks = models.PositiveSmallIntegerField(
        default=3,
        validators=[MinValueValidator(2), MaxValueValidator(5)],
        help_text="2 to 5. How often a sequential rule looks at the results, the end included.",
    )

    OPTIONS = (
        "organiser",
        "minimum_listens", "screening", "screening_kind", "practice", "instructions_text", "rest_half_way",
        "resume_hours", "participant_parameters", "keep_participant_ids", "completion_code",
        "screened_out_code", "failed_check_code", "broken_code", "retention_days", "gallery",
        "described_options", "language", "exclusion_rules", "planned_volunteers", "stopping_rule", "looks",
    )  # fmt: skip
    # What a study did before it could say so. The content hash leaves an option out while it says this, so
    # that studies keep the hash under which they were published when an option is added to the product.
    BEFORE: dict[str, Any] = {
        "organiser": "",
        "minimum_listens": 0, "screening": "off", "screening_kind": "antiphase", "practice": False,
        "instructions_text": "", "rest_half_way": False, "resume_hours": 720, "participant_parameters": [],
        "keep_participant_ids": False, "completion_code": "", "screened_out_code": "",
        "failed_check_code": "", "broken_code": "", "retention_days": None, "gallery": False,
        "described_options": False, "language": "en", "exclusion_rules": {}, "planned_volunteers": None,
        "stopping_rule": "", "looks": 3,
    }  # fmt: skip

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Refuse a sequential rule that can't be followed."""
        super().clean()
        if not self.stopping_rule:
            return
        from analysis.sequential import InvalidRule, Looks

        if self.planned_volunteers is None:
            raise ValidationError({"planned_volunteers": "A rule with looks needs a number of volunteers."})
        try:
            Looks(self.planned_volunteers, self.looks, self.stopping_rule)
        except InvalidRule as error:
            raise ValidationError({"looks": str(error)}) from error

    def said_options(self) -> dict[str, Any]:
        """Return the options in which this study differs from one made before there were options."""
        values = {name: getattr(self, name) for name in self.OPTIONS}
        return {name: value for name, value in values.items() if value != self.BEFORE[name]}
