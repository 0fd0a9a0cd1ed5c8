"""Pictures in words: written by the researcher, frozen with the study, read by those who cannot see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from study.domain import drafts
from study.domain.class_words import given_away
from study.errors import Conflict, EarsightError
from study.models import Description, Example, Session, Stimulus, StimulusSet, Study, TrialOption, visits
from study.models.descriptions import LONGEST

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Texts = dict[str, str]  # by the id of the picture


class NothingToDescribe(Conflict):
    """There are no pictures to describe yet: build them first."""


class DescriptionsRefused(EarsightError):
    """Nothing is saved yet: some descriptions need a change."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__()
        self.problems = dict(problems)  # a sentence by the id of the picture


class DescriptionsMissing(Conflict):
    """Some pictures have no description yet."""


class NotDescribed(Conflict):
    """This study cannot be taken by written descriptions."""


@dataclass(frozen=True)
class Progress:
    """How many pictures of a study are described."""

    written: int
    total: int

    @property
    def missing(self) -> int:
        """How many are not."""
        return self.total - self.written


@transaction.atomic
def describe(study: Study, texts: Mapping[str, str], *, by: User, offered: bool | None = None) -> Progress:
    """Store the descriptions of these pictures (by id); an empty text takes one away. All of them, or none.

    `offered` says whether volunteers may take the test by them; None leaves that as it is.

    Raises:
        StudyFrozen: once published. NothingToDescribe: before the first build.
        DescriptionsRefused: when one is too long, tells a class, or is the same as another's in its trial.
    """
    study = drafts.changeable(study, by=by)
    stimuli = _built(study)
    known = {stimulus.source_id for stimulus in pictures(study)}
    cleaned = {id_: " ".join(text.split()) for id_, text in texts.items() if id_ in known}
    together = {id_: text for id_, text in {**texts_of(study), **cleaned}.items() if text and id_ in known}
    if refused := _problems(stimuli, together):
        raise DescriptionsRefused(refused)
    _store(study, cleaned)
    if offered is not None:
        study.described_options = offered
        study.save(update_fields=["described_options"])
    return Progress(len(together), len(known))


def pictures(study: Study) -> list[Stimulus]:
    """Return every picture that volunteers meet: those of each trial together, then the examples."""
    items = Stimulus.objects.filter(set=study.stimuli_id).select_related("set", "option__trial", "example")
    return sorted(items, key=_place)


def texts_of(study: Study) -> Texts:
    """Return the descriptions of the study's present set of pictures."""
    return dict(visits.DESCRIPTIONS.all(study.pk, study.data))


def progress(study: Study) -> Progress:
    """Return how many of the study's pictures are described."""
    ids = Stimulus.objects.filter(set=study.stimuli_id).values_list("source_id", flat=True)
    written = texts_of(study)
    return Progress(sum(id_ in written for id_ in ids), len(ids))


def offered(study: Study) -> bool:
    """Return whether a volunteer may take the study by descriptions: switched on, and all are written."""
    return study.described_options and study.stimuli_ready and not progress(study).missing


def refuse_not_offered(study: Study) -> None:
    """Raise NotDescribed where the study cannot be taken by descriptions."""
    if not offered(study):
        raise NotDescribed


def refuse_unready(study: Study) -> None:
    """Refuse to publish a study that promises descriptions and lacks some, or has some that tell a class.

    Raises:
        DescriptionsMissing: with the number of them.
    """
    if not study.described_options or study.stimuli is None:
        return
    counted = progress(study)
    if counted.missing:
        raise DescriptionsMissing(
            f"{counted.missing} of {counted.total} pictures have no description yet: write them, or switch "
            "the written descriptions off."
        )
    if refused := _problems(study.stimuli, texts_of(study)):
        raise DescriptionsMissing(f"A description needs a change. {next(iter(refused.values()))}")


def of_options(session: Session) -> dict[tuple[int, int], str]:
    """Return the descriptions of a session's options, by the trial's row and the option's slot."""
    options = TrialOption.objects.filter(trial__set=session.stimuli_id)
    written = texts_of(session.study)
    rows = options.values_list("trial_id", "slot", "stimulus__source_id") if written else ()
    return {(trial, slot): written.get(id_, "") for trial, slot, id_ in rows}


def of_examples(session: Session) -> dict[int, str]:
    """Return the descriptions of a session's examples, by the example's row."""
    examples = Example.objects.filter(set=session.stimuli_id)
    written = texts_of(session.study)
    rows = examples.values_list("pk", "stimulus__source_id") if written else ()
    return {pk: written.get(id_, "") for pk, id_ in rows}


def _built(study: Study) -> StimulusSet:
    if study.stimuli is None:
        raise NothingToDescribe
    return study.stimuli


def _place(stimulus: Stimulus) -> tuple[int, int, int]:
    """Trials by number, then examples by class; options of a trial side by side, to be told apart."""
    option: TrialOption | None = getattr(stimulus, "option", None)
    if option is not None:
        return 0, option.trial.number, option.slot
    example: Example | None = getattr(stimulus, "example", None)
    return 1, stimulus.class_index, example.position if example else 0


def problems(stimuli: StimulusSet, texts: Texts) -> dict[str, str]:
    """Return a sentence for each description, in any language, that tells a class or is another's too."""
    alike = _alike(stimuli, texts)
    found = {id_: _told(text, stimuli.class_names) or alike.get(id_, "") for id_, text in texts.items()}
    return {id_: sentence for id_, sentence in found.items() if sentence}


def _problems(stimuli: StimulusSet, texts: Texts) -> dict[str, str]:
    """Return a sentence for each description that cannot be used, by the id of its picture."""
    too_long = {id_: _too_long(text) for id_, text in texts.items() if len(text) > LONGEST}
    return problems(stimuli, texts) | too_long


def _too_long(text: str) -> str:
    return f"A description has at most {LONGEST} characters; this one has {len(text)}."


def _told(text: str, class_names: Sequence[str]) -> str:
    told = given_away(text, class_names)
    if told is None:
        return ""
    return f"“{told[0]}” tells the class “{told[1]}”: say what is to be seen without naming the class."


def _alike(stimuli: StimulusSet, texts: Texts) -> dict[str, str]:
    """Find the pictures whose description stands twice in one trial."""
    options = TrialOption.objects.filter(trial__set=stimuli).order_by("trial__number", "slot")
    seen: dict[tuple[int, str], str] = {}
    found = {}
    for number, id_ in options.values_list("trial__number", "stimulus__source_id"):
        key = (number, texts.get(id_, "").casefold())
        if key[1] and seen.setdefault(key, id_) != id_:
            found[id_] = f"Another picture of trial {number} has the same description; tell the two apart."
    return found


def _store(study: Study, texts: Texts) -> None:
    mine = Description.objects.filter(study=study, data=study.data)
    mine.filter(source_id__in=[id_ for id_, text in texts.items() if not text]).delete()
    Description.objects.bulk_create(
        [
            Description(study=study, data=study.data, source_id=id_, text=text)
            for id_, text in texts.items()
            if text
        ],
        update_conflicts=True,
        unique_fields=["study", "data", "source_id"],
        update_fields=["text"],
    )


def _copy(study: Study, to: Study) -> None:
    Description.objects.bulk_create(
        Description(study=to, data=row.data, source_id=row.source_id, text=row.text)
        for row in study.descriptions.all()
    )


PART = drafts.Part("descriptions", value=texts_of, copy=_copy, check=refuse_unready)
