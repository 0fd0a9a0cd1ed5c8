"""How people get accounts: by invitation of the operator unless sign-up is opened."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """allauth's rules with sign-up closed by default."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return whether strangers may make themselves an account (EARSIGHT_OPEN_SIGNUP)."""
        return bool(settings.OPEN_SIGNUP)
