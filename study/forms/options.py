"""Pages of options: a part of a study's columns, saved as one change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import User

from study.domain import studies
from study.models import Study

WHOLE_LISTENS = "Give a whole number from 0 to 10."

if TYPE_CHECKING:
    StudyModelForm = forms.ModelForm[Study]
else:
    StudyModelForm = forms.ModelForm  # Django's form classes take their type only from the stubs


class OptionsForm(StudyModelForm):
    """The columns that a page of options sets; a page names them in its Meta."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.errors if self.is_bound else ():
            self.fields[name].widget.attrs["aria-invalid"] = "true"

    def save_by(self, person: User) -> bool:
        """Change the study; False, with the reason among the errors, where the domain refuses."""
        return self.save_configuration(person, self.fields)

    def save_configuration(self, person: User, names: Iterable[str]) -> bool:
        """Set these columns as they were cleaned; see save_by."""
        configuration = {name: self.cleaned_data[name] for name in names}
        try:
            studies.update(self.instance, by=person, configuration=configuration)
        except (studies.StudyInvalid, studies.StudyFrozen) as error:
            self.add_error(None, str(error))
            return False
        return True


class StepsForm(OptionsForm):
    """Which steps the test has beside its trials."""

    class Meta:
        model = Study
        fields = ("instructions_text", "practice", "rest_half_way")
        widgets = {"instructions_text": forms.Textarea(attrs={"rows": 6})}


class SoundForm(OptionsForm):
    """How often a clip has to be heard, and whether volunteers' headphones are checked."""

    minimum_listens = forms.IntegerField(
        label="Complete listens before an answer",
        help_text="0 to 10. How often a clip must have played to its end before its answer is taken.",
        min_value=0,
        max_value=10,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), WHOLE_LISTENS),
    )

    class Meta:
        model = Study
        fields = ("minimum_listens", "screening", "screening_kind")
        labels = {"screening": "Headphone check", "screening_kind": "Kind of check"}
        help_texts = {
            "screening": "Six short sounds after the sound test. Melodies are the same in both ears, so a "
            "required check is seldom worth the volunteers it sends away.",
            "screening_kind": "The quietest tone: one attempt, one mistake is let pass. The hidden tone, the "
            "stricter check: two attempts, no mistake.",
        }


class PrivacyForm(OptionsForm):
    """How long answers are kept."""

    class Meta:
        model = Study
        fields = ("retention_days",)
