"""Sound in a real browser: one clip at a time, nothing unasked, and a way on when a clip fails."""

from playwright.sync_api import Route, expect

from study.models import Event, Study
from tests.e2e.conftest import Open, at_trial, choose, start, to_first_trial


def test_a_clip_that_fails_is_said_in_words_with_a_way_on(open_at: Open, study: Study) -> None:
    page = open_at(f"/s/{study.code}/")
    broken = True

    def sound(route: Route) -> None:
        if broken:
            route.abort()
        else:
            route.fallback()

    page.route("**/media/p*.s", sound)
    to_first_trial(page)
    page.get_by_role("button", name="Play the music").click()
    expect(page.get_by_text("This clip did not load.")).to_be_visible()
    broken = False
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Finished, played once")).to_be_visible()
    expect(page.get_by_text("This clip did not load.")).to_be_hidden()
    choose(page)
    at_trial(page, 2)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(4500)  # the page sends its log every four seconds
    kinds = list(Event.objects.filter(presentation__position=1).values_list("kind", flat=True))
    assert kinds.count("error") == 1
    assert kinds.count("ended") == 1


def test_a_double_click_before_the_clip_is_there_pauses_it(open_at: Open, study: Study) -> None:
    page = open_at(f"/s/{study.code}/")
    held: list[Route] = []
    is_slow = True

    def sound(route: Route) -> None:
        if is_slow:
            held.append(route)
        else:
            route.fallback()

    page.route("**/media/p*.s", sound)
    to_first_trial(page)
    page.get_by_role("button", name="Play the music").dblclick()
    player = page.locator("[data-player]")
    expect(player).to_have_attribute("data-state", "paused")
    expect(player.get_by_text("Paused")).to_be_visible()
    is_slow = False
    while held:
        held.pop().fallback()
    page.wait_for_timeout(500)
    expect(player).to_have_attribute("data-state", "paused")  # nor does it begin by itself when it is here
    page.get_by_role("button", name="Play the music").click()
    expect(page.get_by_text("Finished, played once")).to_be_visible()


def test_only_one_clip_sounds_at_a_time(open_at: Open, study: Study) -> None:
    page = open_at(f"/s/{study.code}/")
    page.add_init_script(
        "window.sounding = () => [...document.querySelectorAll('audio')].filter(a => !a.paused).length"
    )
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="I hear it").click()
    page.get_by_role("button", name="To the examples").click()
    most = 0
    for name in ("A1", "A2", "B1", "C2"):
        page.get_by_role("button", name=f"Example {name}").click()
        most = max(most, page.evaluate("window.sounding()"))
    assert most == 1


def test_play_all_plays_every_example_in_class_order(open_at: Open, study: Study) -> None:
    page = open_at(f"/s/{study.code}/")
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="I hear it").click()
    page.get_by_role("button", name="To the examples").click()
    page.evaluate(
        "window.heard = []; document.querySelectorAll('[data-player]').forEach(player =>"
        " player.querySelector('audio').addEventListener('ended', () => {"
        " document.body.dataset.heard = window.heard.push(player.dataset.label); }))"
    )
    page.get_by_role("button", name="Play all 6 in turn").click()
    expect(page.locator("body")).to_have_attribute("data-heard", "6")
    assert page.evaluate("window.heard") == [f"Example {letter}{n}" for letter in "ABC" for n in (1, 2)]
    expect(page.get_by_role("button", name="Play all 6 in turn")).to_be_visible()


def test_nothing_sounds_before_it_is_pressed(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("[...document.querySelectorAll('audio')].every(a => a.paused && !a.autoplay)")
