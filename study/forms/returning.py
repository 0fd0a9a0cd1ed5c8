"""How long volunteers can come back."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator

from study.forms.options import OptionsForm
from study.models import Study

WHOLE_HOURS = "Give a whole number of hours from 1 to 720."


class ReturningForm(OptionsForm):
    """How long a visit can be taken up again."""

    class Meta:
        model = Study
        fields = ("resume_hours",)
        labels = {"resume_hours": "Hours to come back"}
        help_texts = {
            "resume_hours": "1 to 720. A volunteer is warned ten minutes before the end and can ask for the "
            "same time again, ten times. Answers that were given before the end are taken whenever they come."
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["resume_hours"]
        field.error_messages |= dict.fromkeys(("required", "invalid"), WHOLE_HOURS)
        field.validators = [MinValueValidator(1, WHOLE_HOURS), MaxValueValidator(720, WHOLE_HOURS)]
