"""Answers on their way in a real browser: what is kept, what is sent again, and what is believed."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from study.models import Response, Session, Study
from tests.e2e.conftest import Open, answers, at_trial, choose, start, to_first_trial

ANSWERS = "**/api/v1/sessions/*/answers"
# What lies in the browser's database, whatever visit it belongs to.
KEPT = """() => new Promise((done, refuse) => {
    const asked = indexedDB.open("earsight");
    asked.onerror = () => refuse(asked.error);
    asked.onsuccess = () => {
        const found = asked.result.transaction("answers").objectStore("answers").getAll();
        found.onsuccess = () => done(found.result);
    };
})"""
NO_DATABASE = "indexedDB.open = () => { throw new DOMException('refused', 'SecurityError'); };"
SILENT_DATABASE = "indexedDB.open = () => ({});"
DEAF = "delete window.BroadcastChannel;"
NO_STORAGE = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"


def kept(page: Page) -> list[tuple[str, int]]:
    """The answers in the browser's database: (presentation, choice)."""
    rows: list[dict[str, Any]] = page.evaluate(KEPT)
    return [(row["presentation"], row["choice"]) for row in rows]


def in_state(page: Page, name: str) -> None:
    """Wait until the page says this of its answers."""
    expect(page.locator("#save-state")).to_have_attribute("data-state", name)


def tokens(session: Session) -> list[str]:
    return [row.token for row in session.presentations.order_by("position")]


def test_an_answer_is_on_the_disk_before_it_is_sent(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    sent: list[dict[str, Any]] = []

    def look(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or ""))
        route.abort()

    page.route(ANSWERS, look)
    choose(page, 2)
    expect(page.get_by_text("Offline: 1 answer kept on this device")).to_be_visible()
    assert kept(page) == [(tokens(Session.objects.get())[0], 2)]
    page.unroute(ANSWERS)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("All answers saved")).to_be_visible()
    assert kept(page) == []
    assert [Response.objects.get().client_id] == [answer["client_id"] for answer in sent[:1]]


def test_a_lost_receipt_is_asked_for_again_and_counts_once(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    ids: list[str] = []

    def lose(route: Route) -> None:
        ids.append(json.loads(route.request.post_data or "")["client_id"])
        if len(ids) > 1:
            route.fallback()
            return
        route.fetch()  # the server has it, the browser never hears
        route.abort()

    page.route(ANSWERS, lose)
    choose(page, 1)
    at_trial(page, 2)
    in_state(page, "offline")
    expect(page.get_by_text("All answers saved")).to_be_visible()
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert answers(Session.objects.get()) == [(1, 1)]


def test_the_sign_in_page_of_a_trains_network_is_not_taken_for_a_receipt(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    page.route(
        ANSWERS, lambda route: route.fulfill(status=200, content_type="text/html", body="<h1>Hello</h1>")
    )
    choose(page, 1)
    expect(page.get_by_text("Offline: 1 answer kept on this device")).to_be_visible()
    page.unroute(ANSWERS)
    page.route(ANSWERS, lambda route: route.fulfill(status=404, content_type="text/html", body="no"))
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(300)
    expect(page.get_by_role("button", name="Save and go on")).to_be_visible()
    page.unroute(ANSWERS)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("All answers saved")).to_be_visible()
    assert answers(Session.objects.get()) == [(1, 1)]


def test_a_server_in_trouble_is_asked_again_after_a_pause(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    tried: list[float] = []

    def fail(route: Route) -> None:
        tried.append(time.monotonic())
        if len(tried) < 4:
            route.fulfill(status=503, content_type="text/html", body="busy")
        else:
            route.fallback()

    page.route(ANSWERS, fail)
    choose(page, 1)
    in_state(page, "offline")
    expect(page.get_by_text("All answers saved")).to_be_visible()
    pauses = [after - before for before, after in pairwise(tried)]
    assert len(pauses) == 3
    assert pauses[0] >= 1  # 2 s after the first failure, less up to half
    assert pauses[2] >= 4
    assert answers(Session.objects.get()) == [(1, 1)]


def test_without_a_database_answers_are_kept_all_the_same(open_at: Open, study: Study) -> None:
    page = open_at("/")
    page.context.add_init_script(NO_DATABASE)
    _offline_answer_survives_a_new_page(page, study)


def test_a_database_that_never_answers_is_not_waited_for(open_at: Open, study: Study) -> None:
    page = open_at("/")
    page.context.add_init_script(SILENT_DATABASE)
    _offline_answer_survives_a_new_page(page, study)


def _offline_answer_survives_a_new_page(page: Page, study: Study) -> None:
    page.goto(f"/s/{study.code}/")
    to_first_trial(page)
    expect(page.get_by_role("button", name="Play the music")).to_be_visible()
    page.route(ANSWERS, lambda route: route.abort())
    page.wait_for_timeout(3500)  # until the page has given the database up
    choose(page, 2)
    expect(page.get_by_text("Offline: 1 answer kept on this device")).to_be_visible()
    page.unroute(ANSWERS)
    page.reload()
    expect(page.get_by_text("All answers saved")).to_be_visible()
    assert answers(Session.objects.get()) == [(1, 2)]
    assert page.evaluate("Object.keys(localStorage).filter(key => key.includes('outbox'))") == []


def with_an_unkept_answer(open_at: Open, study: Study) -> Page:
    """A browser that keeps nothing, with an answer that the server does not get."""
    page = open_at("/")
    page.context.add_init_script(NO_DATABASE + NO_STORAGE)
    page.goto(f"/s/{study.code}/")
    to_first_trial(page)
    page.route(ANSWERS, lambda route: route.abort())
    choose(page, 1)
    return page


def test_a_browser_that_keeps_nothing_says_so_and_asks_before_it_closes(open_at: Open, study: Study) -> None:
    page = with_an_unkept_answer(open_at, study)
    expect(page.get_by_text("Your browser cannot keep answers: leave this page open")).to_be_visible()
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.close(run_before_unload=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    page.unroute(ANSWERS)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("All answers saved")).to_be_visible()
    assert answers(Session.objects.get()) == [(1, 1)]


def test_back_from_another_page_nothing_unkept_is_reloaded_away(open_at: Open, study: Study) -> None:
    page = with_an_unkept_answer(open_at, study)
    in_state(page, "unkept")
    page.evaluate("window.same = true; dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    page.wait_for_timeout(500)
    assert page.evaluate("window.same")
    at_trial(page, 2)
    page.unroute(ANSWERS)
    with page.expect_navigation():  # sent, and then loaded anew
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    at_trial(page, 2)
    assert answers(Session.objects.get()) == [(1, 1)]


@pytest.mark.parametrize("storage", ["", NO_DATABASE])
def test_the_first_answer_wins_in_tabs_that_do_not_hear_each_other(
    open_at: Open, study: Study, storage: str
) -> None:
    first = open_at("/")
    first.context.add_init_script(DEAF + storage)
    first.goto(f"/s/{study.code}/")
    to_first_trial(first)
    second = first.context.new_page()
    second.goto(f"/s/{study.code}/trials/1/")
    at_trial(second, 1)
    first.context.route(ANSWERS, lambda route: route.abort())
    choose(first, 2)
    in_state(first, "offline")
    choose(second, 0)
    in_state(second, "offline")
    first.close()
    first.context.unroute(ANSWERS)
    second.evaluate("dispatchEvent(new Event('online'))")
    expect(second.get_by_text("All answers saved")).to_be_visible()
    second.reload()
    at_trial(second, 2)
    expect(second.get_by_text("All answers saved")).to_be_visible()
    assert answers(Session.objects.get()) == [(1, 2)]


def test_the_earliest_of_two_kept_answers_is_sent(open_at: Open, study: Study) -> None:
    """One place refused the first answer and took the second: what is older counts, wherever it lies."""
    page = start(open_at, study)
    page.route(ANSWERS, lambda route: route.abort())
    choose(page, 2)
    in_state(page, "offline")
    page.evaluate(
        f"({KEPT})().then(([first]) => localStorage.setItem(`earsight-outbox-${{first.box}}`,"
        " JSON.stringify([{ ...first, choice: 0, client_id: 'another-answer', at: first.at + 5000 }])))"
    )
    page.unroute(ANSWERS)
    page.reload()
    at_trial(page, 2)
    expect(page.get_by_text("All answers saved")).to_be_visible()
    assert answers(Session.objects.get()) == [(1, 2)]
    assert page.evaluate("Object.keys(localStorage).filter(key => key.includes('outbox'))") == []


def test_nothing_is_called_saved_before_the_page_knows(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    choose(page, 1)
    at_trial(page, 2)
    expect(page.get_by_text("All answers saved")).to_be_visible()
    page.route(ANSWERS, lambda route: route.abort())
    choose(page, 1)
    in_state(page, "offline")
    held: list[Route] = []
    page.route("**/js/outbox*.js", lambda route: held.append(route))
    page.reload(wait_until="commit")
    expect(page.locator("#save-state")).to_have_text("Every answer is saved at once")
    while not held:
        page.wait_for_timeout(50)
    held.pop().continue_()
    expect(page.get_by_text("Offline: 1 answer kept on this device")).to_be_visible()


def test_a_full_disk_loses_no_answer_of_the_page(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    tools = page.context.new_cdp_session(page)
    origin = page.evaluate("location.origin")
    tools.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": 1})
    page.evaluate(
        "for (let size = 2 ** 22; size >= 1; size = Math.floor(size / 2)) {"
        " try { for (let n = 0; n < 4; n++) localStorage.setItem(`full-${size}-${n}`, 'x'.repeat(size)); }"
        " catch {} }"
    )
    page.route(ANSWERS, lambda route: route.abort())
    choose(page, 0)
    expect(page.get_by_text("Your browser cannot keep answers: leave this page open")).to_be_visible()
    choose(page, 1)
    at_trial(page, 3)
    page.unroute(ANSWERS)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("All answers saved")).to_be_visible()
    assert answers(Session.objects.get()) == [(1, 0), (2, 1)]


def test_an_answer_that_can_never_be_taken_stands_in_nobodys_way(open_at: Open, study: Study) -> None:
    page = start(open_at, study)

    def spoil(route: Route) -> None:
        told = json.loads(route.request.post_data or "")
        route.continue_(post_data=json.dumps(told | {"choice": 9}))

    page.route(ANSWERS, spoil)
    choose(page, 1)
    expect(page.get_by_role("heading", name="This answer could not be saved")).to_be_focused()
    in_state(page, "refused")
    page.unroute(ANSWERS)
    page.reload()
    at_trial(page, 1)
    choose(page, 1)
    at_trial(page, 2)
    expect(page.get_by_text("All answers saved")).to_be_visible()
    assert answers(Session.objects.get()) == [(1, 1)]
