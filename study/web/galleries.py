"""Public galleries: pictures with their music, of studies and of models."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from study.domain import galleries, own_pictures, shown
from study.models import Exhibit, ExhibitPicture, Stimulus, Study
from study.web import speech
from study.web.trial_page import LETTERS


@dataclass(frozen=True)
class Hung:
    """A picture in a gallery with its music, and what is said of it, in which language if not the page's."""

    number: int
    text: str
    image: str
    clip: str
    language: str = ""


@dataclass(frozen=True)
class Room:
    """The pictures of one class, or of an exhibit."""

    name: str
    pictures: tuple[Hung, ...]


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """List the exhibits of models, and the galleries of studies that have closed."""
    context = {
        "exhibits": Exhibit.objects.all(),
        "language": settings.LANGUAGE_CODE,
        "studies": galleries.closed_studies().order_by("-closed_at"),
        "can_hear": own_pictures.is_open(),
        "section": "gallery",
    }
    return render(request, "gallery/list.html", context)


@require_safe
def study(request: HttpRequest, code: str) -> HttpResponse:
    """Show what the gallery of a study may show now."""
    found = galleries.of_study(code)
    speech.begin(request, found)
    context = {"title": found.title, "language": found.language, "study": found, "rooms": rooms(found)}
    return render(request, "gallery/gallery.html", context)


@require_safe
def exhibit(request: HttpRequest, code: str) -> HttpResponse:
    """Show the exhibit of a model."""
    found = galleries.exhibit(code)
    pictures = tuple(_exhibited(picture) for picture in galleries.exhibited(found))
    rooms = [Room("", pictures)] if pictures else []
    context = {
        "title": found.title,
        "language": settings.LANGUAGE_CODE,  # of the researchers' pages, where its texts are written
        "exhibit": found,
        "rooms": rooms,
        "section": "gallery",
    }
    return render(request, "gallery/gallery.html", context)


def rooms(of: Study) -> list[Room]:
    """Return the gallery class by class: under letters while the study runs, by name once it is closed."""
    texts, groups = galleries.texts(of), dict[int, list[Stimulus]]()
    for stimulus in galleries.pictures(of):
        groups.setdefault(stimulus.class_index, []).append(stimulus)
    closed = of.status == Study.Status.CLOSED
    return [
        _room(stimuli[0].class_name if closed else LETTERS[place], stimuli, texts, of.language)
        for place, stimuli in enumerate(groups.values())
    ]


def _room(name: str, stimuli: list[Stimulus], texts: dict[str, str], language: str) -> Room:
    hung = [
        Hung(number, texts.get(stimulus.source_id, ""), *shown.stimulus_addresses(stimulus), language)
        for number, stimulus in enumerate(stimuli, 1)
    ]
    return Room(_("Group %(name)s") % {"name": name}, tuple(hung))


def _exhibited(picture: ExhibitPicture) -> Hung:
    ours = _("A picture labelled “%(label)s”") % {"label": picture.label}
    language = settings.LANGUAGE_CODE if picture.text else ""
    return Hung(picture.position + 1, picture.text or ours, *shown.exhibit_addresses(picture), language)
