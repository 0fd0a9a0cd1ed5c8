"""What has to be heard, in a real browser: minimum listens, failing clips, lost connections, no script."""

import io
from collections.abc import Callable

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, Request, Route, expect

from study.models import Session, Study
from tests.e2e.conftest import Open, answers, at_trial, choose, start, to_first_trial
from tests.world import MakeStudy

LISTEN = "Listen to the whole piece of music first, then choose."
CLIPS = "**/media/p*.s"


@pytest.fixture
def study(make_study: MakeStudy) -> Study:
    """A study as it is made by default: a clip must have been heard once."""
    return make_study(minimum_listens=1)


def hear(page: Page, times: str = "once") -> None:
    """Play the clip to its end."""
    page.get_by_role("button", name="Play the music").click()
    expect(page.get_by_text(f"Finished, played {times}")).to_be_visible()


def kinds(position: int = 1) -> list[str]:
    """What the server's log says of a trial, but for what is shown and hidden."""
    rows = Session.objects.get().events.filter(presentation__position=position).exclude(kind="shown")
    return list(rows.order_by("client_ms", "pk").values_list("kind", flat=True))


def eventually(page: Page, say: Callable[[], object], expected: object) -> None:
    """Wait until the server says what is expected."""
    for _ in range(60):
        if say() == expected:
            return
        page.wait_for_timeout(250)
    assert say() == expected


def test_an_answer_without_listening_stays_on_the_page_which_says_why(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    expect(page.get_by_text(LISTEN)).to_have_count(2)  # the hint, and the error that is hidden still
    choose(page, 1)
    error = page.get_by_role("alert").filter(has_text=LISTEN)
    expect(error).to_be_focused()
    assert page.title() == "Error: Trial 1 of 6 – Digits"
    error.get_by_role("link").click()
    expect(page.get_by_role("button", name="Play the music")).to_be_focused()
    hear(page)
    expect(error).to_be_hidden()
    assert page.title() == "Trial 1 of 6 – Digits"
    expect(page.get_by_role("radio").nth(1)).to_be_checked()
    page.get_by_role("button", name="Save and go on").click()
    at_trial(page, 2)
    eventually(page, lambda: answers(Session.objects.get()), [(1, 1)])
    assert kinds() == ["play", "ended"]


def test_a_listen_before_a_reload_counts(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    hear(page)
    eventually(page, kinds, ["play", "ended"])
    page.reload()
    choose(page)
    at_trial(page, 2)


def test_listens_without_a_connection_travel_with_the_answers(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    for number in (1, 2):
        at_trial(page, number)
        hear(page)
        choose(page, number)
    at_trial(page, 3)
    page.context.set_offline(False)
    expect(page.get_by_text("All answers saved")).to_be_visible()
    assert answers(Session.objects.get()) == [(1, 1), (2, 2)]
    assert [kinds(1).count("ended"), kinds(2).count("ended")] == [1, 1]


def test_a_log_that_never_arrives_costs_no_answer(open_at: Open, study: Study) -> None:
    """The log is refused on its own road: the answer carries it."""
    page = open_at(f"/s/{study.code}/")
    page.route(
        "**/events", lambda route: route.fulfill(status=400, json={"error": "Malformed", "detail": ""})
    )
    to_first_trial(page)
    hear(page)
    choose(page, 1)
    at_trial(page, 2)
    eventually(page, lambda: answers(Session.objects.get()), [(1, 1)])
    assert kinds() == ["play", "ended"]


def test_an_answer_that_the_server_finds_unheard_is_asked_for_again(open_at: Open, study: Study) -> None:
    page = open_at(f"/s/{study.code}/")
    refusals = [{"error": "NotHeard", "detail": LISTEN}]

    def refuse(route: Route) -> None:
        if refusals:
            route.fulfill(status=409, json=refusals.pop())
        else:
            route.fallback()

    page.route("**/answers", refuse)
    to_first_trial(page)
    hear(page)
    choose(page, 1)
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)  # the trial again, as at first
    at_trial(page, 1)
    hear(page)
    choose(page, 2)
    at_trial(page, 2)
    eventually(page, lambda: answers(Session.objects.get()), [(1, 2)])


def test_a_clip_that_is_gone_is_said_logged_and_let_pass(open_at: Open, study: Study) -> None:
    page = open_at(f"/s/{study.code}/")
    asked: list[str] = []

    def missing(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=404, body="gone")

    page.route(CLIPS, missing)
    to_first_trial(page)
    page.get_by_role("button", name="Play the music").click()
    expect(page.get_by_role("alert").filter(has_text="choose as well as you can")).to_be_visible()
    assert len([url for url in asked if url == asked[0]]) >= 3  # asked for again before giving up
    choose(page, 2)
    at_trial(page, 2)
    eventually(page, lambda: answers(Session.objects.get()), [(1, 2)])
    eventually(page, kinds, ["error"])


def test_a_clip_that_fails_at_first_is_fetched_again_without_a_word(open_at: Open, study: Study) -> None:
    page = open_at(f"/s/{study.code}/")
    failed: set[str] = set()

    def stumbles(route: Route) -> None:
        if route.request.url in failed:
            route.fallback()
        else:
            failed.add(route.request.url)
            route.fulfill(status=503, body="later")

    page.route(CLIPS, stumbles)
    to_first_trial(page)
    hear(page)
    expect(page.get_by_text("This clip did not load.")).to_be_hidden()
    eventually(page, kinds, ["play", "ended"])


def test_a_page_in_place_of_a_clip_is_no_sound(open_at: Open, study: Study) -> None:
    """A train's network answers all with its sign-in page: that is told, and tried again when asked."""
    page = open_at(f"/s/{study.code}/")
    signed_in = False

    def captive(route: Route) -> None:
        if signed_in:
            route.fallback()
        else:
            route.fulfill(status=200, content_type="text/html", body="<h1>Sign in</h1>")

    page.route(CLIPS, captive)
    to_first_trial(page)
    page.get_by_role("button", name="Play the music").click()
    expect(page.get_by_text("This clip did not load.")).to_be_visible()
    signed_in = True
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Finished, played once")).to_be_visible()


def long_clips(page: Page) -> None:
    """Let every clip be a minute of silence, which outlasts a busy machine."""
    file = io.BytesIO()
    soundfile.write(file, np.zeros(60 * 8000), 8000, format="WAV")
    wave = file.getvalue()
    page.route(CLIPS, lambda route: route.fulfill(status=200, content_type="audio/wav", body=wave))


def test_jumping_to_the_end_is_no_listen(open_at: Open, study: Study) -> None:
    page = open_at(f"/s/{study.code}/")
    long_clips(page)
    to_first_trial(page)
    page.wait_for_load_state("networkidle")  # the clip is here whole: in a part of it nobody can jump
    page.get_by_role("button", name="Play the music").click()
    page.get_by_role("button", name="Pause the music").wait_for()
    page.evaluate("document.querySelector('#player audio').currentTime = 59.8")  # as a media key may do
    expect(page.get_by_text("Paused")).to_be_visible()
    choose(page)
    expect(page.get_by_role("alert").filter(has_text=LISTEN)).to_be_focused()
    assert "ended" not in kinds()


def test_what_was_heard_when_the_page_is_left_is_logged(open_at: Open, study: Study) -> None:
    page = open_at(f"/s/{study.code}/")
    long_clips(page)
    to_first_trial(page)
    page.get_by_role("button", name="Play the music").click()
    page.get_by_role("button", name="Pause the music").wait_for()
    page.wait_for_timeout(1200)
    page.goto(f"/s/{study.code}/")
    eventually(page, lambda: kinds()[:2], ["play", "pause"])
    heard = Session.objects.get().events.get(kind="pause").seconds
    assert heard is not None
    assert 0.5 < heard < 60


def test_a_clip_in_one_tab_stops_the_clip_in_the_other(open_at: Open, study: Study) -> None:
    first = open_at(f"/s/{study.code}/")
    long_clips(first)
    to_first_trial(first)
    second = first.context.new_page()
    long_clips(second)
    second.goto(f"/s/{study.code}/trials/1/")
    first.get_by_role("button", name="Play the music").click()
    first.get_by_role("button", name="Pause the music").wait_for()
    second.get_by_role("button", name="Play the music").click()
    expect(first.get_by_text("Paused")).to_be_visible()
    expect(second.get_by_text("Playing")).to_be_visible()


def test_fetching_in_advance_asks_no_address_that_counts_as_listening(open_at: Open, study: Study) -> None:
    asked: list[str] = []
    page = open_at("/")
    page.on("request", lambda request: _note(asked, request))
    page.goto(f"/s/{study.code}/")
    to_first_trial(page)
    hear(page)
    page.wait_for_load_state("networkidle")
    assert len({url for url in asked if url.endswith(".s")}) >= 2  # of this trial and of the next
    assert [url for url in asked if url.endswith(".h")] == []
    assert not Session.objects.get().events.filter(kind="fetched").exists()


def _note(asked: list[str], request: Request) -> None:
    if "/media/p" in request.url:
        asked.append(request.url)


def test_without_script_pressing_play_is_enough(open_at: Open, study: Study) -> None:
    page = start(open_at, study, java_script_enabled=False)
    choose(page, 1)
    expect(page.get_by_role("alert").filter(has_text=LISTEN)).to_be_visible()
    expect(page.get_by_role("radio").nth(1)).to_be_checked()
    assert answers(Session.objects.get()) == []
    for number in range(1, 7):
        at_trial(page, number)
        audio = page.locator("audio[controls]")
        with page.expect_response("**/media/p*.h"):
            audio.focus()
            page.keyboard.press("Space")
        choose(page, 1)
    page.get_by_role("button", name="Show my score").click()
    expect(page.get_by_text("of 6 right")).to_be_visible()
    assert answers(Session.objects.get()) == [(position, 1) for position in range(1, 7)]
    assert kinds() == ["fetched"]
