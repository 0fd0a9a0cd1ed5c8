"""Who works on a study besides its owner."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from study import permissions
from study.domain import studies
from study.errors import NotYours
from study.forms import CollaboratorForm
from study.models import Study
from study.web.access import back_to_study, on_study, person


@require_POST
@on_study
@back_to_study
def add(request: HttpRequest, study: Study) -> HttpResponse | None:
    """Let another researcher work on the study."""
    permissions.may_own(person(request), study)
    form = CollaboratorForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.errors["name"].as_text().removeprefix("* "))
        return None
    studies.add_collaborator(study, form.person, by=person(request))
    messages.success(request, f"{form.person.get_username()} can now work on this study.")
    return None


@require_POST
@on_study
@back_to_study
def remove(request: HttpRequest, study: Study, person_pk: int) -> HttpResponse | None:
    """Take a researcher off the study."""
    permissions.may_own(person(request), study)
    found = User.objects.filter(pk=person_pk, joined_studies=study).first()
    if found is None:
        raise NotYours
    studies.remove_collaborator(study, found, by=person(request))
    messages.success(request, f"{found.get_username()} no longer works on this study.")
    return None
