"""The named errors of the product: each a sentence that its reader can act on, and an HTTP status.

The docstring of a class is its sentence, in English; readers get it in their language where a catalog has it.
"""

from django.utils.translation import gettext


class EarsightError(Exception):
    """Base of every error that a person may see; the message is the sentence."""

    status = 400

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or gettext((self.__doc__ or "An error.").strip()))

    @property
    def code(self) -> str:
        """The error's name, for programs."""
        return type(self).__name__


class NotYours(EarsightError):
    """There is nothing at this address."""

    status = 404


class NotAllowed(EarsightError):
    """Only the owner of the study can do this."""

    status = 403


class Conflict(EarsightError):
    """This does not fit where the study or session stands now."""

    status = 409


class Gone(EarsightError):
    """This has ended."""

    status = 410


class TooMany(EarsightError):
    """Too many requests; wait a minute and try again."""

    status = 429
