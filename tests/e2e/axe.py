"""axe-core on a page as it is: WCAG 2.0 to 2.2, levels A and AA, in both themes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
RUN = "tags => axe.run({ runOnly: { type: 'tag', values: tags } }).then(report => report.violations)"
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

Violation = tuple[str, str, str, list[str]]


def violations(page: Page) -> list[Violation]:
    """What axe-core finds in each theme: (address, theme, rule, elements)."""
    page.add_script_tag(path=AXE)
    found: list[Violation] = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # no colour is half way to another
        page.wait_for_timeout(100)
        report: list[dict[str, Any]] = page.evaluate(RUN, TAGS)
        found += [
            (page.url, theme, rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in report
        ]
    return found
