"""The volunteer's road: welcome and consent, sound, examples, trials, thanks. GET changes nothing."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from study.domain import answering, descriptions, languages, listening, modes, sessions
from study.limits import refuse_many_starts
from study.web import replay, speech, trial_page
from study.web.visits import Visit, at_step, in_visit, page_of, remember, session_of, show_page, study_at

PLACE = re.compile(r"[0-9]{1,2}")  # of a picture on the screen
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@never_cache
def welcome(request: HttpRequest, code: str) -> HttpResponse:
    """Say what the test is and ask for consent; a link scanner that opens this starts nothing."""
    return _welcome(request, code, key=request.GET.get("key", ""))


def _welcome(request: HttpRequest, code: str, *, key: str, unticked: bool = False) -> HttpResponse:
    study = study_at(code)
    session = session_of(request, code)
    speech.begin(request, study, session)
    if session is None:
        sessions.open_study(code, mode=modes.mode_of(study, key))
    context = {
        "study": study,
        "key": key,
        "problem": gettext("Tick the box if you want to take part.") if unticked else "",
        "minutes": trial_page.minutes(study),
        "described_offered": descriptions.offered(study),
        "described_chosen": request.POST.get("options") == "descriptions",
        "visit": Visit(session, sessions.current_step(session)) if session else None,
        "resume_url": page_of(session) if session else "",
        "language_action": request.path.removesuffix("consent/"),
    }
    return render(request, "volunteer/welcome.html", context, status=422 if unticked else 200)


@require_POST
def consent(request: HttpRequest, code: str) -> HttpResponse:
    """Begin a visit, or go on with the one this browser has begun."""
    key = request.POST.get("key", "")
    if request.POST.get("agree") != "yes":
        return _welcome(request, code, key=key, unticked=True)
    session = session_of(request, code)
    if session is None or sessions.current_step(session).name in {"thanks", "expired"}:
        refuse_many_starts(request)
        study = study_at(code)
        language = speech.begin(request, study).language
        described = request.POST.get("options") == "descriptions"
        session = sessions.start(study, mode=modes.mode_of(study, key), described=described)
        session = sessions.consent(languages.choose(session, language))
    return remember(redirect(page_of(session)), session)


@get_or_post
@at_step("sound")
def sound(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Play a test sound; a POST says that it was heard."""
    if request.method == "POST":
        return redirect(page_of(sessions.confirm_sound(visit.session)))
    return show_page(request, visit, "sound")


@get_or_post
@at_step("examples")
def examples(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show pictures with their music; a POST goes on to the trials."""
    if request.method == "POST":
        return redirect(page_of(sessions.finish_examples(visit.session)))
    groups = trial_page.example_groups(visit.session)
    return show_page(
        request, visit, "examples", groups=groups, example_count=sum(len(g.examples) for g in groups)
    )


@get_or_post
@at_step("trial")
def trial(request: HttpRequest, visit: Visit, number: int) -> HttpResponse:
    """Show the first unanswered trial; a POST answers the trial it names (pages with script use the API)."""
    if request.method == "POST":
        return _answer(request, visit)
    if visit.step.presentation is None or number != visit.step.presentation.position:
        return redirect(page_of(visit.session, visit.step))
    return _trial(request, visit)


def _answer(request: HttpRequest, visit: Visit) -> HttpResponse:
    choice = request.POST.get("choice", "")
    is_place = PLACE.fullmatch(choice) is not None
    if not is_place and visit.step.presentation is not None:
        return _trial(request, visit, problem="choice")
    try:
        answering.answer(
            visit.session,
            request.POST.get("presentation", ""),
            choice=int(choice) if is_place else -1,
            client_id=request.POST.get("client_id", ""),
            plain=True,
        )
    except listening.NotHeard:
        return _trial(request, visit, problem="listen", chosen=int(choice))
    return redirect(page_of(visit.session))


def _trial(
    request: HttpRequest, visit: Visit, *, problem: str = "", chosen: int | None = None
) -> HttpResponse:
    """Show the trial. `problem`: "choice" or "listen", what is missing; `chosen`: the place of the choice."""
    upcoming = trial_page.upcoming(visit.session)
    if not upcoming:  # another tab was quicker
        return redirect(page_of(visit.session))
    context: dict[str, Any] = {
        "trial": upcoming[0],
        "total": visit.step.total,
        "steps": trial_page.step_cells(upcoming, visit.step.total),
        "client_id": uuid.uuid4(),
        "problem": problem,
        "chosen": chosen,
        "minimum": listening.minimum_of(visit.session),
        "listen_first": listening.sentence(listening.minimum_of(visit.session)),
        "page_data": trial_page.script_data(visit.session, upcoming, visit.step.total),
    }
    return show_page(request, visit, "trial", status=422 if problem else 200, **context)


@get_or_post
@in_visit
def finish(request: HttpRequest, visit: Visit) -> HttpResponse:
    """End the visit once every answer is in; before that the way leads back to the open trial."""
    if request.method == "POST" and visit.step.name == "finish":
        sessions.finish(visit.session)
        return redirect("volunteer_thanks", visit.study.code)
    if visit.step.name != "finish":
        return redirect(page_of(visit.session, visit.step))
    return show_page(request, visit, "finish", total=visit.step.total)


@require_safe
@at_step("thanks")
def thanks(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the score and every answer again, now with the truth."""
    score = sessions.score(visit.session)
    options = len(visit.session.stimuli.class_names)
    context: dict[str, Any] = {
        "score": score,
        "guessing": round(score.total / options),
        "sentence": replay.sentence(score.correct, score.total, options),
    }
    return show_page(request, visit, "thanks", replay=replay.trials(visit.session), **context)
