"""Keeps out of our log what gives a right: whoever reads it could otherwise answer for a volunteer."""

from __future__ import annotations

import logging
import re

# Addresses that are a permission: of a session, of media, of somebody's own picture.
CAPABILITY = re.compile(r"(/api/v1/sessions/|/media/[a-z]|/shown/|/hear/|/sounds/)[A-Za-z0-9_-]+")


class MaskTokens(logging.Filter):
    """Lets every record through, with “…” in place of the tokens in addresses."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the finished message."""
        record.msg, record.args = CAPABILITY.sub(r"\1…", record.getMessage()), ()
        return True
