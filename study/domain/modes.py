"""Who counts: signed keys with which a session starts as a pilot or a simulated one.

Only the server can make a key, so volunteers cannot leave or enter the counted sessions by choosing a mode.
"""

from datetime import timedelta

from django.core import signing

from study.errors import EarsightError
from study.models import Session, Study

SALT = "study.session-mode"
LONGEST = timedelta(days=30)


class ModeKeyInvalid(EarsightError):
    """This key does not belong to this study or is too old."""

    status = 403


def mode_key(study: Study, mode: Session.Mode) -> str:
    """Return a key with which a session of this study starts in this mode."""
    return signing.dumps([study.code, str(mode)], salt=SALT, compress=True)


def mode_of(study: Study, key: str) -> Session.Mode:
    """Return the mode that a key grants; an empty key is an ordinary live volunteer.

    Raises:
        ModeKeyInvalid: for a key that is forged, old or another study's.
    """
    if not key:
        return Session.Mode.LIVE
    try:
        code, mode = signing.loads(key, salt=SALT, max_age=LONGEST)
    except signing.BadSignature as error:
        raise ModeKeyInvalid from error
    if code != study.code:
        raise ModeKeyInvalid
    return Session.Mode(mode)
