"""The design of a study: its pictures, its classes, its trials and its texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import User
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from study.domain import studies, translation
from study.models import Study

if TYPE_CHECKING:
    from collections.abc import Iterable

    StudyModelForm = forms.ModelForm[Study]
else:
    StudyModelForm = forms.ModelForm  # Django's form classes take their type only from the stubs

AUTOMATIC, CHOSEN = "automatic", "chosen"
NUMBERS = ("class_count", "examples_per_class", "trial_count", "seed")
NOT_HERE = "“%(value)s” is not on this server; choose one of the list."


class StudyForm(StudyModelForm):
    """A study's configuration. Classes are found by the sampling rule, or named one a line."""

    class_choice = forms.ChoiceField(
        label="Which classes do volunteers tell apart?",
        choices=[
            (AUTOMATIC, "Choose the classes that lie farthest apart"),
            (CHOSEN, "I name the classes"),
        ],
        widget=forms.RadioSelect,
        initial=AUTOMATIC,
        error_messages={
            "required": "Say how the classes are found.",
            "invalid_choice": "Choose one of the two ways.",
        },
    )
    class_names = forms.CharField(
        label="Names of the classes",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One a line, exactly as they are called in the pictures’ data set.",
    )

    # As on the page: the summary names errors in the order in which they are met.
    field_order = ("title", "data", "model", "class_choice", "class_count", "class_rule", "class_names",
                   "merge_small", "examples_per_class", "trial_count", "seed")  # fmt: skip

    class Meta:
        model = Study
        fields = [name for name in (*Study.DESIGN, "organiser") if name != "chosen_classes"]
        labels = {
            "title": "Title",
            "model": "Translator",
            "data": "Pictures",
            "examples_per_class": "Examples of each class",
            "seed": "Seed",
            "organiser": "Who runs this study",
            "contact": "Contact",
            "welcome_text": "Welcome",
            "consent_text": "Consent",
            "thanks_text": "Thanks",
        }
        help_texts = {
            "title": "Volunteers see it. Do not name the classes in it.",
            "model": "The trained model that turns pictures into music.",
            "data": "A data set, or a folder of pictures that the operator has put on this server.",
            "class_count": "2 to 6. Each trial shows one picture of each class.",
            "trial_count": "1 to 60. The paper used 20.",
            "examples_per_class": "1 to 12. Heard before the test.",
            "seed": "Equal settings with an equal seed choose equal pictures.",
            "welcome_text": "Leave empty for our short text.",
            "consent_text": "Leave empty for our text on voluntary participation and what is stored.",
            "thanks_text": "Shown below the score.",
            "organiser": "Names and institution. Volunteers read it before they agree; needed to publish.",
            "contact": "An address that volunteers can write to; needed to publish.",
        }
        error_messages = {
            "title": {
                "required": "Give the study a title; volunteers see it.",
                "max_length": "A title has at most %(limit_value)d characters; this one has %(show_value)d.",
            },
            "organiser": {
                "max_length": "Who runs this study takes at most %(limit_value)d characters, not "
                "%(show_value)d."
            },
            "contact": {
                "max_length": "A contact has at most %(limit_value)d characters; this one has %(show_value)d."
            },
            "class_rule": {
                "required": "Choose how classes are found.",
                "invalid_choice": "Choose one of the two rules.",
            },
        }
        widgets = {
            "welcome_text": forms.Textarea(attrs={"rows": 4}),
            "consent_text": forms.Textarea(attrs={"rows": 6}),
            "thanks_text": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["model"] = self._one_of("model", translation.available_models())
        self.fields["data"] = self._one_of("data", translation.available_data())
        for name in NUMBERS:
            self.fields[name] = self._whole_number(name)
        chosen = self.instance.chosen_classes if self.instance.pk else []
        self.fields["class_choice"].initial = CHOSEN if chosen else AUTOMATIC
        self.fields["class_names"].initial = "\n".join(chosen)
        for name in self.errors if self.is_bound else ():
            self.fields[name].widget.attrs["aria-invalid"] = "true"

    def _one_of(self, name: str, available: Iterable[str]) -> forms.ChoiceField:
        """Return a choice among what is on this server, the present value included even if it has gone."""
        field = self.fields[name]
        present = getattr(self.instance, name, "")
        names = list(dict.fromkeys([*available, *([present] if self.instance.pk else [])]))
        choices = [(value, readable(value)) for value in names]
        return forms.ChoiceField(
            label=field.label,
            help_text=field.help_text,
            choices=choices,
            initial=present,
            error_messages={"required": "Choose one of the list.", "invalid_choice": NOT_HERE},
        )

    def _whole_number(self, name: str) -> forms.IntegerField:
        """Return a field with the model's own bounds, and one sentence for all that is not within them."""
        field = self.fields[name]
        least, most = bounds(name)
        sentence = f"Give a whole number from {least} to {most}."
        return forms.IntegerField(
            label=field.label,
            help_text=field.help_text,
            initial=field.initial,
            min_value=least,
            max_value=most,
            error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), sentence),
        )

    def clean(self) -> dict[str, Any]:
        """Turn the lines into a list of classes, and their number into the number of classes."""
        cleaned = super().clean() or {}
        if cleaned.get("class_choice") != CHOSEN:
            cleaned["chosen_classes"] = []
            return cleaned
        self.errors.pop("class_count", None)  # the page does not show it: the names are counted instead
        names = [line.strip() for line in cleaned.get("class_names", "").splitlines() if line.strip()]
        least, most = bounds("class_count")
        cleaned["chosen_classes"] = names
        cleaned["class_count"] = min(max(len(names), least), most)
        if "class_names" in self.errors:
            return cleaned
        if not least <= len(names) <= most:
            self.add_error(
                "class_names",
                f"Name {least} to {most} classes, one a line; you named {len(names) or 'none'}.",
            )
        elif twice := next((name for name in names if names.count(name) > 1), None):
            self.add_error("class_names", f"“{twice}” is named twice; name each class once.")
        return cleaned

    def save_by(self, person: User) -> Study | None:
        """Create or change the study; None, with the reason among the errors, where the domain refuses."""
        configuration = {name: self.cleaned_data[name] for name in (*Study.DESIGN, "organiser")}
        try:
            if self.instance.pk:
                return studies.update(self.instance, by=person, configuration=configuration)
            return studies.create(by=person, configuration=configuration)
        except (studies.StudyInvalid, studies.StudyFrozen) as error:
            self.add_error(None, str(error))
            return None


def bounds(name: str) -> tuple[int, int]:
    """Return the least and the largest value that the model allows a number of a study."""
    field = Study._meta.get_field(name)
    limits = field.validators if isinstance(field, models.Field) else []
    least = [limit.limit_value for limit in limits if isinstance(limit, MinValueValidator)]
    most = [limit.limit_value for limit in limits if isinstance(limit, MaxValueValidator)]
    return max(least), min(most)


def readable(name: str) -> str:
    """Return the name of a model or a set of pictures as the pages write it."""
    if name == "mnist":
        return "MNIST, handwritten digits"
    return name.replace("folder:", "Folder: ", 1)
