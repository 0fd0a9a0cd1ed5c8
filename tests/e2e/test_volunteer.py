"""A volunteer's road in a real browser, with everything that goes wrong on the way."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from study.domain import studies
from study.models import Session, Study
from tests.e2e.conftest import Open, answers, at_trial, choose, start

# What can be pressed and is smaller than 44 pixels; links inside a sentence are exempt.
SMALL = """() => {
    const pressed = "button, label.choice, label.option, input[type=range], .button";
    const boxes = [...document.querySelectorAll(pressed)].filter(element => element.checkVisibility())
        .map(element => [element.className, element.getBoundingClientRect()]);
    return boxes.filter(([, box]) => box.width < 44 || box.height < 44).map(([name]) => name);
}"""


def shown(page: Page) -> list[str]:
    """Which media the trial on the page shows."""
    held = page.evaluate("JSON.parse(document.getElementById('trial-data').textContent).trials[0]")
    return [held["presentation"], held["clip"], *held["images"]]


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus, as somebody without a mouse does."""
    for _ in range(40):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("Tab never reached it.")


def press(page: Page, name: str) -> None:
    tab_to(page, page.get_by_role("button", name=name))
    page.keyboard.press("Enter")


def test_keyboard_alone_leads_from_consent_to_the_score(open_at: Open, study: Study) -> None:
    page = open_at(f"/s/{study.code}/")
    tab_to(page, page.get_by_label("I have read this"))
    page.keyboard.press("Space")
    press(page, "Begin")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    press(page, "Play the test sound")
    expect(page.get_by_text("Finished, played once")).to_be_visible()
    press(page, "I hear it")
    press(page, "To the examples")
    press(page, "Play Example A1")
    press(page, "Start the test")
    for number in range(1, 7):
        at_trial(page, number)
        expect(page.get_by_role("heading", level=1)).to_be_focused()
        assert page.title() == f"Trial {number} of 6 – Digits"
        press(page, "Play the music")
        tab_to(page, page.get_by_role("radio").first)
        page.keyboard.press("ArrowRight")  # from nothing chosen: the arrow chooses the second picture
        press(page, "Save and go on")
    page.wait_for_url("**/thanks/")
    expect(page.get_by_text("of 6 right")).to_be_visible()
    session = Session.objects.get()
    assert answers(session) == [(position, 1) for position in range(1, 7)]


def test_choosing_a_picture_sends_nothing(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    page.get_by_role("radio").nth(2).check()
    page.wait_for_timeout(300)
    at_trial(page, 1)
    assert answers(Session.objects.get()) == []


def test_no_choice_is_said_at_the_top_with_the_focus_there(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("alert").filter(has_text="Choose the picture")).to_be_focused()
    assert page.title().startswith("Error: ")
    expect(page.get_by_role("radio").first).to_have_accessible_description(re.compile("Choose the picture"))
    page.get_by_role("link", name="Choose the picture").click()
    expect(page.get_by_role("radio").first).to_be_focused()
    choose(page)
    at_trial(page, 2)
    expect(page.get_by_role("radio").first).to_have_accessible_description("")
    assert page.title() == "Trial 2 of 6 – Digits"


def test_a_double_click_answers_one_trial(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    page.get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Save and go on").dblclick()
    at_trial(page, 2)
    page.wait_for_load_state("networkidle")
    assert answers(Session.objects.get()) == [(1, 1)]


def test_a_double_click_on_begin_starts_one_visit(open_at: Open, study: Study) -> None:
    page = open_at(f"/s/{study.code}/")
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Begin").dblclick()
    page.wait_for_url("**/sound/")
    assert Session.objects.count() == 1


def test_reload_keeps_the_trial_and_both_orders(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    choose(page)
    at_trial(page, 2)
    page.wait_for_load_state("networkidle")
    page.reload()
    at_trial(page, 2)
    before = shown(page)
    page.reload()
    at_trial(page, 2)
    assert shown(page) == before
    second = Session.objects.get().presentations.get(position=2)
    assert before[0] == second.token


def test_back_leads_to_the_open_trial_and_loses_nothing(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    choose(page)
    at_trial(page, 2)
    page.wait_for_load_state("networkidle")
    page.go_back()
    at_trial(page, 2)
    assert answers(Session.objects.get()) == [(1, 0)]


def test_answers_wait_out_a_lost_connection(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    for number in (1, 2, 3):
        at_trial(page, number)
        choose(page, number % 3)
    at_trial(page, 4)
    expect(page.get_by_text("Offline: 3 answers kept on this device")).to_be_visible()
    assert answers(Session.objects.get()) == []
    page.context.set_offline(False)
    expect(page.get_by_text("All answers saved")).to_be_visible()
    assert answers(Session.objects.get()) == [(1, 1), (2, 2), (3, 0)]


def test_answers_survive_closing_the_page_while_offline(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    choose(page, 2)
    at_trial(page, 2)
    context = page.context
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(f"/s/{study.code}/trials/1/")
    at_trial(again, 2)
    expect(again.get_by_text("All answers saved")).to_be_visible()
    assert answers(Session.objects.get()) == [(1, 2)]


def test_the_score_waits_until_the_server_has_every_answer(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    page.wait_for_load_state("networkidle")
    for number in range(1, 6):
        at_trial(page, number)
        choose(page)
    at_trial(page, 6)
    expect(page.get_by_text("All answers saved")).to_be_visible()
    page.context.set_offline(True)
    choose(page)
    expect(page.get_by_role("heading", name="Saving your answers")).to_be_focused()
    assert Session.objects.get().finished_at is None
    page.context.set_offline(False)
    page.wait_for_url("**/thanks/")
    assert len(answers(Session.objects.get())) == 6


def second_tab(first: Page, study: Study) -> Page:
    page = first.context.new_page()
    page.goto(f"/s/{study.code}/trials/1/")
    at_trial(page, 1)
    return page


def test_two_tabs_go_through_the_trials_together(open_at: Open, study: Study) -> None:
    first = start(open_at, study)
    second = second_tab(first, study)
    choose(first, 0)
    expect(second.get_by_text("You have answered that trial in another tab")).to_be_visible()
    at_trial(second, 2)
    choose(second, 2)
    at_trial(first, 3)  # told by the other tab, perhaps before the server has the answer
    expect(second.get_by_text("All answers saved")).to_be_visible()
    assert answers(Session.objects.get()) == [(1, 0), (2, 2)]


def test_two_tabs_that_do_not_hear_each_other_answer_each_trial_once(open_at: Open, study: Study) -> None:
    first = start(open_at, study)
    first.context.add_init_script("delete window.BroadcastChannel")
    second = second_tab(first, study)
    choose(first, 0)
    at_trial(first, 2)
    choose(second, 2)
    at_trial(second, 2)
    second.wait_for_load_state("networkidle")
    assert answers(Session.objects.get()) == [(1, 0)]


def test_a_study_that_closes_meanwhile_says_so_and_takes_no_more(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    choose(page)
    at_trial(page, 2)
    expect(page.get_by_text("All answers saved")).to_be_visible()
    studies.close(study, by=study.owner)
    choose(page)
    expect(page.get_by_role("alert").filter(has_text="This study has been closed")).to_be_visible()
    expect(page.get_by_role("heading", name="This answer could not be saved")).to_be_focused()
    expect(page.get_by_role("button", name="Save and go on")).to_be_hidden()
    assert answers(Session.objects.get()) == [(1, 0)]


def test_the_whole_test_works_without_script(open_at: Open, study: Study) -> None:
    page = start(open_at, study, java_script_enabled=False)
    for number in range(1, 7):
        at_trial(page, number)
        expect(page.locator("audio[controls]")).to_have_count(1)
        choose(page, 1)
    page.get_by_role("button", name="Show my score").click()
    expect(page.get_by_text("of 6 right")).to_be_visible()
    assert answers(Session.objects.get()) == [(position, 1) for position in range(1, 7)]


def test_the_trial_reads_well_to_a_screen_reader(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    expect(page.get_by_role("main")).to_match_aria_snapshot("""
        - main:
          - heading "Trial 1 of 6" [level=1]
          - status
          - button "Play the music"
          - status: Not played yet
          - group "Which picture was this music made from?":
            - img "Image A"
            - radio "Image A"
            - img "Image B"
            - radio "Image B"
            - img "Image C"
            - radio "Image C"
          - button "Save and go on"
          - slider "Volume"
        """)


def test_everything_to_press_is_large_enough_for_a_thumb(open_at: Open, study: Study) -> None:
    page = open_at(f"/s/{study.code}/")
    small = page.evaluate(SMALL)
    page.get_by_label("I have read this").check()
    for button in ("Begin", "I hear it", "To the examples", "Start the test", "Save and go on"):
        page.get_by_role("button", name=button).click()
        page.get_by_role("heading", level=1).wait_for()
        small += page.evaluate(SMALL)
    assert small == []


@pytest.mark.parametrize("width", [320, 375])
def test_nothing_scrolls_sideways_on_a_phone(open_at: Open, study: Study, width: int) -> None:
    page = open_at(f"/s/{study.code}/")
    page.set_viewport_size({"width": width, "height": 640})
    wide = []
    for name in ("Begin", "I hear it", "To the examples", "Start the test", "Save and go on"):
        wide.append(page.evaluate("document.documentElement.scrollWidth"))
        if name == "Begin":
            page.get_by_label("I have read this").check()
        if name != "Save and go on":
            page.get_by_role("button", name=name).click()
            page.get_by_role("heading", level=1).wait_for()
    assert wide == [width] * 5
