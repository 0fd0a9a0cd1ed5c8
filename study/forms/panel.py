"""From which panel people come, and what they take back to it."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from study.domain import panels
from study.forms.options import OptionsForm
from study.models import Study
from study.models.options import parameter_names

NOBODY, OTHER = "", "other"
CODES = ("completion_code", "screened_out_code", "failed_check_code", "broken_code")
PLACEHOLDER = re.compile(r"{([^{}]*)}")


class PanelForm(OptionsForm):
    """The panel's parameters, whether its ids are kept, and a code or address for each way to end."""

    panel = forms.ChoiceField(
        label="Who sends people",
        required=False,
        choices=[
            (NOBODY, "No panel: everybody with the link"),
            ("prolific", "Prolific"),
            ("mturk", "Mechanical Turk"),
            ("sona", "SONA"),
            (OTHER, "Another panel, or other names"),
        ],
        help_text="With a panel, everybody needs an id in the link, and each id can take the test once.",
        error_messages={"invalid_choice": "Choose one of the list."},
    )
    names = forms.CharField(
        label="Names of the parameters",
        required=False,
        help_text="For another panel: the names under which its link carries ids, the person’s first, with "
        "spaces between them.",
    )

    class Meta:
        model = Study
        fields = ("keep_participant_ids", *CODES)
        labels = {
            "keep_participant_ids": "Keep the panel’s ids as they are",
            "completion_code": "Who has finished",
            "screened_out_code": "Who could not take part",
            "failed_check_code": "Who did not pass the headphone check",
            "broken_code": "For whom something broke",
        }
        help_texts = {
            "keep_participant_ids": "Otherwise only a keyed hash is stored: enough to let nobody take part "
            "twice and to compare the panel’s list with yours. Say in the consent text if you keep them.",
            "completion_code": "A code to show, or an https:// address to go to; {NAME} in it becomes the id "
            "of that name. Shown once the server has counted every answer.",
            "screened_out_code": "The same when all places are taken, or when somebody cannot do a required "
            "headphone check.",
            "failed_check_code": "The same for who does not pass a required headphone check.",
            "broken_code": "The same for who says that it does not work. Empty: nobody is asked.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = tuple(self.instance.participant_parameters)
        known = next((name for name, preset in panels.PRESETS.items() if preset == present), OTHER)
        self.fields["panel"].initial = known if present else NOBODY
        self.fields["names"].initial = " ".join(present) if known == OTHER else ""
        self.order_fields(["panel", "names", "keep_participant_ids", *CODES])

    def clean(self) -> dict[str, Any]:
        """Turn the panel and the names into a list of parameters, and hold the addresses against it."""
        cleaned = super().clean() or {}
        parameters = self._parameters(cleaned)
        cleaned["participant_parameters"] = parameters
        for name in CODES:
            wanted = PLACEHOLDER.findall(cleaned.get(name) or "")
            if unknown := next((one for one in wanted if one not in parameters), None):
                self.add_error(name, f"“{{{unknown}}}” is not a parameter of the link.")
        return cleaned

    def _parameters(self, cleaned: dict[str, Any]) -> list[str]:
        panel = cleaned.get("panel") or NOBODY
        if panel != OTHER:
            return list(panels.PRESETS.get(panel, ()))
        names = re.split(r"[\s,;]+", str(cleaned.get("names") or "").strip())
        try:
            parameter_names([name for name in names if name])
        except ValidationError as error:
            self.add_error("names", error)
        if names == [""]:
            self.add_error("names", "Name the parameter that carries the person’s id.")
        return [name for name in names if name]

    def save_by(self, person: User) -> bool:
        """Change the study; False, with the reason among the errors, where the domain refuses."""
        return self.save_configuration(person, ("participant_parameters", "keep_participant_ids", *CODES))
