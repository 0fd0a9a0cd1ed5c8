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

from study.domain import (
    answering,
    arriving,
    assignment,
    descriptions,
    listening,
    modes,
    outcomes,
    panels,
    sessions,
)
from study.domain.outcomes import Ending
from study.errors import EarsightError
from study.limits import refuse_many_starts
from study.models import Outcome, Session, Study
from study.web import panel_ids, replay, speech, trial_page
from study.web.visits import (
    Visit,
    at_step,
    in_visit,
    is_own,
    page_of,
    remember,
    show_page,
    study_at,
    visit_here,
)

PLACE = re.compile(r"[0-9]{1,2}")  # of a picture on the screen
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@never_cache
def welcome(request: HttpRequest, code: str) -> HttpResponse:
    """Say what the test is and ask for consent; a link scanner that opens this starts nothing."""
    return _welcome(request, code, key=request.GET.get("key", ""))


def _welcome(request: HttpRequest, code: str, *, key: str, unticked: bool = False) -> HttpResponse:
    study = study_at(code)
    mode = modes.mode_of(study, key)
    ids = panel_ids.ids_for(request, study, mode)
    session = visit_here(request, study, mode, ids)
    if session and _is_taken(request, session):
        return _taken(request, session, ids)
    speech.begin(request, study, session)
    if session is None:
        try:
            sessions.open_study(code, mode=mode)
            panels.refuse_without_ids(study, mode, ids)
            assignment.refuse_full(study, mode)
        except (panels.ParticipantIdMissing, assignment.StudyFull) as refusal:
            return _not_admitted(request, study, ids, refusal)
    context = {
        "study": study,
        "key": key,
        "visit_id": uuid.uuid4(),
        "from_panel": bool(ids),
        "problem": gettext("Tick the box if you want to take part.") if unticked else "",
        "minutes": trial_page.minutes(study),
        "described_offered": descriptions.offered(study),
        "described_chosen": request.POST.get("options") == "descriptions",
        "visit": Visit(session, sessions.current_step(session)) if session else None,
        "resume_url": page_of(session) if session else "",
        "language_action": request.path.removesuffix("consent/"),
    }
    response = render(request, "volunteer/welcome.html", context, status=422 if unticked else 200)
    if session and ids:
        remember(response, session)
    return panel_ids.remember_ids(response, study, ids)


def _is_taken(request: HttpRequest, session: Session) -> bool:
    return session.finished_at is not None and not is_own(request, session)


def _taken(request: HttpRequest, session: Session, ids: dict[str, str]) -> HttpResponse:
    """Give the panel's code to whoever names the id of a finished visit, and nothing else of it."""
    study = session.study
    speech.begin(request, study)
    context = {"study": study, "panel_code": panels.code_for(session, ids)}
    return render(request, "volunteer/taken.html", context)


def _not_admitted(
    request: HttpRequest, study: Study, ids: dict[str, str], refusal: EarsightError
) -> HttpResponse:
    """Say kindly that there is no place, or that the panel's id is missing, and what to do now."""
    context = {
        "study": study,
        "refusal": refusal,
        "is_full": isinstance(refusal, assignment.StudyFull),
        "for_now": isinstance(refusal, assignment.StudyFullForNow),
        "from_panel": bool(ids),
        "panel_code": panels.made_code(study, Ending.SCREENED_OUT, ids) if ids else None,
    }
    return render(request, "volunteer/not_admitted.html", context, status=refusal.status)


@require_POST
def consent(request: HttpRequest, code: str) -> HttpResponse:
    """Begin a visit, or go on with the one this browser has begun."""
    key = request.POST.get("key", "")
    if request.POST.get("agree") != "yes":
        return _welcome(request, code, key=key, unticked=True)
    study = study_at(code)
    mode = modes.mode_of(study, key)
    ids = panel_ids.ids_for(request, study, mode)
    session = visit_here(request, study, mode, ids)
    if session and _is_taken(request, session):
        return _taken(request, session, ids)
    if session is None or (not ids and sessions.current_step(session).name in {"thanks", "expired"}):
        refuse_many_starts(request)
        language = speech.begin(request, study).language
        try:
            session = arriving.agree(
                study,
                mode=mode,
                language=language,
                ids=ids,
                described=request.POST.get("options") == "descriptions",
                visit_id=_visit_id(request),
                again=session is not None and session.finished_at is not None,
            )
        except (panels.ParticipantIdMissing, assignment.StudyFull) as refusal:
            return _not_admitted(request, study, ids, refusal)
    return panel_ids.remember_ids(remember(redirect(page_of(session)), session), study, ids)


def _visit_id(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("visit_id", ""))
    except ValueError:  # a page from before forms had an id
        return None


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


@get_or_post
@in_visit
def broken(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Help somebody for whom something does not work; a POST notes it and shows the study's code for that."""
    if request.method == "POST":
        outcomes.record(visit.session, Outcome.Kind.BROKEN)
        return redirect("volunteer_broken", visit.study.code)
    said = visit.session.outcomes.filter(kind=Outcome.Kind.BROKEN).exists()
    return show_page(request, visit, "broken", said=said, resume_url=page_of(visit.session, visit.step))


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
        "player_problem": replay.player_problem(),  # the same in each trial
    }
    return show_page(request, visit, "thanks", replay=replay.trials(visit.session), **context)
