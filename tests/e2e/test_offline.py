"""A reload without a connection, in a real browser: a page that waits, and goes on by itself."""

from __future__ import annotations

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from study.domain import studies, texts
from study.models import Session, Study
from tests.e2e.conftest import Open, answers, at_trial, becomes, choose, start
from tests.world import MakeStudy

STANDING_BY = """async () => {
    const found = await navigator.serviceWorker.getRegistration();
    if (!found?.active) return false;
    const kept = await caches.open(new URL(found.scope).pathname);
    return Boolean(await kept.match(`${found.scope}offline/`));
}"""
KEPT = """async () => {
    const names = await caches.keys();
    const all = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return all.flat().map((request) => new URL(request.url).pathname).sort();
}"""
IN_GERMAN = """async () => {
    const kept = await caches.match(new URL("../../offline/", location.href));
    return (await kept.text()).includes("Keine Verbindung");
}"""
WORKERS = "navigator.serviceWorker.getRegistrations().then(found => found.map(each => each.scope))"


def standing_by(page: Page) -> Page:
    """Wait until the page that a reload without a connection shows is kept."""
    becomes(page, STANDING_BY)
    return page


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def test_a_reload_without_a_connection_waits_and_goes_on_by_itself(open_at: Open, study: Study) -> None:
    page = standing_by(start(open_at, study, service_workers="allow"))
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    choose(page, 1)
    at_trial(page, 2)
    page.reload()
    heading(page, "No connection")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert page.get_by_role("link", name="Try again").bounding_box()["height"] >= 44  # type: ignore[index]
    page.get_by_role("link", name="Try again").click()
    heading(page, "No connection")
    assert page.url.endswith("/trials/1/")
    page.context.set_offline(False)
    at_trial(page, 2)
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")
    assert answers(Session.objects.get()) == [(1, 1)]


def test_what_is_kept_is_one_page_until_the_visit_ends(open_at: Open, study: Study) -> None:
    page = standing_by(start(open_at, study, service_workers="allow"))
    scope = f"/s/{study.code}/"
    assert page.evaluate(KEPT) == [
        f"{scope}offline/",
        "/static/study/css/base.css",
        "/static/study/css/volunteer.css",
        "/static/study/js/offline.js",
    ]
    assert [url.endswith(scope) for url in page.evaluate(WORKERS)] == [True]
    for number in range(1, 7):
        at_trial(page, number)
        choose(page)
    page.wait_for_url("**/thanks/")
    becomes(page, f"{WORKERS}.then(found => found.length === 0)")
    assert page.evaluate(KEPT) == []


def test_withdrawing_sends_the_worker_away(open_at: Open, study: Study) -> None:
    page = standing_by(start(open_at, study, service_workers="allow"))
    page.get_by_role("link", name="Withdraw and delete my answers").click()
    page.get_by_role("button", name="Delete my answers").click()
    heading(page, "Your answers are deleted")
    becomes(page, f"{WORKERS}.then(found => found.length === 0)")
    assert page.evaluate(KEPT) == []


def test_the_page_speaks_the_visits_language(open_at: Open, make_study: MakeStudy, alice: User) -> None:
    draft = make_study("built")
    texts.translate(draft, "de", {source.name: "Übersetzt" for source in texts.sources(draft)}, by=alice)
    study = studies.publish(draft, by=alice)
    page = standing_by(start(open_at, study, service_workers="allow"))
    page.locator("details.languages summary").click()
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Aufgabe 1 von 6")
    becomes(page, IN_GERMAN)
    page.context.set_offline(True)
    page.reload()
    heading(page, "Keine Verbindung")


def test_another_study_in_the_same_browser_keeps_its_own(
    open_at: Open, study: Study, make_study: MakeStudy
) -> None:
    page = standing_by(start(open_at, study, service_workers="allow"))
    other = make_study(title="Another")
    page.goto(f"/s/{other.code}/")
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/sound/")
    standing_by(page)
    assert len(page.evaluate(WORKERS)) == 2
    page.goto(f"/s/{study.code}/withdraw/")
    page.get_by_role("button", name="Delete my answers").click()
    becomes(page, f"{WORKERS}.then(found => found.length === 1)")
    assert page.evaluate(WORKERS)[0].endswith(f"/s/{other.code}/")
