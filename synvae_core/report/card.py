"""A model card's Markdown as HTML: headings, paragraphs, lists, tables, code, bold words and links' texts.

Only what our cards use; everything else stays the text it is. All of it is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from markupsafe import Markup, escape

INLINE = re.compile(r"\*\*(?P<bold>.+?)\*\*|`(?P<code>[^`]+)`|\[(?P<text>[^\]]+)\]\([^)\s]+\)", re.DOTALL)


def card_html(markdown: str, heading: int = 3) -> Markup:
    """The card, its first heading at level `heading`; links keep their text alone, as they lead elsewhere."""
    return Markup("\n").join(_blocks(markdown, heading))


def _blocks(markdown: str, heading: int) -> Iterator[Markup]:
    for place, part in enumerate(re.split(r"^```.*$\n?", markdown, flags=re.MULTILINE)):
        if place % 2:
            yield Markup('<pre tabindex="0"><code>{}</code></pre>').format(part.rstrip("\n"))
            continue
        for block in re.split(r"\n\s*\n", part):
            if block.strip():
                yield _block(block.strip("\n"), heading)


def _block(block: str, heading: int) -> Markup:
    lines = block.split("\n")
    if title := re.match(r"(#+) (.*)", block):
        level = min(6, heading + len(title[1]) - 1)
        rest = "\n".join(lines[1:]).strip()
        head = Markup("<h{0}>{1}</h{0}>").format(level, _inline(title[2]))
        return head + _block(rest, heading) if rest else head
    if all(line.startswith("|") for line in lines):
        return _table(lines)
    if lines[0].startswith(("* ", "- ")):
        items = re.split(r"^[*-] ", block, flags=re.MULTILINE)[1:]
        listed = Markup("").join(Markup("<li>{}</li>").format(_inline(item)) for item in items)
        return Markup("<ul>{}</ul>").format(listed)
    return Markup("<p>{}</p>").format(_inline(block))


def _table(lines: list[str]) -> Markup:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    is_rule = [all(re.fullmatch(r":?-+:?", cell) for cell in row) for row in rows]
    parts = [
        list(group) for rule, group in groupby(zip(rows, is_rule, strict=True), lambda p: p[1]) if not rule
    ]
    body = [row for row, _ in parts[-1]] if parts else []
    head = [row for row, _ in parts[0]] if len(parts) > 1 else []
    shown = [_row(row, "col") for row in head if any(row)] + [_row(row, "row") for row in body]
    return Markup(
        '<div class="scroll" tabindex="0" role="group" aria-label="Table of the model card">'
        "<table>{}</table></div>"
    ).format(Markup("").join(shown))


def _row(cells: list[str], scope: str) -> Markup:
    """A row whose first cell (of a body) or every cell (of a head) is a heading."""
    first = (
        Markup('<th scope="{}">{}</th>').format(scope, _inline(cells[0])) if cells[0] else Markup("<td></td>")
    )
    tag = '<th scope="col">{}</th>' if scope == "col" else "<td>{}</td>"
    others = Markup("").join(Markup(tag).format(_inline(cell)) for cell in cells[1:])
    return Markup("<tr>{}{}</tr>").format(first, others)


def _inline(text: str) -> Markup:
    parts, end = [], 0
    for found in INLINE.finditer(text):
        parts.append(escape(text[end : found.start()]))
        if found["bold"]:
            parts.append(Markup("<strong>{}</strong>").format(_inline(found["bold"])))
        elif found["code"]:
            parts.append(Markup("<code>{}</code>").format(found["code"]))
        else:
            parts.append(escape(found["text"]))
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])
