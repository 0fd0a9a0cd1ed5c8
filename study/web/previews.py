"""What a researcher sees of a study: its stimuli with their truth, its link, its volunteers."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q
from django.urls import reverse

from study.domain import conditions, media, studies
from study.models import Condition, Session, Stimulus, StimulusSet, Study
from study.models.studies import StudyQuerySet


@dataclass(frozen=True)
class Shown:
    """A stimulus with its addresses for a researcher."""

    name: str
    class_name: str
    image: str
    clip: str
    rank: int
    seconds: float
    truth: bool = False


@dataclass(frozen=True)
class ShownGroup:
    """The examples of one class."""

    name: str
    examples: tuple[Shown, ...]


@dataclass(frozen=True)
class ShownTrial:
    """A planned trial: its options in class order and the clip of its truth."""

    number: int
    options: tuple[Shown, ...]

    @property
    def truth(self) -> Shown:
        """The option that the clip was made from."""
        return next(option for option in self.options if option.truth)


def volunteer_path(study: Study) -> str:
    """Return the path of the study's public link."""
    return reverse("volunteer_welcome", args=[study.code])


def with_volunteers(found: StudyQuerySet) -> StudyQuerySet:
    """Add `finished`, the number of live volunteers who finished."""
    live = Q(sessions__mode=Session.Mode.LIVE, sessions__finished_at__isnull=False)
    return found.annotate(finished=Count("sessions", filter=live, distinct=True))


def of_condition(study: Study, number: str) -> tuple[StimulusSet, Condition | None]:
    """Return what volunteers of the condition with this number meet; blank: the study's own music.

    Raises:
        NotYours: where there is no such condition. MusicMissing: where its music is not built yet.
        StudyNotReady: before the first build.
    """
    if study.stimuli is None:
        raise studies.StudyNotReady("There is nothing to preview yet: build the pictures and music first.")
    if not number:
        return study.stimuli, None
    condition, made = conditions.numbered(study, number), conditions.stimuli_of(study)
    conditions.refuse_missing([condition], made)
    return made[conditions.kind_of(condition)], condition


def groups(stimuli: StimulusSet) -> list[ShownGroup]:
    """Return the examples, class by class."""
    shown: dict[int, list[Shown]] = {}
    for example in stimuli.examples.select_related("stimulus"):
        shown.setdefault(example.class_index, []).append(_shown(example.stimulus, stimuli))
    return [ShownGroup(stimuli.class_names[index], tuple(views)) for index, views in sorted(shown.items())]


def trials(stimuli: StimulusSet) -> list[ShownTrial]:
    """Return the trials as planned."""
    rows = stimuli.trials.prefetch_related("options__stimulus").order_by("number")
    return [
        ShownTrial(
            row.number,
            tuple(_shown(option.stimulus, stimuli, truth=option.is_truth) for option in row.options.all()),
        )
        for row in rows
    ]


def _shown(stimulus: Stimulus, stimuli: StimulusSet, *, truth: bool = False) -> Shown:
    return Shown(
        name=stimulus.source_id,
        class_name=str(stimuli.class_names[stimulus.class_index]),
        image=media.stimulus_picture_address(stimulus),
        clip=media.stimulus_clip_address(stimulus),
        rank=stimulus.rank,
        seconds=stimulus.seconds,
        truth=truth,
    )
