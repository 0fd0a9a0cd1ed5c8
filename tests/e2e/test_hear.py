"""Hear your own picture and the galleries in a real browser: by keyboard, on a phone, without script."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from study import tasks
from study.domain import own_pictures, studies
from study.models import OwnPicture, Study
from tests.e2e.axe import violations
from tests.e2e.conftest import PATIENCE_MS, Open
from tests.e2e.hung import make_exhibit
from tests.e2e.test_every_page import by_us
from tests.e2e.test_volunteer import press, tab_to
from tests.study import pictures_sent as sent
from tests.world import MakeStudy

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Where the line stands, and which notes are lit.
ROLL = """() => ({
    line: parseFloat(document.querySelector("[data-playhead]").getAttribute("transform")?.slice(10) ?? "0"),
    lit: document.querySelectorAll("rect.lit").length,
    shown: getComputedStyle(document.querySelector("[data-playhead]")).display !== "none",
})"""
ONE_SOUNDS = "() => [...document.querySelectorAll('audio')].filter(audio => !audio.paused).length"


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests are the worker: they say when a picture is translated."""
    monkeypatch.setattr(tasks.run_picture, "delay", lambda picture_id: None)


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    """A drawing on grey paper."""
    file = tmp_path / "drawing.jpg"
    file.write_bytes(sent.drawing("JPEG", (300, 400)).getvalue())
    return file


def send(page: Page, file: Path) -> Page:
    page.get_by_label("Your picture").set_input_files(file)
    page.get_by_role("button", name="Make it music").click()
    page.get_by_role("heading", name="Your picture is becoming music").wait_for()
    return page


def translate(page: Page) -> Page:
    own_pictures.run(OwnPicture.objects.order_by("-pk")[0].pk)
    page.get_by_role("heading", name="Your picture as music").wait_for()
    return page


def until(page: Page, expression: str) -> None:
    """Wait until this holds on the page; its policy forbids the browser's own way of waiting for a text."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        page.wait_for_timeout(20)


def complaints(page: Page) -> list[str]:
    return [str(found) for found in (*violations(page), *by_us(page))]


def test_by_keyboard_from_the_home_page_to_the_last_file(open_at: Open, drawn: Path) -> None:
    page = open_at("/")
    tab_to(page, page.get_by_role("link", name="Hear your own picture"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    tab_to(page, page.get_by_label("Your picture"))
    page.get_by_label("Your picture").set_input_files(drawn)  # the system's own dialogue
    expect(page.get_by_role("img", name="The picture you have chosen")).to_be_visible()
    press(page, "Make it music")
    expect(page.get_by_role("heading", name="Your picture is becoming music")).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="Waiting for its turn")).to_be_visible()
    translate(page)
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    press(page, "Play the music of your picture")
    expect(page.get_by_role("status").filter(has_text="Playing")).to_be_visible()
    tab_to(page, page.get_by_text("The notes in words"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("listitem").filter(has_text=" seconds, for ").first).to_be_visible()
    for name, ending in (("Save the sound (MP3)", "earsight.mp3"), ("Save the notes (MIDI)", "earsight.mid")):
        tab_to(page, page.get_by_role("link", name=name))
        with page.expect_download() as saved:
            page.keyboard.press("Enter")
        assert saved.value.suggested_filename == ending
    press(page, "Delete now")
    page.get_by_text("Your picture and its music are deleted.").wait_for()
    assert OwnPicture.objects.count() == 0


def test_the_line_and_the_notes_move_with_the_music(open_at: Open, drawn: Path) -> None:
    page = translate(send(open_at("/hear/"), drawn))
    assert page.evaluate(ROLL)["lit"] == 0
    page.get_by_role("button", name="Play the music of your picture").click()
    until(page, "document.querySelector('audio').currentTime > 0.5")
    first = page.evaluate(ROLL)
    until(page, "document.querySelector('audio').currentTime > 1.2")
    second = page.evaluate(ROLL)
    assert 0 < first["line"] < second["line"]
    assert first["shown"]
    assert {first["lit"], second["lit"]} <= {0, 1}
    expect(page.locator("rect.lit")).to_have_count(1)


def test_with_less_motion_the_line_stays_away(open_at: Open, drawn: Path) -> None:
    page = translate(send(open_at("/hear/", reduced_motion="reduce"), drawn))
    page.get_by_role("button", name="Play the music of your picture").click()
    until(page, "document.querySelector('audio').currentTime > 0.3")
    assert page.evaluate(ROLL)["shown"] is False
    expect(page.locator("rect.lit")).to_have_count(1)


def test_without_script_it_is_forms_and_links(open_at: Open, drawn: Path) -> None:
    page = send(open_at("/hear/", java_script_enabled=False), drawn)
    own_pictures.run(OwnPicture.objects.get().pk)
    page.get_by_role("link", name="See how far it is").click()
    page.get_by_role("heading", name="Your picture as music").wait_for()
    expect(page.locator("audio[controls]")).to_be_visible()
    page.get_by_role("button", name="Delete now").click()
    page.get_by_text("are deleted").wait_for()


def test_a_bad_file_is_said_where_it_was_chosen(open_at: Open, tmp_path: Path) -> None:
    file = tmp_path / "letter.jpg"
    file.write_bytes(b"Dear Sir or Madam")
    page = open_at("/hear/", bypass_csp=True)
    page.get_by_label("Your picture").set_input_files(file)
    page.get_by_role("button", name="Make it music").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Your picture")).to_have_accessible_description(
        "JPEG, PNG or WebP, at most 12 MB. This file is not a picture that can be read here. Please send a "
        "JPEG, PNG or WebP picture."
    )
    assert complaints(page) == []


def test_a_file_that_is_too_large_does_not_leave_the_phone(open_at: Open, tmp_path: Path) -> None:
    file = tmp_path / "huge.jpg"
    file.write_bytes(b"\xff\xd8\xff" + b"\0" * 13_000_000)
    page = open_at("/hear/")
    page.get_by_label("Your picture").set_input_files(file)
    expect(page.get_by_text("at most 12 MB. Please send a smaller picture.")).to_be_visible()
    page.get_by_role("button", name="Make it music").click()
    expect(page.get_by_label("Your picture")).to_be_focused()
    assert page.url.endswith("/hear/")


def test_a_file_that_is_too_large_is_refused_by_the_server_in_words(open_at: Open, tmp_path: Path) -> None:
    """Without script the browser sends it all: the answer must reach somebody who is still sending."""
    file = tmp_path / "huge.jpg"
    file.write_bytes(b"\xff\xd8\xff" + b"\0" * 20_000_000)
    page = open_at("/hear/", java_script_enabled=False)
    page.get_by_label("Your picture").set_input_files(file)
    page.get_by_role("button", name="Make it music").click()
    expect(page.locator("#picture-error")).to_have_text(
        "This file is too large: at most 12 MB. Please send a smaller picture."
    )


def test_the_wait_outlives_a_network_that_drops(open_at: Open, drawn: Path) -> None:
    page = send(open_at("/hear/"), drawn)
    page.context.set_offline(True)
    expect(page.get_by_text("The connection is away.")).to_be_visible()
    page.context.set_offline(False)
    translate(page)


def test_every_page_about_ones_own_picture_is_for_everybody(open_at: Open, drawn: Path) -> None:
    page = send(open_at("/hear/", bypass_csp=True, reduced_motion="reduce"), drawn)
    found = complaints(page)
    page.emulate_media(reduced_motion="reduce")
    translate(page)
    page.get_by_text("The notes in words").click()
    found += complaints(page)
    row = OwnPicture.objects.get()
    OwnPicture.objects.filter(pk=row.pk).update(status="failed", refusal="in_a_test")
    page.reload()
    assert found + complaints(page) == []


def test_what_a_screen_reader_is_told_of_the_music(open_at: Open, drawn: Path) -> None:
    page = translate(send(open_at("/hear/"), drawn))
    expect(page.locator("main")).to_match_aria_snapshot("""
        - heading "Your picture as music" [level=1]
        - region "The music":
          - button "Play the music of your picture"
          - status: Not played yet
          - 'img /The notes as bars: time runs to the right/'
          - paragraph: /\\d+ notes? in 8 seconds, between .+ and .+/
          - group: The notes in words
        - text: Volume
        - slider "Volume"
        - figure "Your picture":
          - img "Your picture"
        - figure /As the model sees it/:
          - img "The same picture, cut to a square and made of few, coarse points"
        - heading "Keep it" [level=2]
        - link "Save the sound (MP3)"
        - link "Save the notes (MIDI)"
        - button "Delete now"
        - link "Hear another picture"
    """)


@pytest.fixture
def closed(make_study: MakeStudy, alice: User) -> Study:
    """A closed study with a gallery."""
    return studies.close(make_study(gallery=True, title="Shapes"), by=alice)


def test_a_gallery_plays_one_or_all_and_one_at_a_time(open_at: Open, closed: Study) -> None:
    page = open_at(f"/s/{closed.code}/gallery/")
    buttons = page.get_by_role("button", name="Play Picture 1")
    buttons.first.click()
    page.get_by_role("button", name="Play all in order").click()
    until(page, f"({ONE_SOUNDS})() <= 1")
    played = page.locator("[data-state=ended], [data-state=playing]")
    expect(played.nth(2)).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    until(page, f"({ONE_SOUNDS})() === 0")


def test_a_gallery_is_for_everybody(open_at: Open, closed: Study, alice: User) -> None:
    exhibit = make_exhibit(closed, alice)
    page = open_at("/gallery/", bypass_csp=True, reduced_motion="reduce")
    found = complaints(page)
    for path in (f"/gallery/{exhibit.code}/", f"/s/{closed.code}/gallery/"):
        page.goto(path)
        found += complaints(page)
    assert found == []
