"""Every page, in both themes, by axe-core (WCAG 2.0 to 2.2, levels A and AA) and by what axe cannot see.

With `EARSIGHT_SCREENSHOTS` set to a folder, each page is also kept there as a picture: phone and desktop,
light and dark. `EARSIGHT_PAGES` ("trial;thanks") looks at these pages alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Page, ViewportSize

from tests.e2e.addresses import PAGES
from tests.e2e.axe import THEMES, violations
from tests.e2e.conftest import Open
from tests.e2e.pages import GROUPS, walk
from tests.e2e.visitors import Visitor, World, make_world
from tests.world import MakeStudy

if TYPE_CHECKING:
    from django.contrib.auth.models import User

HERE = Path(__file__).parent
OWN = (HERE / "checks.js").read_text()
BEGINS = "() => document.activeElement.matches('h1, [role=alert]')"
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Text that its box cuts off; what is hidden from sight on purpose is one pixel small.
CUT = """() => [...document.querySelectorAll("body *")].filter(element => {
    const { overflowX, overflowY } = getComputedStyle(element);
    const cuts = overflowX === "hidden" || overflowX === "clip" || overflowY === "hidden";
    return cuts && element.clientWidth > 2 && element.innerText?.trim() &&
        (element.scrollWidth > element.clientWidth + 2 || element.scrollHeight > element.clientHeight + 2);
}).map(element => element.className || element.tagName)"""
PHONE, DESKTOP = ViewportSize(width=390, height=780), ViewportSize(width=1280, height=900)


@pytest.fixture
def world(make_study: MakeStudy, alice: User) -> World:
    return make_world(make_study, alice)


@pytest.mark.parametrize("group", GROUPS)
def test_every_page_is_for_everybody(group: str, open_at: Open, world: World) -> None:
    # The pages' own policy forbids foreign scripts; the checker is one.
    page = open_at("/", bypass_csp=True, reduced_motion="reduce")
    if group == "without script":
        page.route("**/*.js", lambda route: route.abort())
    found, met = [], set()
    only = [name for name in os.environ.get("EARSIGHT_PAGES", "").split(";") if name]
    for name in walk(Visitor(page, world), group, only):
        if group == "volunteer":
            page.wait_for_function(BEGINS)  # the focus is on the new heading, or on what is the matter
        _keep_pictures(page, f"{group}, {name}")
        with suppress(Resolver404):
            met.add(resolve(urlsplit(page.url).path).url_name)
        found += [f"{name}: {complaint}" for complaint in (*violations(page), *by_us(page))]
    assert "\n".join(found) == ""
    assert only or PAGES.get(group, set()) - met == set()


def by_us(page: Page) -> Iterator[str]:
    """Yield what is too small, too wide, cut off, moving or misnamed."""
    page.emulate_media(color_scheme="light")
    yield from page.evaluate(OWN)
    page.set_viewport_size({"width": 320, "height": 640})
    if wider := page.evaluate(WIDER):
        yield f"{wider} px wider than a screen of 320 px"
    page.evaluate("document.documentElement.dir = 'rtl'")
    if wider := page.evaluate(WIDER):
        yield f"from right to left {wider} px wider than a screen of 320 px"
    page.evaluate("document.documentElement.dir = 'ltr'")
    page.set_viewport_size({"width": 640, "height": 780})
    page.add_style_tag(content="html { font-size: 200% }")
    if wider := page.evaluate(WIDER):
        yield f"with text of 200 % {wider} px wider than the screen"
    for name in page.evaluate(CUT):
        yield f"with text of 200 % the text of “{name}” is cut off"
    page.set_viewport_size(PHONE)


def _keep_pictures(page: Page, name: str) -> None:
    folder = os.environ.get("EARSIGHT_SCREENSHOTS")
    if not folder:
        return
    for size, viewport in (("390", PHONE), ("1280", DESKTOP)):
        page.set_viewport_size(viewport)
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            page.wait_for_timeout(150)
            page.screenshot(path=Path(folder) / f"{name}, {size} {theme}.png", full_page=True)
    page.set_viewport_size(PHONE)
