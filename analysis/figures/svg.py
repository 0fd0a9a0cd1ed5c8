"""An SVG that a screen reader can name and describe."""

import re
from html import escape


def described(svg: bytes, title: str, description: str) -> bytes:
    """The same drawing with role, title and description at the start of its root element."""
    text = svg.decode()
    head = re.search(r"<svg\b[^>]*>", text)
    if head is None:  # pragma: no cover - matplotlib always writes a root element
        return svg
    opening = head[0][:-1] + ' role="img" aria-labelledby="figure-title figure-description">'
    words = (
        f'\n <title id="figure-title">{escape(title)}</title>'
        f'\n <desc id="figure-description">{escape(description)}</desc>'
    )
    return (text[: head.start()] + opening + words + text[head.end() :]).encode()
