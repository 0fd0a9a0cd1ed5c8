"""Coming back in a real browser: reload, Back, another device, a lost cookie, the end of the time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from study.models import Session, Study
from tests.e2e.conftest import Open, answers, at_trial, choose, start
from tests.world import MakeStudy

HOUR = timedelta(hours=1)


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def settled(page: Page) -> None:
    """Wait until every answer of the page is on the server."""
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")
    page.wait_for_load_state("networkidle")


def ends_in(left: timedelta) -> datetime:
    """Let every visit's time end so far from now; negative: it has ended."""
    Session.objects.update(expires_at=timezone.now() + left)
    return timezone.now()


def personal_link(page: Page) -> str:
    page.get_by_text("Go on later, or on another device").click()
    return page.get_by_label("Your personal link").input_value()


def test_reload_and_back_at_every_step_lead_to_the_same_step(open_at: Open, study: Study) -> None:
    page = open_at(f"/s/{study.code}/")
    page.get_by_label("I have read this").check()
    moved = []
    for button in ("Begin", "I hear it", "To the examples", "Start the test"):
        before = heading(page)
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("heading", level=1)).not_to_have_text(before)
        step = heading(page)
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text(step)
        page.go_back()
        page.wait_for_load_state()
        if page.url.endswith(f"/s/{study.code}/"):  # the start says that a visit has begun
            page.get_by_role("link", name="Go on where you stopped").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(step)
        moved.append(step)
    assert len(set(moved)) == 4
    for number in range(1, 7):
        at_trial(page, number)
        choose(page, 1)
        if number < 6:
            settled(page)
            page.reload()
    page.wait_for_url("**/thanks/")
    page.reload()
    expect(page.get_by_text("of 6 right")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("of 6 right")).to_be_visible()
    assert answers(Session.objects.get()) == [(position, 1) for position in range(1, 7)]


def test_the_personal_link_leads_another_device_to_the_same_trial(open_at: Open, study: Study) -> None:
    phone = start(open_at, study)
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    choose(phone, 1)
    at_trial(phone, 2)
    settled(phone)
    link = personal_link(phone)
    phone.get_by_role("button", name="Copy").click()
    expect(phone.get_by_role("button", name="Copied")).to_be_visible()
    assert phone.evaluate("navigator.clipboard.readText()") == link
    before = Session.objects.values().get()

    laptop = open_at("/")
    asked: list[str] = []
    laptop.on("request", lambda request: asked.append(f"{request.url} {request.headers.get('referer', '')}"))
    laptop.goto(link)
    code = link.partition("#")[2]
    expect(laptop.get_by_label("Your personal code")).to_have_value(code)
    assert laptop.url == link.partition("#")[0]
    assert Session.objects.values().get() == before  # opened, as a preview opens it: nothing has happened
    assert [name["name"] for name in laptop.context.cookies() if name["name"].startswith("earsight")] == []
    laptop.get_by_role("button", name="Go on").click()
    at_trial(laptop, 2)
    laptop.get_by_role("button", name="Play the music").click()
    assert [line for line in asked if code in line or code.replace("-", "") in line] == []
    media = "[...document.querySelectorAll('[data-option] img')].map(each => each.dataset.url)"
    assert laptop.evaluate(media) == phone.evaluate(media)
    choose(laptop, 2)
    at_trial(laptop, 3)
    settled(laptop)
    phone.reload()
    at_trial(phone, 3)
    assert answers(Session.objects.get()) == [(1, 1), (2, 2)]


def test_a_browser_that_forgot_goes_on_with_the_code(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    code = personal_link(page).partition("#")[2]
    page.context.clear_cookies()
    choose(page, 1)
    at_trial(page, 2)
    settled(page)  # the page itself still knows where answers go
    page.reload()
    page.get_by_role("link", name="Go on with your personal link").click()
    page.get_by_label("Your personal code").fill("wrong")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert").filter(has_text="No visit to this test has this code")).to_be_visible()
    page.get_by_label("Your personal code").fill(code.upper())
    page.get_by_role("button", name="Go on").click()
    for number in range(2, 7):
        at_trial(page, number)
        page.context.clear_cookies()
        choose(page, 1)
    page.wait_for_url("**/resume/")  # every answer is in, and the page knows whose they are
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Show my score").click()
    expect(page.get_by_text("of 6 right")).to_be_visible()
    assert answers(Session.objects.get()) == [(position, 1) for position in range(1, 7)]


def test_a_tab_that_is_behind_follows_to_the_score(open_at: Open, study: Study) -> None:
    first = start(open_at, study)
    first.context.add_init_script("delete window.BroadcastChannel")
    second = first.context.new_page()
    second.goto(f"/s/{study.code}/trials/1/")
    at_trial(second, 1)
    for number in range(1, 7):
        at_trial(first, number)
        choose(first, 0)
    first.wait_for_url("**/thanks/")
    choose(second, 2)
    expect(second.get_by_text("of 6 right")).to_be_visible()
    assert answers(Session.objects.get()) == [(position, 0) for position in range(1, 7)]


def test_the_end_of_the_time_is_warned_of_and_put_off_in_place(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    page.clock.install()
    ends_in(timedelta(minutes=12))
    page.reload()
    at_trial(page, 1)
    warning = page.get_by_role("alert").filter(has_text="The time for this visit ends at")
    expect(warning).to_be_hidden()
    page.get_by_role("radio").nth(2).check()
    ends_in(timedelta(minutes=9))
    page.clock.fast_forward("03:00")
    expect(warning).to_be_visible()
    page.get_by_role("button", name="I need more time").click()
    expect(page.get_by_text("You have more time now")).to_be_visible()
    expect(page.locator("#deadline")).to_be_focused()
    expect(page.get_by_role("radio").nth(2)).to_be_checked()
    session = Session.objects.get()
    assert session.expires_at is not None
    assert session.extensions == 1
    assert session.expires_at > timezone.now() + 23 * HOUR


def test_without_a_connection_more_time_is_asked_for_again_later(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    ends_in(timedelta(minutes=5))
    page.reload()
    at_trial(page, 1)
    page.get_by_role("radio").nth(2).check()
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    page.get_by_role("button", name="I need more time").click()
    expect(page.get_by_role("alert").filter(has_text="you have no more time yet")).to_be_visible()
    expect(page.get_by_role("radio").nth(2)).to_be_checked()
    page.context.set_offline(False)
    page.get_by_role("button", name="I need more time").click()
    expect(page.get_by_text("You have more time now")).to_be_visible()
    assert Session.objects.get().extensions == 1


def test_a_broken_code_in_the_address_breaks_no_page(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    page.goto(f"/s/{study.code}/resume/#%")
    expect(page.get_by_label("Your personal code")).to_have_value("%")
    page.goto(f"/s/{study.code}/trials/1/#%")
    choose(page, 1)
    at_trial(page, 2)
    assert page.url.endswith("/trials/1/#%")  # the script led on: no page was loaded
    ends_in(-HOUR)
    page.goto(f"/s/{study.code}/expired/#%")
    expect(page.get_by_role("heading", name="The time for this visit is over")).to_be_focused()


def test_after_the_end_of_its_time_a_visit_says_what_is_saved(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    choose(page, 1)
    at_trial(page, 2)
    settled(page)
    ends_in(-HOUR)
    choose(page, 2)
    expect(page.get_by_role("heading", name="The time for this visit is over")).to_be_visible()
    expect(page.get_by_text("1 of your 6 answers are saved")).to_be_visible()
    assert answers(Session.objects.get()) == [(1, 1)]
    page.get_by_role("link", name="To the start of this test").click()
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/sound/")
    assert Session.objects.count() == 2


def test_answers_given_in_time_arrive_after_the_end(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    page.clock.install(time=timezone.now() - 5 * HOUR)
    page.reload()
    at_trial(page, 1)
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    choose(page, 2)
    at_trial(page, 2)
    page.clock.set_system_time(ends_in(-2 * HOUR))
    page.context.set_offline(False)
    page.goto(f"/s/{study.code}/trials/2/")
    expect(page.get_by_role("heading", name="The time for this visit is over")).to_be_visible()
    expect(page.get_by_text("1 of your 6 answers are saved")).to_be_visible()
    assert answers(Session.objects.get()) == [(1, 2)]


def test_the_rest_half_way_needs_no_connection(open_at: Open, make_study: MakeStudy) -> None:
    page = start(open_at, make_study(rest_half_way=True))
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    for number in (1, 2, 3):
        at_trial(page, number)
        choose(page, 1)
    expect(page.get_by_role("heading", name="Half way: take a rest")).to_be_focused()
    page.get_by_role("button", name="Go on").click()
    at_trial(page, 4)
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.context.set_offline(False)
    settled(page)
    page.reload()  # the server has not heard of the rest, and offers it once more
    page.get_by_role("button", name="Go on").click()
    at_trial(page, 4)
    assert answers(Session.objects.get()) == [(1, 1), (2, 1), (3, 1)]
