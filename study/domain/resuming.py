"""Take up a visit on another device: its personal code stands in place of the cookie."""

from __future__ import annotations

import re

from study.domain.sessions import NoSuchSession
from study.models import Session, Study


class CodeUnknown(NoSuchSession):
    """No visit to this test has this code. Look at it again on the device where you began."""


def by_code(study: Study, typed: str) -> Session:
    """Return the visit to this study with the code that somebody typed, or pasted with its link.

    Raises:
        CodeUnknown: where there is none.
    """
    code = re.sub(r"[\s-]", "", typed.rpartition("#")[2]).lower()
    known = study.sessions.filter(consented_at__isnull=False).select_related("study", "stimuli")
    session = known.filter(resume_code=code).first() if code.isalnum() else None
    if session is None:
        raise CodeUnknown
    return session
