"""The test for people who see little, press keys or listen to their screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from study.domain import descriptions, studies
from study.models import Session, Study
from tests.e2e.conftest import Open, answers, at_trial, start, to_first_trial
from tests.e2e.test_volunteer import press, tab_to
from tests.world import MakeStudy, describe_all

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# How far from the left edge the button that plays, the product's name and the first option are.
PLACES = """() => [".player .play", ".brand", "[data-option]"]
    .map(selector => document.querySelector(selector).getBoundingClientRect().x)"""


@pytest.fixture
def in_words(make_study: MakeStudy, alice: User) -> Study:
    """A published study that can be taken by written descriptions."""
    study = make_study("built", described_options=True)
    describe_all(study, alice)
    return studies.publish(study, by=alice)


def choose_words(page: Page) -> Page:
    page.get_by_label("By written descriptions").check()
    return page


def test_by_keyboard_and_by_descriptions_from_consent_to_the_score(open_at: Open, in_words: Study) -> None:
    page = open_at(f"/s/{in_words.code}/")
    tab_to(page, page.get_by_label("By the pictures"))
    page.keyboard.press("ArrowDown")
    tab_to(page, page.get_by_label("I have read this"))
    page.keyboard.press("Space")
    heading = page.get_by_role("heading", level=1)
    for name in ("Begin", "I hear it", "To the examples"):
        press(page, name)
        expect(heading).to_be_focused()
    expect(page.get_by_text("Bright blocks, pattern")).to_have_count(6)
    press(page, "Start the test")
    for number in range(1, 7):
        at_trial(page, number)
        expect(heading).to_be_focused()
        assert page.title() == f"Trial {number} of 6 – Digits"
        press(page, "Play the music")
        expect(page.get_by_role("status").filter(has_text="Finished, played once")).to_be_visible()
        tab_to(page, page.get_by_role("radio").first)
        page.keyboard.press("ArrowDown")
        press(page, "Save and go on")
    page.wait_for_url("**/thanks/")
    session = Session.objects.get()
    assert session.described
    assert answers(session) == [(position, 1) for position in range(1, 7)]
    expect(page.get_by_text("Bright blocks, pattern")).to_have_count(18)


def test_a_described_trial_reads_well_and_needs_no_picture(open_at: Open, in_words: Study) -> None:
    page = open_at(f"/s/{in_words.code}/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.resource_type))
    to_first_trial(choose_words(page))
    shown = Session.objects.get().presentations.get(position=1)
    words = descriptions.of_options(shown.session)
    texts = [words[shown.trial_id, slot] for slot in shown.option_order]
    expect(page.get_by_role("main")).to_match_aria_snapshot(f"""
        - main:
          - heading "Trial 1 of 6" [level=1]
          - status
          - button "Play the music"
          - status: Not played yet
          - group "Which picture was this music made from?":
            - radio "A. {texts[0]}"
            - radio "B. {texts[1]}"
            - radio "C. {texts[2]}"
          - button "Save and go on"
          - slider "Volume"
          - checkbox
        """)
    page.wait_for_load_state("networkidle")
    assert "image" not in asked


def test_the_words_change_with_the_trial(open_at: Open, in_words: Study) -> None:
    page = to_first_trial(choose_words(open_at(f"/s/{in_words.code}/")))
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Save and go on").click()
    at_trial(page, 2)
    shown = Session.objects.get().presentations.get(position=2)
    words = descriptions.of_options(shown.session)
    told = page.locator("[data-description]").all_inner_texts()
    assert told == [words[shown.trial_id, slot] for slot in shown.option_order]


def test_single_keys_do_nothing_until_they_are_switched_on(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    for key in ("2", "s", "p"):
        page.keyboard.press(key)
    page.wait_for_timeout(200)
    at_trial(page, 1)
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    page.get_by_label("Use single keys").check()
    page.keyboard.press("p")
    expect(page.get_by_text("Finished, played once")).to_be_visible()
    page.keyboard.press("b")
    expect(page.get_by_role("radio", name="Image B")).to_be_checked()
    page.keyboard.press("Control+s")
    at_trial(page, 1)
    page.keyboard.press("s")
    at_trial(page, 2)
    page.keyboard.press("3")
    page.keyboard.press("s")
    at_trial(page, 3)
    expect(page.get_by_text("All answers saved")).to_be_visible()
    assert answers(Session.objects.get()) == [(1, 1), (2, 2)]


def test_single_keys_stay_switched_on_and_can_be_switched_off(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    page.get_by_label("Use single keys").check()
    page.reload()
    expect(page.get_by_label("Use single keys")).to_be_checked()
    assert page.get_by_role("radio").first.get_attribute("aria-keyshortcuts") == "1 A"
    page.get_by_label("Use single keys").uncheck()
    page.keyboard.press("1")
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    assert page.get_by_role("radio").first.get_attribute("aria-keyshortcuts") is None


def test_the_test_by_descriptions_works_without_script(open_at: Open, in_words: Study) -> None:
    page = open_at(f"/s/{in_words.code}/", java_script_enabled=False)
    to_first_trial(choose_words(page))
    expect(page.get_by_role("radio")).to_have_count(3)
    page.get_by_role("radio").nth(2).check()
    page.get_by_role("button", name="Save and go on").click()
    at_trial(page, 2)
    assert answers(Session.objects.get()) == [(1, 2)]


def test_from_right_to_left_the_page_is_mirrored(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    left = page.evaluate(PLACES)
    page.evaluate("document.documentElement.dir = 'rtl'")
    right = page.evaluate(PLACES)
    assert all(there > here + 100 for here, there in zip(left, right, strict=True))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
