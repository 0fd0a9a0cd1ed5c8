"""A gallery: whether it is open, and what is said of each picture."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db import transaction
from django.forms.boundfield import BoundField

from study.domain import gallery_texts, studies
from study.errors import EarsightError
from study.models import Exhibit, Study
from study.models.galleries import LONGEST_TEXT

TOO_LONG = f"At most {LONGEST_TEXT} characters, please: this is heard in one breath."


class GalleryForm(forms.Form):
    """One field for each picture of a study, by its row."""

    gallery = forms.BooleanField(
        label="Show a public gallery",
        required=False,
        help_text="While the study runs it shows the examples, once it is closed all pictures.",
    )

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.study = study
        self.fields["gallery"].initial = study.gallery
        self.fields["gallery"].disabled = not study.is_draft
        self.pictures = {f"text-{row.pk}": row for row in gallery_texts.pictures(study)}
        written = gallery_texts.texts_of(study)
        for number, (name, row) in enumerate(self.pictures.items(), 1):
            label = f"Picture {number}, {row.class_name}"
            self.fields[name] = _text(label, written.get(row.source_id, ""))

    def texts(self) -> list[tuple[BoundField, Any]]:
        """Return each field of a picture with its row."""
        return [(self[name], row) for name, row in self.pictures.items()]

    def save_by(self, person: User) -> bool:
        """Store what was typed; False, with the reason among the errors, where the domain refuses."""
        # What was not sent (a page from before the last build) is no empty text.
        sent = {name: row for name, row in self.pictures.items() if name in self.data}
        texts = {row.source_id: self.cleaned_data[name] for name, row in sent.items()}
        try:
            with transaction.atomic():
                if self.study.is_draft:
                    configuration = {"gallery": self.cleaned_data["gallery"]}
                    studies.update(self.study, by=person, configuration=configuration)
                gallery_texts.write(self.study, texts, by=person)
        except EarsightError as error:
            self.add_error(None, str(error))
            return False
        return True


class ExhibitForm(forms.Form):
    """One field for each picture of an exhibit, by its row."""

    def __init__(self, *args: Any, exhibit: Exhibit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.exhibit = exhibit
        self.pictures = {f"text-{row.pk}": row for row in exhibit.pictures.all()}
        for name, row in self.pictures.items():
            self.fields[name] = _text(f"Picture {row.position + 1}, labelled {row.label}", row.text)

    def texts(self) -> list[tuple[BoundField, Any]]:
        """Return each field of a picture with its row."""
        return [(self[name], row) for name, row in self.pictures.items()]

    def save_by(self, person: User) -> None:
        """Store what was typed."""
        sent = {row.pk: self.cleaned_data[name] for name, row in self.pictures.items() if name in self.data}
        gallery_texts.write_exhibit(self.exhibit, sent, by=person)


def _text(label: str, written: str) -> forms.CharField:
    # No maxlength in the page: the browser would cut pasted text off without a word.
    field = forms.CharField(
        label=label,
        required=False,
        initial=written,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": TOO_LONG},
    )
    field.widget.attrs.pop("maxlength", None)
    return field
