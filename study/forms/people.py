"""Whom a study is shared with."""

from django import forms
from django.contrib.auth.models import User


class CollaboratorForm(forms.Form):
    """Names a researcher by user name or e-mail address."""

    name = forms.CharField(
        label="User name or e-mail",
        max_length=254,
        error_messages={
            "required": "Type the user name or e-mail address of the person to add.",
            "max_length": "Nobody with this name or address has an account here.",
        },
    )
    person: User

    def clean_name(self) -> str:
        """Find the person."""
        name = str(self.cleaned_data["name"]).strip()
        found = User.objects.filter(username__iexact=name, is_active=True).first()
        found = found or User.objects.filter(email__iexact=name, is_active=True).first()
        if found is None:
            raise forms.ValidationError("Nobody with this name or address has an account here.")
        self.person = found
        return name
