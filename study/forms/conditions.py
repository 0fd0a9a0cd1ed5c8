"""A condition of a study, as a researcher fills it in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import User

from study.domain import conditions, translation
from study.domain.drafts import StudyFrozen
from study.forms.studies import readable
from study.models import Condition, Study

if TYPE_CHECKING:
    ConditionModelForm = forms.ModelForm[Condition]
else:
    ConditionModelForm = forms.ModelForm  # Django's form classes take their type only from the stubs


class ConditionForm(ConditionModelForm):
    """What makes a condition differ from the study: its translator, its music, how often clips are heard."""

    class Meta:
        model = Condition
        fields = Condition.CONFIGURATION
        labels = {
            "name": "Name",
            "translator": "Translator",
            "music": "Music",
            "minimum_listens": "Complete listens before an answer",
            "quota": "Volunteers wanted",
        }
        help_texts = {
            "name": "Only you and your colleagues see it, and it names the condition in your tables.",
            "translator": "All conditions share pictures and trials; the music may be another model’s.",
            "music": "Exchanged: every clip was made from another picture, so one can only guess.",
        }
        error_messages = {
            "name": {
                "required": "Give the condition a name.",
                "max_length": "A name has at most %(limit_value)d characters; this one has %(show_value)d.",
            },
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["translator"] = self._translators(self.instance.study)
        for name, least, most in (("minimum_listens", 0, 10), ("quota", 1, 1_000_000)):
            sentence = f"Give a whole number from {least} to {most}, or leave this empty."
            self.fields[name].error_messages |= dict.fromkeys(("invalid", "min_value", "max_value"), sentence)
        for name in self.errors if self.is_bound else ():
            self.fields[name].widget.attrs["aria-invalid"] = "true"

    def _translators(self, study: Study) -> forms.ChoiceField:
        """Return a choice among the other models of this server, the present one included if it has gone."""
        others = dict.fromkeys([*translation.available_models(), self.instance.translator])
        names = [name for name in others if name and name != study.model]
        own = ("", f"The study’s own ({readable(study.model)})")
        field = self.fields["translator"]
        return forms.ChoiceField(
            label=field.label,
            help_text=field.help_text,
            required=False,
            choices=[own, *((name, readable(name)) for name in names)],
            error_messages={"invalid_choice": "“%(value)s” is not on this server; choose one of the list."},
        )

    def save_by(self, person: User) -> Condition | None:
        """Add or change the condition; None, with the reason among the errors, where the domain refuses."""
        configuration = {name: self.cleaned_data[name] for name in Condition.CONFIGURATION}
        try:
            if self.instance.pk:
                return conditions.change(self.instance, by=person, configuration=configuration)
            return conditions.add(self.instance.study, by=person, configuration=configuration)
        except (conditions.ConditionInvalid, StudyFrozen) as error:
            self.add_error(None, str(error))
            return None
