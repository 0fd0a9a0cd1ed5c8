"""The headphone check in a real browser: by keyboard, without script, on a phone, and with a kind way out."""

import pytest
from playwright.sync_api import Page, expect

from study.domain import headphone_listens
from study.models import HeadphoneCheck, HeadphoneSound
from tests.e2e.axe import violations
from tests.e2e.conftest import Open
from tests.world import MakeStudy

# Six sounds take half a minute: here they run eight times as fast, from their beginning to their end.
IN_A_HURRY = """
HTMLMediaElement.prototype.play = (play => function () {
    this.playbackRate = 8;
    return play.call(this);
})(HTMLMediaElement.prototype.play);"""
QUESTIONS = {"antiphase": "Which tone was the quietest?", "huggins": "Which noise hid the faint tone?"}


def to_check(page: Page) -> Page:
    """Walk from the welcome page to the headphone check, whose sounds are in a hurry."""
    page.add_init_script(IN_A_HURRY)
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="I hear it").click()
    page.wait_for_url("**/headphones/")
    return page


def target(position: int, attempt: int = 1) -> int:
    """The right place, which no page tells."""
    sound = HeadphoneSound.objects.get(attempt=attempt, position=position)
    return sound.layout.index("S" if "S" in sound.layout else "H")


def hear(page: Page) -> None:
    page.get_by_role("button", name="Play the three").click()
    expect(page.get_by_text("Finished, played once")).to_be_visible()


def answer(page: Page, place: int) -> None:
    page.get_by_role("radio", name=("First", "Second", "Third")[place]).check()
    page.get_by_role("button", name="Save and go on").click()


def take(page: Page, *, right: int, attempt: int = 1, script: bool = True) -> None:
    """Hear and answer six sounds, the first of them rightly."""
    for position in range(1, 7):
        page.get_by_role("heading", name=f"Sound {position} of 6").wait_for()
        place = target(position, attempt)
        if script:
            hear(page)
        answer(page, place if position <= right else (place + 1) % 3)


@pytest.mark.parametrize("kind", ["antiphase", "huggins"])
def test_whoever_hears_it_goes_on(open_at: Open, make_study: MakeStudy, kind: str) -> None:
    study = make_study(screening="required", screening_kind=kind)
    page = to_check(open_at(f"/s/{study.code}/"))
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.get_by_role("button", name="Play the noise for the volume").click()
    page.get_by_role("button", name="Pause the noise for the volume").wait_for()
    page.get_by_role("button", name="Begin the check").click()
    expect(page.get_by_role("heading", name="Sound 1 of 6")).to_be_focused()
    expect(page.get_by_role("group", name=QUESTIONS[kind])).to_be_visible()
    page.get_by_role("button", name="Play the three").click()
    page.get_by_role("button", name="Pause the three").wait_for()
    expect(page.get_by_text("Playing")).to_be_hidden()  # no voice over what is to be heard closely
    expect(page.get_by_text("Finished, played once")).to_be_visible()
    page.reload()  # the server knows that it was heard, and the log by now how often
    take(page, right=6)
    page.get_by_role("button", name="To the examples").wait_for()
    check = HeadphoneCheck.objects.get()
    assert (check.outcome, check.right, check.kind) == ("passed", 6, kind)
    page.wait_for_load_state("networkidle")
    listens = headphone_listens.counted(headphone_listens.ends())
    assert listens == {(1, 1): 2} | {(1, position): 1 for position in range(2, 7)}


def test_a_sound_is_heard_before_it_is_answered(open_at: Open, make_study: MakeStudy) -> None:
    page = to_check(open_at(f"/s/{make_study(screening='recorded').code}/"))
    page.get_by_role("button", name="Begin the check").click()
    page.get_by_role("heading", name="Sound 1 of 6").wait_for()
    answer(page, 1)
    alert = page.get_by_role("alert").filter(has_text="Listen to the whole sound first")
    expect(alert).to_be_focused()
    assert page.title().startswith("Error: Sound 1")
    page.get_by_role("link", name="Listen to the whole sound first").click()
    expect(page.get_by_role("button", name="Play the three")).to_be_focused()
    hear(page)
    expect(alert).to_be_hidden()
    assert page.title().startswith("Sound 1")
    answer(page, 1)
    page.get_by_role("heading", name="Sound 2 of 6").wait_for()
    assert HeadphoneSound.objects.filter(choice__isnull=False).count() == 1


def test_a_sound_that_does_not_load_stands_in_nobodys_way(open_at: Open, make_study: MakeStudy) -> None:
    page = to_check(open_at(f"/s/{make_study(screening='recorded').code}/"))
    page.get_by_role("button", name="Begin the check").click()
    page.get_by_role("heading", name="Sound 1 of 6").wait_for()
    page.route("**/sounds/*.wav", lambda route: route.abort())
    page.reload()
    page.get_by_role("button", name="Play the three").click()
    expect(page.get_by_text("This clip did not load.")).to_be_visible()
    answer(page, 1)
    page.get_by_role("heading", name="Sound 2 of 6").wait_for()


def test_huggins_is_tried_once_more_and_then_ends_kindly(open_at: Open, make_study: MakeStudy) -> None:
    study = make_study(screening="required", screening_kind="huggins", failed_check_code="NO-EARS-1")
    page = to_check(open_at(f"/s/{study.code}/"))
    page.get_by_role("button", name="Begin the check").click()
    take(page, right=5)
    page.get_by_role("heading", name="Let us try once more").wait_for()
    page.get_by_role("button", name="Try once more").click()
    take(page, right=0, attempt=2)
    expect(page.get_by_role("heading", name="Thank you for coming")).to_be_visible()
    expect(page.get_by_role("textbox", name="Code")).to_have_value("NO-EARS-1")
    page.goto(f"/s/{study.code}/trials/1/")  # no other door leads further
    expect(page.get_by_role("heading", name="Thank you for coming")).to_be_visible()
    assert HeadphoneCheck.objects.get().outcome == "failed"


def test_not_being_able_to_do_it_is_an_answer_by_keyboard(open_at: Open, make_study: MakeStudy) -> None:
    page = to_check(open_at(f"/s/{make_study(screening='recorded').code}/"))
    page.get_by_text("I can’t do this check").focus()
    page.keyboard.press("Enter")
    page.get_by_role("radio", name="My device plays the same sound").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="To the examples").wait_for()
    check = HeadphoneCheck.objects.get()
    assert (check.outcome, check.reason) == ("cannot", "mono")


@pytest.mark.parametrize("script", [True, False])
def test_a_sound_without_an_answer_is_said(open_at: Open, make_study: MakeStudy, script: bool) -> None:
    page = to_check(open_at(f"/s/{make_study(screening='recorded').code}/", java_script_enabled=script))
    page.get_by_role("button", name="Begin the check").click()
    page.get_by_role("heading", name="Sound 1 of 6").wait_for()
    page.get_by_role("button", name="Save and go on").click()
    if script:  # the browser itself says it
        assert page.evaluate("document.querySelector('input[name=choice]').validity.valueMissing")
    assert not HeadphoneSound.objects.filter(choice__isnull=False).exists()


def test_the_check_works_without_script(open_at: Open, make_study: MakeStudy) -> None:
    study = make_study(screening="required")
    page = to_check(open_at(f"/s/{study.code}/", java_script_enabled=False))
    page.get_by_role("button", name="Begin the check").click()
    expect(page.locator("audio[controls]")).to_have_count(1)
    take(page, right=5, script=False)
    page.get_by_role("button", name="To the examples").wait_for()
    assert HeadphoneCheck.objects.get().outcome == "passed"


def test_a_reload_and_the_way_back_change_nothing(open_at: Open, make_study: MakeStudy) -> None:
    page = to_check(open_at(f"/s/{make_study(screening='recorded').code}/"))
    page.get_by_role("button", name="Begin the check").click()
    page.get_by_role("heading", name="Sound 1 of 6").wait_for()
    hear(page)
    answer(page, 1)
    page.get_by_role("heading", name="Sound 2 of 6").wait_for()
    page.reload()
    page.get_by_role("heading", name="Sound 2 of 6").wait_for()
    page.go_back()
    page.get_by_role("heading", name="Sound 2 of 6").wait_for()
    assert HeadphoneSound.objects.filter(choice__isnull=False).count() == 1


def test_every_page_of_the_check_is_accessible(open_at: Open, make_study: MakeStudy) -> None:
    study = make_study(screening="required", screening_kind="huggins")
    page = to_check(open_at(f"/s/{study.code}/", bypass_csp=True))
    page.set_viewport_size({"width": 320, "height": 700})
    found = violations(page)
    widths = [page.evaluate("document.documentElement.scrollWidth")]
    page.get_by_text("I can’t do this check").click()
    found += violations(page)
    widths.append(page.evaluate("document.documentElement.scrollWidth"))
    page.get_by_role("button", name="Begin the check").click()
    page.get_by_role("heading", name="Sound 1 of 6").wait_for()
    found += violations(page)
    widths.append(page.evaluate("document.documentElement.scrollWidth"))
    take(page, right=0)
    page.get_by_role("button", name="Try once more").click()
    take(page, right=0, attempt=2)
    page.get_by_role("heading", name="Thank you for coming").wait_for()
    found += violations(page)
    widths.append(page.evaluate("document.documentElement.scrollWidth"))
    assert (found, widths) == ([], [320] * 4)
