"""Reads JSON, but none so deep that whoever walks through it, first of all the parser, runs out of stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.utils import json

MOST_BRACKETS = 500  # opening ones, and so the deepest nesting; 200 reports of a page have 202


def loads(text: str) -> Any:
    """Return what a text of JSON says.

    Raises:
        ValueError: for anything else, and for more lists and objects than any page of ours sends.
    """
    if text.count("[") + text.count("{") > MOST_BRACKETS:
        raise ValueError(f"At most {MOST_BRACKETS} lists and objects are read.")
    return json.loads(text)


class BoundedJSONParser(JSONParser):
    """The framework's parser with our bound."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return what was sent, or raise the framework's ParseError."""
        encoding = (parser_context or {}).get("encoding", settings.DEFAULT_CHARSET)
        try:
            return loads(stream.read().decode(encoding))
        except (ValueError, LookupError) as error:  # LookupError: a codec that is none for text
            raise ParseError(f"JSON parse error - {error}") from error
