"""The steps beside the trials in a real browser: practice, rest, questions, and taking it all back."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from study.domain import practice, questions, studies
from study.models import QuestionAnswer, Session, Study, Tombstone
from tests.e2e.conftest import Open, at_trial, becomes, choose, start
from tests.world import MakeStudy

KEPT = """() => new Promise((done) => {
    const asked = indexedDB.open("earsight", 1);
    asked.onsuccess = () => {
        const count = asked.result.transaction("answers").objectStore("answers").count();
        count.onsuccess = () => done(count.result);
    };
})"""


@pytest.fixture
def rich(make_study: MakeStudy, alice: User) -> Study:
    """A study with every step: practice, a rest, and questions of each kind."""
    draft = make_study(status="built", practice=True, rest_half_way=True)
    questions.add(draft, {"prompt": "Anything odd?"}, by=alice)
    choice = {"kind": "choice", "prompt": "Do you play?", "choices": ["Yes", "No"], "required": True}
    questions.add(draft, choice, by=alice)
    questions.add(draft, {"kind": "scale", "prompt": "How hard?", "low_label": "easy"}, by=alice)
    return studies.publish(draft, by=alice)


def to_practice(page: Page) -> None:
    page.get_by_label("I have read this").check()
    for name in ("Begin", "I hear it", "To the examples", "Try it once"):
        page.get_by_role("button", name=name).click()
    page.wait_for_url("**/practice/")


def test_the_whole_road_with_everything_switched_on(open_at: Open, rich: Study) -> None:
    page = open_at(f"/s/{rich.code}/")
    to_practice(page)
    page.get_by_role("button", name="Play the music").click()
    expect(page.get_by_text("Finished, played once")).to_be_visible()
    truth = practice.of_session(Session.objects.get()).truth
    page.get_by_role("radio").nth(truth).check()
    page.get_by_role("button", name="See whether it is right").click()
    expect(page.get_by_role("heading", name="Right! That is the picture")).to_be_focused()
    page.get_by_role("button", name="Start the test").click()
    for number in range(1, 7):
        if number == 4:
            page.get_by_role("button", name="Go on").click()
        at_trial(page, number)
        choose(page)
    page.wait_for_url("**/questions/")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("link", name="Do you play? – Please answer this question.").click()
    expect(page.get_by_role("radio", name="Yes")).to_be_focused()
    page.get_by_role("radio", name="No", exact=True).check()
    page.get_by_role("radio", name="1 easy").check()
    page.get_by_label("Anything odd?").fill("Nothing.")
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("button", name="Show my score").click()
    page.wait_for_url("**/thanks/")
    rows = QuestionAnswer.objects.order_by("question__place")
    assert list(rows.values_list("text", "number")) == [("Nothing.", None), ("", 1), ("", 1)]


def test_back_from_the_feedback_leads_to_the_feedback(open_at: Open, rich: Study) -> None:
    page = open_at(f"/s/{rich.code}/")
    to_practice(page)
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="See whether it is right").dblclick()
    page.get_by_role("button", name="Start the test").wait_for()
    page.go_back()
    page.get_by_role("button", name="Start the test").click()
    at_trial(page, 1)
    assert Session.objects.get().practice_choice == 0


def test_withdrawing_leaves_nothing_on_the_server_nor_on_the_device(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    page.route("**/api/**", lambda route: route.abort())
    choose(page)
    at_trial(page, 2)
    expect(page.get_by_text("1 answer kept on this device")).to_be_visible()
    tab = page.context.new_page()
    tab.goto(f"/s/{study.code}/withdraw/")
    assert tab.evaluate(KEPT) == 1
    tab.get_by_role("button", name="Delete my answers").click()
    expect(tab.get_by_role("heading", name="Your answers are deleted")).to_be_focused()
    becomes(tab, f"async () => (await ({KEPT})()) === 0")
    page.unroute("**/api/**")
    page.wait_for_url(f"**/s/{study.code}/")
    assert Session.objects.count() == 0
    assert list(Tombstone.objects.values_list("reason", "count")) == [("withdrawn", 1)]
