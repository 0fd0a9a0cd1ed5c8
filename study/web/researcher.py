"""The researcher's pages: studies, their making and their life."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from study import permissions, tasks
from study.domain import building, modes, panels, results, studies
from study.forms import CollaboratorForm, StudyForm, readable
from study.models import Session, Study
from study.web import options, plans, previews
from study.web.access import Page, back_to_study, on_study, person

if TYPE_CHECKING:
    from django.contrib.auth.models import User

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """List the studies this person owns or works on."""
    mine = Study.objects.visible_to(person(request)).select_related("owner", "stimuli")
    context = {"studies": previews.with_volunteers(mine), "section": "studies"}
    return render(request, "researcher/list.html", context)


@get_or_post
@login_required
def create(request: HttpRequest) -> HttpResponse:
    """Make a draft."""
    form = StudyForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (study := form.save_by(person(request))):
        messages.success(request, f"“{study.title}” is saved as a draft. Next, build its pictures and music.")
        return redirect("study", study.pk)
    return _form(request, form)


@get_or_post
@on_study
def edit(request: HttpRequest, study: Study) -> HttpResponse:
    """Change a draft."""
    if not study.is_draft:
        raise studies.StudyFrozen
    form = StudyForm(request.POST or None, instance=study)
    if request.method == "POST" and form.is_valid() and form.save_by(person(request)):
        messages.success(request, "The changes are saved.")
        return redirect("study", study.pk)
    return _form(request, form, study)


def _form(request: HttpRequest, form: StudyForm, study: Study | None = None) -> HttpResponse:
    context = {"form": form, "study": study, "section": "studies"}
    return render(request, "researcher/form.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
@on_study
def overview(request: HttpRequest, study: Study) -> HttpResponse:
    """Show where the study stands and what can be done next."""
    pilot = modes.mode_key(study, Session.Mode.PILOT)
    context = {
        "study": study,
        "build": study.builds.first(),
        "counts": results.counts(study),
        "volunteer_url": request.build_absolute_uri(previews.volunteer_path(study)) + panels.query(study),
        "pilot_url": f"{previews.volunteer_path(study)}?key={pilot}",
        "options": options.listed(study),
        "people_form": CollaboratorForm(),
        "data_name": readable(study.data),
        "model_name": readable(study.model),
        "plan_file": plans.plan_name(study),
        "latents_file": plans.latents_name(study),
        "is_owner": study.owner_id == request.user.pk,
        "section": "studies",
    }
    return render(request, "researcher/study.html", context)


@get_or_post
@never_cache
@on_study
@back_to_study
def build(request: HttpRequest, study: Study) -> HttpResponse | None:
    """POST asks for a build; GET is the progress that the page fetches every second."""
    if request.method == "POST":
        made = building.request(study, by=person(request))
        transaction.on_commit(lambda: tasks.enqueue_build(made.pk))
        return None
    latest = study.builds.first()
    response = render(request, "researcher/build.html", {"study": study, "build": latest})
    if latest is None or not latest.is_active:
        trigger_client_event(response, "build-ended", after="settle")
    return response


@require_POST
@on_study
@back_to_study
def cancel_build(request: HttpRequest, study: Study) -> HttpResponse | None:
    """Stop the build that waits or runs."""
    latest = study.builds.first()
    if latest is None:
        raise building.NothingToCancel
    building.cancel(latest, by=person(request))
    messages.success(request, "The build is cancelled.")
    return None


@require_safe
@on_study
def preview(request: HttpRequest, study: Study) -> HttpResponse:
    """Show and play every example and trial with its truth; no session starts, nothing is counted."""
    stimuli, condition = previews.of_condition(study, request.GET.get("condition", ""))
    context = {
        "study": study,
        "condition": condition,
        "conditions": study.conditions.all(),
        "groups": previews.groups(stimuli),
        "trials": previews.trials(stimuli),
        "section": "studies",
    }
    return render(request, "researcher/preview.html", context)


def _verb(verb: Callable[..., Study], said: str) -> Page:
    """Return the view of a button that calls one verb of the study's life."""

    @require_POST
    @on_study
    @back_to_study
    def pressed(request: HttpRequest, study: Study) -> None:
        verb(study, by=person(request))
        messages.success(request, said)

    return pressed


publish = _verb(studies.publish, "The study is published. Copy its link and send it to volunteers.")
pause = _verb(
    studies.pause, "The study is paused. Volunteers who have begun can finish; new ones see a notice."
)
resume = _verb(studies.resume, "The study takes volunteers again.")
close = _verb(studies.close, "The study is closed. Its results stay here.")


@require_POST
@on_study
@back_to_study
def new_version(request: HttpRequest, study: Study) -> HttpResponse:
    """Copy the study into a draft that can be changed."""
    copy = studies.new_version(study, by=person(request))
    messages.success(request, f"This is version {copy.version}, a draft. The earlier version stays as it is.")
    return redirect("study", copy.pk)


@get_or_post
@on_study
def delete(request: HttpRequest, study: Study) -> HttpResponse:
    """Ask, then remove the study with everything in it."""
    permissions.may_own(person(request), study)
    if request.method != "POST":
        context = {"study": study, "counts": results.counts(study), "section": "studies"}
        return render(request, "researcher/delete.html", context)
    return _delete(request, study, by=person(request))


def _delete(request: HttpRequest, study: Study, *, by: User) -> HttpResponse:
    title = study.title
    try:
        studies.delete(study, by=by)
    except studies.WrongStatus as error:
        messages.error(request, str(error))
        return redirect("study", study.pk)
    messages.success(request, f"“{title}” is deleted.")
    return redirect("study_list")
