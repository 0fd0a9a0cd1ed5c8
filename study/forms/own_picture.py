"""What somebody fills in to hear a picture of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from study.domain import own_pictures
from study.errors import EarsightError
from study.models import OwnPicture

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

# What phones and computers offer to choose from. Phones that store HEIC send JPEG to who does not name it.
ACCEPTED = "image/jpeg,image/png,image/webp"
MEGABYTE = 1_000_000


def too_large() -> str:
    """Return what is said of a file that is larger than EARSIGHT_HEAR_MEGABYTES."""
    sentence = gettext("This file is too large: at most %(most)s MB. Please send a smaller picture.")
    return sentence % {"most": settings.HEAR_MEGABYTES}


class OwnPictureForm(forms.Form):
    """A picture, and what to do with its light and dark."""

    picture = forms.FileField(
        label=_("Your picture"),
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED}),
        error_messages={
            "required": _("Choose a picture first."),
            "missing": _("Choose a picture first."),
            "empty": _("This file is empty. Please choose another."),
            "invalid": _("Choose a picture first."),
        },
    )
    light = forms.ChoiceField(
        label=_("Light and dark"),
        widget=forms.RadioSelect,
        required=False,
        choices=[
            (OwnPicture.Light.AUTO, _("Decide for me")),
            (OwnPicture.Light.KEEP, _("Leave as they are")),
            (OwnPicture.Light.SWAP, _("Swap them, for ink on paper")),
        ],
        initial=OwnPicture.Light.AUTO,
        error_messages={"invalid_choice": _("Choose one of the three.")},
    )

    status = 422  # what the page answers with when the form is refused

    @classmethod
    def refused(cls, sentence: str, *, status: int) -> OwnPictureForm:
        """Return the form of a request that was not read."""
        form = cls({})
        form.full_clean()
        form.errors.clear()
        form.add_error("picture", sentence)
        form.status = status
        return form

    def clean_picture(self) -> UploadedFile[Any]:
        """Refuse a file that is larger than the operator allows."""
        picture: UploadedFile[Any] = self.cleaned_data["picture"]
        if (picture.size or 0) > settings.HEAR_MEGABYTES * MEGABYTE:
            raise forms.ValidationError(too_large())
        return picture

    def send(self) -> OwnPicture | None:
        """Keep the picture for a worker; None, with the reason among the errors, where the domain refuses."""
        light = self.cleaned_data["light"] or OwnPicture.Light.AUTO
        try:
            return own_pictures.send(self.cleaned_data["picture"].file, light)
        except EarsightError as error:
            self.refuse(error)
            return None

    def refuse(self, error: EarsightError) -> None:
        """Say beside the picture why it is not taken."""
        self.add_error("picture", str(error))
        self.status = error.status
