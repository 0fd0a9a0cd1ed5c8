"""A real Chromium against a live server: studies come from the domain, clicks and keys from Playwright."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from study.models import Session, Study

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

CHROMIUM = Path(os.environ.get("EARSIGHT_CHROMIUM", "/usr/bin/chromium"))
PATIENCE_MS = 30_000  # a shared machine may be slow; a page that is broken fails all the same
QUIET = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-sandbox",
]

# Playwright sees less of what a page fetches beside a worker; the tests of the worker allow it.
WITHOUT_WORKERS: dict[str, Any] = {"service_workers": "block"}

Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test in this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session", autouse=True)
def _rows_beside_playwright() -> Iterator[None]:
    """Playwright's sync API runs an event loop in this thread; Django would refuse to read rows beside it."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session", autouse=True)
def _static_files_as_they_lie() -> Iterator[None]:
    """Serve stylesheets and scripts from the source tree, collected or not.

    For the whole session: a page that closes may still be sending when its test's own settings have ended.
    """
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    storages = settings.STORAGES | {"staticfiles": plain}
    with override_settings(WHITENOISE_AUTOREFRESH=True, WHITENOISE_USE_FINDERS=True, STORAGES=storages):
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Use the Chromium of the system, which makes no requests of its own."""
    found = {"executable_path": str(CHROMIUM)} if CHROMIUM.exists() else {}
    return {"args": QUIET, **found}


@pytest.fixture(autouse=True)
def _own_folder(product: object, transactional_db: None) -> None:
    """Keep media of a test away from the machine's; rows are really committed, the server reads them."""


@pytest.fixture
def quiet_study(study: Study) -> Study:
    """A published study whose class words would stand out on any page."""
    assert study.stimuli is not None
    study.stimuli.class_names = ["quokka", "zeppelin", "marzipan"]
    study.stimuli.save()
    return study


@pytest.fixture
def open_at(browser: Browser, live_server: LiveServer) -> Iterator[Open]:
    """Open a page of a fresh browser: `open_at("/s/...", **options of the browser's context)`."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(path: str, **options: Any) -> Page:
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": 390, "height": 780}, **WITHOUT_WORKERS | options
        )
        context.set_default_timeout(PATIENCE_MS)
        context.set_default_navigation_timeout(2 * PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: _note(complaints, line))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []  # no page breaks its script or the policy on what it may load


def _note(complaints: list[str], line: ConsoleMessage) -> None:
    if line.type == "error" and "Failed to load resource" not in line.text:
        complaints.append(line.text)


def to_first_trial(page: Page) -> Page:
    """Walk from the welcome page to the first trial."""
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="I hear it").click()
    page.get_by_role("button", name="To the examples").click()
    page.get_by_role("button", name="Start the test").click()
    page.wait_for_url("**/trials/1/")
    return page


def start(open_at: Open, study: Study, **options: object) -> Page:
    """Open a study and walk to its first trial."""
    return to_first_trial(open_at(f"/s/{study.code}/", **options))


def choose(page: Page, place: int = 0) -> None:
    """Answer the trial on the page."""
    page.get_by_role("radio").nth(place).check()
    page.get_by_role("button", name="Save and go on").click()


def becomes(page: Page, expression: str) -> None:
    """Wait until the expression is true; Playwright's own waiting stops at the pages' policy on scripts."""
    until = time.monotonic() + PATIENCE_MS / 1000
    while not page.evaluate(expression):
        assert time.monotonic() < until, f"never came true: {expression}"
        page.wait_for_timeout(50)


def at_trial(page: Page, number: int) -> None:
    """Wait until this trial is on the page."""
    page.get_by_role("heading", name=f"Trial {number} of 6").wait_for()


def answers(session: Session) -> list[tuple[int, int]]:
    """The stored answers: (place in the session, chosen place on the screen)."""
    rows = session.responses.order_by("presentation__position")
    return [
        (position, chosen)
        for position, chosen in rows.values_list("presentation__position", "screen_position")
    ]


expect.set_options(timeout=PATIENCE_MS)
