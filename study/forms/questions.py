"""A question of a study, as a researcher fills it in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import User

from study.domain import questions
from study.domain.drafts import StudyFrozen
from study.models import Question
from study.models.questions import LONGEST_SCALE, SHORTEST_SCALE

if TYPE_CHECKING:
    QuestionModelForm = forms.ModelForm[Question]
else:
    QuestionModelForm = forms.ModelForm  # Django's form classes take their type only from the stubs

SCALE = "Give a whole number from 2 to 11."


class QuestionForm(QuestionModelForm):
    """What is asked, how it is answered, and whether it must be."""

    choice_lines = forms.CharField(
        label="Choices",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="One a line, at least two.",
    )
    steps = forms.IntegerField(
        label="Numbers of the scale",
        required=False,  # hidden unless the answer is a scale
        initial=5,
        min_value=SHORTEST_SCALE,
        max_value=LONGEST_SCALE,
        help_text="2 to 11, counted from 1.",
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), SCALE),
    )

    field_order = ("prompt", "hint", "kind", "choice_lines", "steps", "low_label", "high_label", "required")

    class Meta:
        model = Question
        fields = [name for name in Question.CONFIGURATION if name != "choices"]
        widgets = {"kind": forms.RadioSelect}
        labels = {
            "prompt": "Question",
            "hint": "Hint",
            "kind": "How is it answered?",
            "required": "It must be answered",
            "low_label": "What 1 means",
            "high_label": "What the highest number means",
        }
        help_texts = {
            "prompt": "Ask for nothing by which a volunteer could be recognised.",
            "required": "Otherwise volunteers may skip it.",
        }
        error_messages = {
            "prompt": {
                "required": "Write the question.",
                "max_length": "A question has at most %(limit_value)d characters, not %(show_value)d.",
            },
            "kind": dict.fromkeys(("required", "invalid_choice"), "Choose one of the three ways."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["choice_lines"].initial = "\n".join(self.instance.choices)
        for name in self.errors if self.is_bound else ():
            self.fields[name].widget.attrs["aria-invalid"] = "true"

    def clean(self) -> dict[str, Any]:
        """Turn the lines into choices; what the chosen kind does not use is left as it was made."""
        cleaned = super().clean() or {}
        kind = cleaned.get("kind")
        lines = [line.strip() for line in cleaned.get("choice_lines", "").splitlines() if line.strip()]
        cleaned["choices"] = lines if kind == Question.Kind.CHOICE else []
        self.instance.choices = cleaned["choices"]  # the model's own check of the choices reads it
        if kind == Question.Kind.CHOICE and len(lines) < 2:
            self.add_error("choice_lines", "Offer at least two choices, one a line.")
        elif twice := next((line for line in cleaned["choices"] if lines.count(line) > 1), None):
            self.add_error("choice_lines", f"“{twice}” is there twice.")
        if kind != Question.Kind.SCALE:
            cleaned |= {"steps": Question._meta.get_field("steps").default, "low_label": "", "high_label": ""}
        elif cleaned.get("steps") is None and "steps" not in self.errors:
            self.add_error("steps", SCALE)
        return cleaned

    def _post_clean(self) -> None:
        """Leave the model's checks to the verb, which makes them on the whole question."""

    def save_by(self, person: User) -> Question | None:
        """Add or change the question; None, with the reason among the errors, where the domain refuses."""
        configuration = {name: self.cleaned_data[name] for name in Question.CONFIGURATION}
        study, place = self.instance.study, self.instance.place
        try:
            if self.instance.pk:
                return questions.change(study, place, configuration, by=person)
            return questions.add(study, configuration, by=person)
        except (questions.QuestionInvalid, questions.TooManyQuestions, StudyFrozen) as error:
            self.add_error(None, str(error))
            return None
