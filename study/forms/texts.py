"""A study's texts in another language, each below the text that it translates."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.forms.boundfield import BoundField

from study.domain import drafts, texts
from study.forms.options import OptionsForm
from study.models import Study

ONE_LINE = 80  # characters of a text that is written into one line


class LanguageForm(OptionsForm):
    """The language in which the study itself is written."""

    language = forms.ChoiceField(
        choices=settings.LANGUAGES,
        label="The study’s own language",
        help_text="In which you write its title, its texts and its questions.",
    )

    class Meta:
        model = Study
        fields = ("language",)


class TextsForm(forms.Form):
    """One field for each text of the study, named as the domain names the text."""

    def __init__(self, *args: Any, study: Study, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.study, self.language = study, language
        self.sources = {source.name: source for source in texts.sources(study)}
        written = texts.book(study).written
        for name, source in self.sources.items():
            self.fields[name] = _field(source, written.get((language, name), ""), language)

    def pairs(self) -> list[tuple[BoundField, texts.Source]]:
        """Return each field with the text that it translates."""
        return [(self[name], source) for name, source in self.sources.items()]

    def save_by(self, person: User) -> bool:
        """Store the texts; False, with the reason among the errors, where the domain refuses."""
        try:
            texts.translate(self.study, self.language, self.cleaned_data, by=person)
        except (texts.TextInvalid, drafts.StudyFrozen) as error:
            self.add_error(None, str(error))
            return False
        return True


def _field(source: texts.Source, written: str, language: str) -> forms.CharField:
    attrs: dict[str, Any] = {"lang": language, "aria-describedby": f"id_{source.name}_source"}
    if len(source.text) <= ONE_LINE and "\n" not in source.text:
        widget: forms.Widget = forms.TextInput(attrs)
    else:
        widget = forms.Textarea(attrs | {"rows": 3 + len(source.text) // 70})
    label = f"{source.label} (may stay empty)" if source.optional else source.label
    return forms.CharField(
        label=label, required=False, initial=written, widget=widget, max_length=texts.LONGEST
    )
