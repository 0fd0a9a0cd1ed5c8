"""What can be wrong with one translated sentence, apart from its style."""

import re
from collections.abc import Iterator

from babel.messages.catalog import Message

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
TAG = re.compile(r"</?\w+|href=\"[^\"]*\"")


def wrong_with(message: Message) -> Iterator[str]:
    """Say what is wrong, a line each: fuzzy, not translated, a value or a tag lost, space at an end."""
    ids, strings = _forms(message.id), _forms(message.string)
    if message.fuzzy:
        yield f"fuzzy: {ids[0][:60]}"
    if all(strings) and len(strings) >= len(ids):
        yield from (f"{wrong}: {ids[0][:60]}" for wrong in _differences(ids, strings))
    else:
        yield f"not translated: {ids[0][:60]}"


def _differences(ids: tuple[str, ...], strings: tuple[str, ...]) -> Iterator[str]:
    """The last form has the values of the source's last; the others may spell a number out: "one clip"."""
    values = _parts(PLACEHOLDER, ids[-1])
    if _parts(PLACEHOLDER, strings[-1]) != values:
        yield "other values in"
    if any(not _parts(PLACEHOLDER, text) <= values for text in strings):
        yield "unknown values in"
    if any(_parts(TAG, text) != _parts(TAG, ids[0]) for text in strings):
        yield "other tags in"
    if any(text != text.strip() for text in strings) and ids[0] == ids[0].strip():
        yield "space at an end of"


def _forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


def _parts(pattern: re.Pattern[str], text: str) -> set[str]:
    return set(pattern.findall(text))
