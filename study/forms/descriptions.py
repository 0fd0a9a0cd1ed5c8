"""All pictures of a study in words, on one page."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.forms.boundfield import BoundField

from study.domain import descriptions, drafts
from study.models import Stimulus, Study


class DescriptionsForm(forms.Form):
    """One field for each picture, named by its row; whether volunteers may use them is saved with them."""

    offered = forms.BooleanField(
        label="Offer the test by written descriptions",
        required=False,
        help_text="Volunteers then choose at the start between the pictures and their descriptions.",
    )

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.study = study
        self.pictures = {f"text-{row.pk}": row for row in descriptions.pictures(study)}
        written = descriptions.texts_of(study)
        self.fields["offered"].initial = study.described_options
        for name, row in self.pictures.items():
            self.fields[name] = _text(row, written.get(row.source_id, ""))

    def groups(self) -> list[tuple[str, list[tuple[BoundField, Stimulus]]]]:
        """Return the fields with their pictures, trial by trial, then the examples, by group."""
        fields = [(self[name], row) for name, row in self.pictures.items()]
        return [(name, list(group)) for name, group in groupby(fields, key=lambda pair: _group(pair[1]))]

    def save_by(self, person: User) -> descriptions.Progress | None:
        """Store what was typed; None, with a sentence at each field, where the domain refuses."""
        # What was not sent (a page from before the last build) is no empty description.
        sent = {name: row for name, row in self.pictures.items() if name in self.data}
        texts = {row.source_id: self.cleaned_data[name] for name, row in sent.items()}
        offered = self.cleaned_data["offered"]
        try:
            return descriptions.describe(self.study, texts, by=person, offered=offered)
        except descriptions.DescriptionsRefused as refused:
            for name, row in self.pictures.items():
                if row.source_id in refused.problems:
                    self.add_error(name, refused.problems[row.source_id])
        except drafts.StudyFrozen as error:
            self.add_error(None, str(error))
        return None


def _text(row: Stimulus, written: str) -> forms.CharField:
    # The domain says what is too long: the browser would cut pasted text off without a word.
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(
        label=f"{_group(row)}, {row.class_name}", required=False, initial=written, widget=widget
    )


def _group(row: Stimulus) -> str:
    option = getattr(row, "option", None)
    return f"Trial {option.trial.number}" if option else "Examples"
