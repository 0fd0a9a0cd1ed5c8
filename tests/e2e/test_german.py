"""A whole run in German in a real Chromium: no page has an English word of ours, seen or only read aloud."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page

from scripts import messages
from study.domain import questions, sessions, studies, texts
from study.models import Session, Study
from tests.e2e.conftest import Open
from tests.e2e.visitors import bring
from tests.world import MakeStudy, describe_all

WORD = re.compile(r"[^\W\d_]{2,}")
NOT_WORDS = re.compile(r"%\(\w+\)s|<[^>]*>")
# Words that are the same in both languages, and those of addresses.
OURS_IN_BOTH = {"earsight", "http", "https", "localhost", "resume"}
SAID = """() => {
  const said = [document.title];
  const aside = "script, style, input, [translate=no]";
  const foreign = (node) => node.closest("[lang]").lang !== "de" || node.closest(aside);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (!foreign(walker.currentNode.parentElement)) said.push(walker.currentNode.data);
  }
  for (const name of ["aria-label", "alt", "placeholder", "title", "data-label", "data-text"]) {
    for (const node of document.querySelectorAll(`[${name}]`)) {
      if (!foreign(node)) said.push(node.getAttribute(name));
    }
  }
  return said.join(" \\n ");
}"""
OWN = {
    "title": ("Digits", "Ziffern"), "welcome_text": ("Listen well.", "Hören Sie gut zu."),
    "consent_text": ("I agree.", "Ich bin einverstanden."), "thanks_text": ("Well done!", "Gut gemacht!"),
    "contact": ("listening@example.org", "hallo@institut.invalid"),
    "organiser": ("The Listening Lab", "Das Hörlabor"),
}  # fmt: skip
ASKED = {
    "How was it?": "Wie war es?", "Do you play music?": "Machen Sie Musik?", "yes": "ja", "no": "nein",
    "How sure?": "Wie sicher?", "not at all": "gar nicht", "quite": "ziemlich",
}  # fmt: skip


def words(text: str) -> set[str]:
    return {word.lower() for word in WORD.findall(NOT_WORDS.sub(" ", text))}


def english() -> set[str]:
    """Every word of our English sentences that stands in no German one."""
    catalog = messages.read("de")
    both = [(message.id, message.string) for message in catalog if message.id]
    ids, strings = zip(*both, strict=True)
    return words(_joined(ids)) - words(_joined(strings)) - OURS_IN_BOTH


def _joined(forms: object) -> str:
    return forms if isinstance(forms, str) else " ".join(map(_joined, forms))  # type: ignore[call-overload]


@pytest.fixture
def rich(make_study: MakeStudy, alice: User) -> Study:
    """A study with every step there is, whose own texts are in German too."""
    study = make_study(
        "built", practice=True, rest_half_way=True, screening="recorded", described_options=True,
        trial_count=4, retention_days=90, completion_code="GEHÖRT", broken_code="KAPUTT",
        **{name: own for name, (own, _) in OWN.items()},
    )  # fmt: skip
    describe_all(study, alice)
    study.refresh_from_db()
    for kind, prompt in (("text", "How was it?"), ("choice", "Do you play music?"), ("scale", "How sure?")):
        choices = {"choices": ["yes", "no"], "required": True} if kind == "choice" else {}
        labels = {"low_label": "not at all", "high_label": "quite"} if kind == "scale" else {}
        questions.add(study, {"kind": kind, "prompt": prompt} | choices | labels, by=alice)
    translated = {name: german for name, (_, german) in OWN.items()}
    translated |= {texts.name_of(text): german for text, german in ASKED.items()}
    for source in texts.sources(study):
        if source.hides_class:
            translated[source.name] = f"Helle Blöcke, Muster {source.label.split()[-1]}"
    texts.translate(study, "de", translated, by=alice)
    return studies.publish(study, by=alice)


Look = Callable[[str], None]


@pytest.fixture
def german(open_at: Open, rich: Study) -> tuple[Page, Look, dict[str, set[str]]]:
    """A German browser on the study's first page, how to look at a page, and what was found on each."""
    page = open_at(f"/s/{rich.code}/", locale="de-DE")
    unwanted, found = english(), dict[str, set[str]]()

    def look(name: str) -> None:
        page.locator("h1").first.wait_for()
        assert page.locator("html").get_attribute("lang") == "de"
        if left := words(page.evaluate(SAID)) & unwanted:
            found[name] = left

    return page, look, found


def onward(page: Page) -> None:
    page.locator("main .onward:visible").first.click()


def answer(page: Page) -> None:
    page.get_by_role("radio").first.check()
    onward(page)


def at_trial(page: Page, number: int) -> None:
    page.get_by_role("heading", name=f"Aufgabe {number} von 4").wait_for()


def to_the_trials(page: Page, look: Look) -> None:
    """From the welcome page to the first trial."""
    look("welcome")
    page.locator("#agree").check()
    onward(page)
    page.wait_for_url("**/sound/")
    look("sound")
    onward(page)
    page.wait_for_url("**/headphones/")
    look("headphones")
    page.locator("details.more summary").click()
    page.get_by_role("radio").last.check()
    page.locator("details.more button").click()
    page.wait_for_url("**/instructions/")
    look("instructions")
    onward(page)
    page.wait_for_url("**/examples/")
    look("examples")
    onward(page)
    page.wait_for_url("**/practice/")
    look("practice")
    page.get_by_role("radio").first.check()
    onward(page)
    look("practice, answered")
    onward(page)
    page.wait_for_url("**/trials/1/")


def through_the_trials(page: Page, look: Look) -> None:
    """From the first trial to the questions, a rest and a lost connection on the way."""
    look("trial")
    onward(page)
    page.locator("#choice-error:visible").wait_for()
    look("trial, nothing chosen")
    answer(page)
    at_trial(page, 2)
    answer(page)
    page.get_by_role("heading", name="Pause").wait_for()
    look("rest")
    onward(page)
    at_trial(page, 3)
    answer(page)
    at_trial(page, 4)
    page.context.set_offline(True)
    answer(page)
    page.get_by_text("Offline: 1 Antwort ist auf diesem Gerät aufgehoben").first.wait_for()
    look("offline")
    page.context.set_offline(False)
    page.wait_for_url("**/questions/")


def to_the_end(page: Page, look: Look) -> None:
    """From the questions to the thanks."""
    onward(page)
    page.locator("[data-problem-summary]").wait_for()
    look("questions")
    page.get_by_label("nein").check()
    onward(page)
    page.wait_for_url("**/finish/")
    look("finish")
    onward(page)
    page.wait_for_url("**/thanks/")
    look("thanks")


def test_a_whole_run_in_german_has_no_english_word(
    german: tuple[Page, Look, dict[str, set[str]]], rich: Study
) -> None:
    page, look, found = german
    to_the_trials(page, look)
    through_the_trials(page, look)
    to_the_end(page, look)
    session = Session.objects.get()
    assert (session.language, session.finished_at is not None) == ("de", True)
    for path in ("withdraw/", "", "broken/", "resume/", "nothing/"):
        page.goto(f"/s/{rich.code}/{path}")
        look(path or "welcome, finished")
    for path in ("/", "/nothing/", "/gallery/", "/hear/"):
        page.goto(path)
        look(path)
    assert found == {}


def test_the_language_is_changed_on_a_trial_without_losing_the_place(
    german: tuple[Page, Look, dict[str, set[str]]], rich: Study
) -> None:
    page, _, _ = german
    page.locator(".languages summary").click()
    page.get_by_role("button", name="English").click()
    page.get_by_label("I have read this").check()
    onward(page)
    page.get_by_role("heading", name="First, the sound").wait_for()
    page.locator(".languages summary").press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Zuerst der Ton").wait_for()
    assert page.url.endswith(f"/s/{rich.code}/sound/")


STEPS = (
    "sound",
    "headphones",
    "instructions",
    "examples",
    "practice",
    "trial",
    "rest",
    "questions",
    "thanks",
)


def test_no_language_makes_a_page_wider_than_a_small_phone(open_at: Open, rich: Study) -> None:
    page = open_at(f"/s/{rich.code}/")
    page.set_viewport_size({"width": 320, "height": 640})
    session = sessions.start(rich)
    page.context.add_cookies([{"name": f"earsight-{rich.code}", "value": session.token, "url": page.url}])
    too_wide = []
    for step in STEPS:
        bring(session, step)
        for language in messages.TRANSLATED:
            Session.objects.update(language=language)
            page.goto(f"/s/{rich.code}/finish/")
            page.locator("h1").first.wait_for()
            assert page.locator("html").get_attribute("lang") == language
            if page.evaluate("document.documentElement.scrollWidth") > 320:
                too_wide.append((step, language))
    assert too_wide == []
