"""Pages of options: a part of a study's columns, saved as one change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import User

from study.domain import studies
from study.models import Study

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
        configuration = {name: self.cleaned_data[name] for name in self.fields}
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
        fields = ("practice", "rest_half_way")


class PrivacyForm(OptionsForm):
    """How long answers are kept."""

    class Meta:
        model = Study
        fields = ("retention_days",)
