"""What a study declares before its data: exclusions, number of volunteers, looks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User

from study.forms.options import OptionsForm
from study.models import Study

FLAGS = ("finished", "headphones_passed", "first_visit_only")
NUMBERS = (
    "answers_at_least", "median_ms_at_least", "same_place_fewer_than", "plays_at_least", "listens_at_least",
)  # fmt: skip
WHOLE = "Give a whole number of at least 1, or leave it empty."
COLUMNS = ("planned_volunteers", "stopping_rule", "looks")


def _number(label: str, help_text: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        required=False,
        min_value=1,
        max_value=1_000_000,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), WHOLE),
    )


class DeclaredForm(OptionsForm):
    """The rules of `analysis.exclusions` as fields, and the columns of the sequential rule."""

    finished = forms.BooleanField(label="Leave out who did not finish", required=False)
    headphones_passed = forms.BooleanField(
        label="Leave out who did not pass the headphone check", required=False
    )
    first_visit_only = forms.BooleanField(
        label="Leave out who had finished a visit in the same browser before", required=False
    )
    answers_at_least = _number("Fewest answers", "Leaves out who gave fewer.")
    median_ms_at_least = _number(
        "Shortest median time of an answer, in milliseconds",
        "Leaves out who is faster in half of the trials.",
    )
    same_place_fewer_than = _number(
        "Most answers in one place", "Leaves out who chose the same place on the screen this often or more."
    )
    plays_at_least = _number("Fewest plays of each clip", "Leaves out who started a clip less often.")
    listens_at_least = _number(
        "Fewest complete listens to each clip", "Leaves out who heard a clip to its end less often."
    )

    class Meta:
        model = Study
        fields = COLUMNS
        labels = {
            "planned_volunteers": "Volunteers you plan for",
            "stopping_rule": "Looks before the end",
            "looks": "Number of looks, the last one included",
        }
        help_texts = {
            "planned_volunteers": "Counted after exclusions. “Plan the number” on the study’s page finds it.",
            "stopping_rule": "Lets the study end early at fixed looks, and is wrong in 5 % of studies all "
            "the same. Otherwise the results count when all planned volunteers have finished.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {"finished": True} | self.instance.exclusion_rules
        for name in (*FLAGS, *NUMBERS):
            self.fields[name].initial = known.get(name)
        self.order_fields([*FLAGS, *NUMBERS, *COLUMNS])

    def clean(self) -> dict[str, Any]:
        """Turn the fields into one set of rules, in which what is off leaves no trace."""
        cleaned = super().clean() or {}
        rules: dict[str, Any] = {name: cleaned[name] for name in NUMBERS if cleaned.get(name)}
        rules |= {name: True for name in FLAGS[1:] if cleaned.get(name)}
        rules |= {} if cleaned.get("finished") else {"finished": False}
        cleaned["exclusion_rules"] = rules
        return cleaned

    def save_by(self, person: User) -> bool:
        """Change the study; False, with the reason among the errors, where the domain refuses."""
        return self.save_configuration(person, ("exclusion_rules", *COLUMNS))
