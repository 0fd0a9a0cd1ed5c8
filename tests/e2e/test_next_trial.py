"""The next trial stands there at once, on a slow network too, and never with a picture of another."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from PIL import Image
from playwright.sync_api import Route, expect

from study.models import Session, Study
from tests.e2e.conftest import Open, answers, at_trial, choose, start

if TYPE_CHECKING:
    from collections.abc import Callable

# Chromium's own "Slow 3G": 400 kbit/s, two seconds for each round trip.
SLOW_3G = {"offline": False, "latency": 2000, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
# Presses "Save and go on" and resolves with the milliseconds until the next trial can be seen and heard.
ANSWER = """number => new Promise(done => {
    const began = performance.now();
    document.querySelector("[data-option] input").checked = true;
    document.querySelector("#trial-form .onward").click();
    const look = () => {
        const images = [...document.querySelectorAll("[data-option] img")];
        const seen = images.every(img => img.src.startsWith("blob:") && img.complete && img.naturalWidth);
        const named = document.querySelector("h1").textContent.startsWith(`Trial ${number} `);
        if (seen && named) done(performance.now() - began);
        else requestAnimationFrame(look);
    };
    look();
})"""
SHOWN = "[...document.querySelectorAll('[data-option] img')].map(i => i.getAttribute('src') && i.dataset.url)"


@pytest.fixture
def heavy_study(study: Study) -> Study:
    """A study whose clips and pictures weigh what real ones do: eight seconds of sound, 20 kB a picture."""
    generator = np.random.default_rng(0)
    sound, picture = io.BytesIO(), io.BytesIO()
    soundfile.write(sound, generator.uniform(-0.3, 0.3, 8 * 44_100), 44_100, format="MP3")
    pixels = generator.integers(0, 255, (84, 84, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(picture, "PNG")
    assert study.stimuli is not None
    for stimulus in study.stimuli.items.all():
        Path(stimulus.clip.path).write_bytes(sound.getvalue())
        Path(stimulus.image.path).write_bytes(picture.getvalue())
    assert len(sound.getvalue()) > 60_000
    return study


def test_on_slow_3g_the_next_trial_takes_no_round_trip(
    open_at: Open, heavy_study: Study, record_property: Callable[[str, object], None]
) -> None:
    page = start(open_at, heavy_study)
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW_3G)
    page.reload()
    at_trial(page, 1)
    waits = []
    for number in (2, 3, 4):
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(9000)  # as long as a clip sounds: nobody answers sooner
        waits.append(round(page.evaluate(ANSWER, number)))
        at_trial(page, number)
    record_property("milliseconds to the next trial", waits)
    print("milliseconds to the next trial on slow 3G:", waits)
    assert max(waits) < SLOW_3G["latency"] / 2
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")
    assert answers(Session.objects.get()) == [(position, 0) for position in (1, 2, 3)]


def test_a_late_picture_is_never_shown_with_another_trial(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    second, third = Session.objects.get().presentations.filter(position__in=(2, 3)).order_by("position")
    held: list[Route] = []
    page.route(f"**/media/p{second.token}.0", lambda route: held.append(route))
    page.reload()
    at_trial(page, 1)
    page.wait_for_load_state()
    choose(page)
    at_trial(page, 2)
    shown = page.evaluate(SHOWN)
    assert shown[0] is None  # not yet there: nothing stands in its place
    choose(page)
    at_trial(page, 3)
    while held:
        held.pop().fallback()
    expect(page.locator("[data-option] img[data-state=loading]")).to_have_count(0)
    page.wait_for_timeout(300)
    assert page.evaluate(SHOWN) == [f"/media/p{third.token}.{place}" for place in range(3)]
    blobs = page.evaluate("[...document.querySelectorAll('[data-option] img')].map(img => img.currentSrc)")
    assert len(set(blobs)) == 3


def test_a_picture_that_does_not_load_is_said_with_a_way_to_try_again(open_at: Open, study: Study) -> None:
    page = start(open_at, study)
    second = Session.objects.get().presentations.get(position=2)
    address = f"**/media/p{second.token}.1"
    page.route(address, lambda route: route.fulfill(status=404))
    page.reload()
    at_trial(page, 1)
    choose(page)
    at_trial(page, 2)
    problem = page.get_by_role("alert").filter(has_text="A picture did not load")
    expect(problem).to_be_visible()
    page.unroute(address)
    problem.get_by_role("button", name="Try again").click()
    expect(problem).to_be_hidden()
    expect(page.locator("[data-option] img[src^='blob:']")).to_have_count(3)


def test_a_choice_made_while_the_script_is_on_its_way_is_kept(open_at: Open, study: Study) -> None:
    held: list[Route] = []
    page = open_at(f"/s/{study.code}/")
    page.route("**/js/outbox*.js", lambda route: held.append(route))
    page.get_by_label("I have read this").check()
    for name in ("Begin", "I hear it", "To the examples", "Start the test"):
        page.get_by_role("button", name=name).click()
    at_trial(page, 1)
    page.get_by_role("radio").nth(1).check()
    held.pop().continue_()
    expect(page.get_by_text("All answers saved")).to_be_visible()
    with page.expect_response("**/answers"):
        page.get_by_role("button", name="Save and go on").click()
    at_trial(page, 2)
    assert answers(Session.objects.get()) == [(1, 1)]
