"""How long volunteers can come back."""

from __future__ import annotations

from django import forms

from study.forms.options import OptionsForm
from study.models import Study

WHOLE_HOURS = "Give a whole number of hours from 1 to 720."


class ReturningForm(OptionsForm):
    """How long a visit can be taken up again."""

    resume_hours = forms.IntegerField(
        label="Hours to come back",
        help_text="1 to 720. A volunteer is warned ten minutes before the end and can ask for the same time "
        "again, ten times. Answers that were given before the end are taken whenever they come.",
        min_value=1,
        max_value=720,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), WHOLE_HOURS),
    )

    class Meta:
        model = Study
        fields = ("resume_hours",)
