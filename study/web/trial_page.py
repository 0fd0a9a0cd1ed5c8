"""What the volunteer's pages show: opaque addresses and letters, never a class, a file name or the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from study.domain import descriptions, listening, media, road, sessions, texts
from study.models import Presentation, Session, Study, visits

Words = Mapping[tuple[int, int], str]  # by the trial's row and the option's slot
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CLIP_SECONDS = 9  # an 8-second clip and its tail
THINKING_SECONDS = 9
CHECK_SECONDS = 90  # six sounds over headphones


@dataclass(frozen=True)
class Option:
    """A picture on the screen, named by its place; `text` describes it, where the study has words for it."""

    letter: str
    image: str
    text: str = ""


@dataclass(frozen=True)
class TrialView:
    """An unanswered trial as this session sees it."""

    presentation: str
    number: int
    clip: str
    plain_clip: str  # for a page without script
    options: tuple[Option, ...]
    heard: listening.Heard


@dataclass(frozen=True)
class ExampleView:
    """A picture and its clip, before the test; `text` as in an option."""

    image_url: str
    clip_url: str
    text: str = ""


@dataclass(frozen=True)
class Group:
    """The examples of one class, under a letter that says nothing about it."""

    letter: str
    examples: tuple[ExampleView, ...]


def minutes(study: Study) -> int:
    """Return about how long the test takes, in whole minutes, for the welcome page."""
    examples = study.class_count * study.examples_per_class * CLIP_SECONDS
    trials = study.trial_count * (CLIP_SECONDS * max(1, study.minimum_listens) + THINKING_SECONDS)
    check = 0 if study.screening == Study.Screening.OFF else CHECK_SECONDS
    return max(1, round((examples + trials + check) / 60) + 1)


def options(presentation: Presentation, words: Words | None = None) -> tuple[Option, ...]:
    """Return the pictures of a presentation from left to right, with their descriptions where given."""
    shown = zip(LETTERS, presentation.option_order, media.picture_addresses(presentation), strict=False)
    return tuple(
        Option(letter, address, (words or {}).get((presentation.trial_id, slot), ""))
        for letter, slot, address in shown
    )


def words_of(session: Session) -> Words:
    """Return the descriptions that this session chooses among; none where it sees the pictures."""
    return texts.translated(session, descriptions.of_options(session)) if session.described else {}


def upcoming(session: Session) -> list[TrialView]:
    """Return the unanswered trials in their order; the page fetches some of them in advance."""
    words = words_of(session)
    return [_trial_view(row, words) for row in visits.UNANSWERED.all(session.pk)]


def _trial_view(row: Presentation, words: Words) -> TrialView:
    return TrialView(
        row.token,
        row.position,
        media.clip_address(row),
        media.plain_clip_address(row),
        options(row, words),
        listening.heard(row),
    )


def example_groups(session: Session) -> list[Group]:
    """Return the examples class by class, in the canonical order of the classes."""
    groups: dict[int, list[ExampleView]] = {}
    words = texts.translated(session, descriptions.of_examples(session)) if session.described else {}
    for example in visits.EXAMPLES.all(session.stimuli_id):
        picture, clip = media.example_picture_address(example), media.example_clip_address(example)
        view = ExampleView(picture, clip, words.get(example.pk, ""))
        groups.setdefault(example.class_index, []).append(view)
    return [Group(LETTERS[place], tuple(views)) for place, views in enumerate(groups.values())]


def step_cells(waiting: Sequence[TrialView], total: int) -> list[str]:
    """Return the class of each cell of the progress line: done, now or nothing."""
    open_numbers = {trial.number for trial in waiting}
    now = waiting[0].number
    return ["now" if n == now else "" if n in open_numbers else "done" for n in range(1, total + 1)]


def events_url(session: Session) -> str:
    """Return where the page reports plays and errors."""
    return reverse("api_events", args=[session.token])


def outbox_data(session: Session) -> dict[str, Any]:
    """Return where a browser keeps the visit's answers, sends them and has them counted."""
    return {
        "box": sessions.text_hash(session.token)[:16],
        "answers_url": reverse("api_answer", args=[session.token]),
        "state_url": reverse("api_session", args=[session.token]),
    }


def script_data(session: Session, waiting: Sequence[TrialView], total: int) -> dict[str, Any]:
    """Return what trial.js needs to go on without reloading."""
    return {
        "study": texts.read_by(session).title,
        **outbox_data(session),
        "events_url": events_url(session),
        "total": total,
        "rest": 0 if session.rested_at else road.rest_place(session, total),
        "minimum": listening.minimum_of(session),
        "trials": [
            {
                "presentation": trial.presentation,
                "number": trial.number,
                "clip": trial.clip,
                "listens": trial.heard.listens,
                "failed": trial.heard.failures > 0,
                "images": [] if session.described else [option.image for option in trial.options],
                "descriptions": [option.text for option in trial.options] if session.described else [],
            }
            for trial in waiting
        ],
    }
