"""Two machine listeners take a study: while it is built, or later where it was built before they could.

What they heard is one file, machine.json, kept with the stimuli: made once, never changed, gone with them.
"""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from django.db import transaction

from sampling import StudyPlan
from study import permissions
from study.domain import conditions, media, translation, variants
from study.domain.verification import NotBuilt
from study.errors import Conflict, EarsightError
from study.models import Condition, StimulusSet, Study
from study.models.stimuli import Music

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from analysis.machine.document import Machine
    from analysis.machine.measuring import Measured
    from study.domain.layout import StimulusFiles, Variant
    from study.domain.translation import ImageSet, Translator

STAGE = "Letting the machine listen"
logger = logging.getLogger(__name__)


class CannotListen(EarsightError):
    """The machine cannot listen to this study."""


class NotHeard(EarsightError):
    """No machine has listened to this study yet."""

    status = 404


class AlreadyHeard(Conflict):
    """The machine has already listened to this study."""


class Clip(Protocol):
    """A picture with its clip: files of a build, or a row."""

    @property
    def source_id(self) -> str:
        """The picture's id in its data set."""

    @property
    def midi(self) -> object:
        """The melody's file, by its name in the media storage."""


class Ears:
    """Hears what each translator of a build has told, and writes what the listeners make of it."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self.report = report
        self.measured: dict[str, Measured] = {}

    def __call__(
        self, name: str, translator: Translator, images: ImageSet, files: list[StimulusFiles]
    ) -> None:
        """Hear the clips of one translator (blank: the study's own)."""
        self.report(STAGE)
        self.measured[name], _ = _measure(translator, images, files)

    def write(
        self, study: Study, plan: StudyPlan, others: Sequence[Variant], folder: str
    ) -> tuple[str, list[Variant]]:
        """Write the file of the study's own music; return it, and the variants with theirs."""
        own = write(plan, self.measured[""], study.model, Music.OWN, folder)
        told = [
            dataclasses.replace(
                each,
                machine=write(
                    plan, self.measured[each.translator], each.translator or study.model, each.music, folder
                ),
            )
            for each in others
        ]
        return own, told


def make(stimuli: StimulusSet) -> None:
    """Let the machine listen to stimuli that were built before; nothing to do where it has.

    Raises:
        CannotListen: when a picture, a clip or the model is not what the study was built with.
        TranslationFailed: when model or pictures are missing.
    """
    if stimuli.machine:
        return
    plan = StudyPlan.from_json(json.dumps(stimuli.plan))
    own = StimulusSet.objects.get(
        build=stimuli.build_id, translator=stimuli.translator, music=Music.OWN
    )  # an exchanged clip is another picture's own
    clips = {item.source_id: item for item in own.items.all()}
    model, data = str(stimuli.provenance["model"]), str(stimuli.provenance["data"])
    translator = translation.open_translator(model)
    images = translation.load_pictures(data, translator)
    row = {id_: number for number, id_ in enumerate(images.ids)}
    if gone := next((id_ for id_ in plan.image_ids if id_ not in row), None):
        raise CannotListen(f"The picture {gone} is no longer among {data}, so the machine cannot see it.")
    chosen = images.subset([row[id_] for id_ in plan.image_ids])
    measured, again = _measure(translator, chosen, [clips[id_] for id_ in chosen.ids])
    if 2 * again < len(chosen):  # rounding on another machine changes a note here and there, not most clips
        raise CannotListen(
            f"The model {model} would compose other melodies now than when this study was built, so it is "
            "another listener; put the model of then back."
        )
    name = write(plan, measured, model, stimuli.music, media.attempt_folder(stimuli.build))
    unheard = StimulusSet.objects.filter(pk=stimuli.pk, machine="")
    if not unheard.update(machine=name, machine_error=""):  # another worker was quicker
        media.delete_files([name])


def run(stimuli_id: int) -> None:
    """Let the machine listen, and keep a failure as a sentence; running it twice changes nothing."""
    stimuli = StimulusSet.objects.select_related("build").filter(pk=stimuli_id).first()
    if stimuli is None:  # its study was deleted meanwhile
        return
    try:
        make(stimuli)
    except EarsightError as error:
        _failed(stimuli, str(error))
    except Exception as error:
        logger.exception("The machine could not listen to stimuli %s.", stimuli_id)
        _failed(stimuli, f"The machine stopped unexpectedly ({type(error).__name__}: {error}).")


def unheard(study: Study) -> list[StimulusSet]:
    """Return the sets of the study's present stimuli that no machine has listened to."""
    if study.stimuli is None:
        return []
    return list(StimulusSet.objects.filter(build=study.stimuli.build_id, machine="").order_by("pk"))


@transaction.atomic
def request(study: Study, *, by: User) -> list[int]:
    """Return the numbers of the sets to be listened to, which the caller enqueues after the commit.

    Raises:
        NotBuilt: before the first build. AlreadyHeard: when the machine has listened to all of them.
    """
    permissions.may_work_on(by, study)
    if study.stimuli is None:
        raise NotBuilt
    waiting = [stimuli.pk for stimuli in unheard(study)]
    if not waiting:
        raise AlreadyHeard
    StimulusSet.objects.filter(pk__in=waiting).update(machine_error="")
    return waiting


def played(study: Study, condition: Condition | None = None) -> StimulusSet | None:
    """Return the stimuli that volunteers hear: the study's own, or those of a condition."""
    if condition is None:
        return study.stimuli
    return conditions.stimuli_of(study).get(conditions.kind_of(condition))


def content(stimuli: StimulusSet | None) -> bytes:
    """Return machine.json of these stimuli.

    Raises:
        NotHeard: where no machine has listened. MediaMissing: when the file has gone from the storage.
    """
    if stimuli is None or not stimuli.machine:
        raise NotHeard
    return media.content(stimuli.machine)


def listening(study: Study, condition: Condition | None = None) -> Machine | None:
    """Return how the machine took what volunteers hear, or None where it has not, or its file has gone."""
    from analysis.machine.files import read_machine

    try:
        return read_machine(content(played(study, condition)))
    except (NotHeard, media.MediaMissing):
        return None


def _measure(translator: Translator, images: ImageSet, clips: Sequence[Clip]) -> tuple[Measured, int]:
    from analysis.machine.measuring import Measured

    files = [variants.content(str(clip.midi)) for clip in clips]
    found = translation.listen(translator, images, files)
    return Measured(images.ids, found.heard, found.visual, found.features), found.again


def write(plan: StudyPlan, measured: Measured, model: str, music: str, folder: str) -> str:
    """Let both listeners take the plan, write machine.json, and return its name in the media storage."""
    from analysis.machine.files import machine_json
    from analysis.machine.measuring import Layout, listen

    trials = tuple((trial.options, trial.truth) for trial in plan.trials)
    exchanged = variants.sources(plan) if music == Music.EXCHANGED else None
    found = listen(
        Layout(plan.classes, plan.examples, trials), measured, model=model, music=music, clip_of=exchanged
    )
    return media.write(folder, ".json", machine_json(found).encode())


def _failed(stimuli: StimulusSet, sentence: str) -> None:
    StimulusSet.objects.filter(pk=stimuli.pk, machine="").update(machine_error=sentence)
