"""What a study is planned for: true accuracy, spreads, and whose answers tell them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django import forms

from study.domain import results
from study.models import Session, Study

if TYPE_CHECKING:
    from analysis.power import Design, Plan

# What one request may simulate: about a second of one processor.
STUDIES, MOST_PEOPLE, MOST_NUMBERS = 400, 300, 6
GUESSED, PILOT, SIMULATED = "guessed", "pilot", "simulated"
USUAL = {
    "source": GUESSED, "accuracy": 0.5, "sd_people": 1, "sd_items": 1, "people": "11, 21, 40, 80",
    "target": 0.8,
}  # fmt: skip


class PowerForm(forms.Form):
    """The design is the study's own; accuracy and spreads are guessed, or told by a pilot or a rehearsal."""

    source = forms.ChoiceField(
        label="Accuracy and spreads",
        choices=[
            (GUESSED, "As given below"),
            (PILOT, "From the pilot’s answers"),
            (SIMULATED, "From the rehearsal’s answers"),
        ],
        required=False,
    )
    accuracy = forms.FloatField(
        label="True accuracy to find",
        help_text="From chance to below 1: the mean of volunteers. Plan for the smallest that matters.",
    )
    sd_people = forms.FloatField(
        label="Spread of volunteers",
        min_value=0,
        max_value=5,
        help_text="In logits above chance. 1 is usual; in the paper about 0.75 (paintings) and 2.5 (digits).",
    )
    sd_items = forms.FloatField(label="Spread of trials", min_value=0, max_value=5, help_text="Likewise.")
    people = forms.CharField(
        label="Numbers of volunteers",
        help_text=f"Up to {MOST_NUMBERS}, from 2 to {MOST_PEOPLE}, with commas.",
    )
    target = forms.FloatField(
        label="Power to reach", min_value=0.05, max_value=0.99, help_text="0.8 or 0.9 are usual."
    )

    def __init__(self, data: Any, *, study: Study) -> None:
        super().__init__(data, initial=USUAL)
        self.study = study
        self.found: Design | None = None
        if data is not None:
            for name in self.errors:
                if name in self.fields:
                    self.fields[name].widget.attrs["aria-invalid"] = "true"

    def clean_people(self) -> tuple[int, ...]:
        """Read the numbers."""
        told = [part.strip() for part in str(self.cleaned_data["people"]).split(",") if part.strip()]
        numbers = sorted({int(part) for part in told if part.isdecimal()})
        if len(numbers) != len(set(told)) or not 1 <= len(numbers) <= MOST_NUMBERS:
            raise forms.ValidationError(f"Give 1 to {MOST_NUMBERS} whole numbers with commas between them.")
        if numbers[0] < 2 or numbers[-1] > MOST_PEOPLE:
            raise forms.ValidationError(f"Give numbers from 2 to {MOST_PEOPLE}.")
        return tuple(numbers)

    def clean(self) -> dict[str, Any]:
        """Put the design together, from answers where they are asked for."""
        from analysis import AnalysisError
        from analysis.power import Design

        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        try:
            told = Design(cleaned["accuracy"], self.study.trial_count, self._options(), cleaned["sd_people"],
                          cleaned["sd_items"])  # fmt: skip
            self.found = told if cleaned["source"] in ("", GUESSED) else self._estimated(cleaned["source"])
        except AnalysisError as error:
            self.add_error(None, str(error))
        return cleaned

    def _options(self) -> int:
        stimuli = self.study.stimuli
        return (
            len(stimuli.class_names) if stimuli else len(self.study.chosen_classes) or self.study.class_count
        )

    def _estimated(self, source: str) -> Design:
        from analysis.power import spread

        mode = Session.Mode.PILOT if source == PILOT else Session.Mode.SIMULATED
        arm = self.study.conditions.order_by("place").first()
        return spread(results.answers(self.study, mode, condition=arm)).design

    def plan(self) -> Plan | None:
        """Simulate; None where the form is not valid."""
        if self.found is None:
            return None
        return _planned(self.found, self.cleaned_data["people"], self.cleaned_data["target"])


@lru_cache(maxsize=32)
def _planned(design: Design, people: tuple[int, ...], target: float) -> Plan:
    """Simulate once for the page and its chart."""
    from analysis.power import plan

    return plan(design, people, target=target, studies=STUDIES, searched=MOST_PEOPLE)
