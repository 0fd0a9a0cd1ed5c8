"""The page of a model's report in a real Chromium, from a file: reachable, readable, audible, narrow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from synvae_core.report import write_report
from tests.e2e.axe import violations
from tests.synvae_core.report.subjects import subject
from tests.synvae_core.tiny import save_tiny_synvae

# axe reads the style sheet again, which a page from a file may not
AXES_OWN = ("has been blocked by CORS policy", "Couldn't load preload assets", "net::ERR_FAILED")


@pytest.fixture(scope="module")
def report_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of a tiny model; not to be changed."""
    model = save_tiny_synvae(tmp_path_factory.mktemp("models"))
    return write_report(tmp_path_factory.mktemp("report"), subject(model, pictures=2))


@pytest.fixture
def report(browser: Browser, report_file: Path) -> Iterator[Page]:
    """The report, opened from the disk by a browser without a network, on the smallest of phones."""
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": 320, "height": 700}, offline=True)
    page = context.new_page()
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(report_file.as_uri())
    yield page
    context.close()
    assert [line for line in complaints if not any(own in line for own in AXES_OWN)] == []


def test_a_report_is_accessible_in_both_themes(report: Page) -> None:
    report.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    assert violations(report) == []


def test_a_report_never_scrolls_sideways_and_all_its_pictures_load(report: Page) -> None:
    report.evaluate("document.querySelectorAll('img').forEach(each => { each.loading = 'eager'; })")
    report.wait_for_function("[...document.images].every(each => each.complete)")
    assert report.evaluate("[...document.images].filter(each => !each.naturalWidth).length") == 0
    for width in (320, 390, 768, 1280):
        report.set_viewport_size({"width": width, "height": 700})
        assert report.evaluate("document.documentElement.scrollWidth") <= width


def test_melodies_play_by_keyboard_one_at_a_time(report: Page) -> None:
    players = report.locator("audio")
    sounding = "[...document.querySelectorAll('audio')].filter(each => !each.paused).length"
    for place in (0, 1):
        players.nth(place).focus()
        report.keyboard.press("Space")
        report.wait_for_function(f"document.querySelectorAll('audio')[{place}].currentTime > 0.1")
        assert report.evaluate(sounding) == 1
    assert report.evaluate("document.querySelectorAll('audio')[1].duration") == pytest.approx(5, abs=0.2)
