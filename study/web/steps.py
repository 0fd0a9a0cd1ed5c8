"""The pages beside the trials: instructions, the practice trial, the rest half way."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from study.domain import descriptions, listening, media, steps, texts
from study.domain import practice as practices
from study.models import Session
from study.web.trial_page import LETTERS
from study.web.visits import Visit, at_step, page_of, show_page

PLACE = re.compile(r"[0-9]{1,2}")  # of a picture on the screen
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True)
class PracticeOption:
    """A picture of the practice trial. The truth is told after the choice, not before."""

    letter: str
    image: str
    text: str  # its description, for those who take the test by them
    chosen: bool
    truth: bool


@get_or_post
@at_step("instructions")
def instructions(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Say how the test goes; a POST goes on to the examples."""
    if request.method == "POST":
        return redirect(page_of(steps.read_instructions(visit.session)))
    return show_page(request, visit, "instructions", minimum=listening.minimum_of(visit.session))


@get_or_post
@at_step("practice")
def practice(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Let the volunteer try one trial, made from the examples, and say what was right; nothing is scored."""
    if request.method != "POST":
        return _practice(request, visit)
    if request.POST.get("go_on"):
        return redirect(page_of(steps.finish_practice(visit.session)))
    choice = request.POST.get("choice", "")
    if not PLACE.fullmatch(choice):
        return _practice(request, visit, problem=True)
    steps.practise(visit.session, choice=int(choice))
    return redirect("volunteer_practice", visit.study.code)


def _practice(request: HttpRequest, visit: Visit, *, problem: bool = False) -> HttpResponse:
    session = visit.session
    options = _options(session)
    context = {
        "options": options,
        "clip": media.practice_clip_address(session),
        "chosen": next((option for option in options if option.chosen), None),
        "truth": next((option for option in options if option.truth), None),
        "problem": problem,
    }
    return show_page(request, visit, "practice", status=422 if problem else 200, **context)


def _options(session: Session) -> list[PracticeOption]:
    trial = practices.of_session(session)
    written = descriptions.texts_of(session.study) if session.described else {}
    words = texts.translated(session, written)
    told = session.practice_choice is not None
    addresses = media.practice_picture_addresses(session)
    return [
        PracticeOption(
            letter=LETTERS[place],
            image=addresses[place],
            text=words.get(stimulus.source_id, ""),
            chosen=place == session.practice_choice,
            truth=told and place == trial.truth,
        )
        for place, stimulus in enumerate(trial.options)
    ]


@get_or_post
@at_step("rest")
def rest(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Offer a rest half way; a POST goes on."""
    if request.method == "POST":
        return redirect(page_of(steps.take_rest(visit.session)))
    return show_page(request, visit, "rest", answered=visit.step.answered, total=visit.step.total)
