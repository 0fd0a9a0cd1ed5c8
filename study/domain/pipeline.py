"""From a study's configuration to its stimuli: pictures, latents, plan, melodies, clips, rows.

Everything slow happens outside the database; the rows appear in one transaction at the end, together with the
build's own "done". A worker that dies before leaves only files, which the next attempt removes as it starts.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from sampling import Design, Latents, SamplingError, StudyPlan, plan_study
from study.domain import conditions, layout, machine, media, translation, variants
from study.domain.layout import StimulusFiles
from study.errors import EarsightError
from study.models import Build, Study

if TYPE_CHECKING:
    from study.domain.translation import ImageSet, Translator

Watch = Callable[[Build], None]


class BuildSuperseded(Exception):
    """The build was cancelled or another worker has taken it over: stop without a trace."""


class PlanImpossible(EarsightError):
    """These pictures do not allow the study that was asked for."""


@dataclass
class Reporter:
    """Writes a build's progress and heartbeat, and stops the work once the build is no longer ours."""

    build: Build
    watch: Watch | None = None

    def __call__(self, stage: str, progress: int = 0, total: int = 0) -> None:
        """Record where the build stands.

        Raises:
            BuildSuperseded: when it was cancelled or taken over since the last report.
        """
        build = self.build
        build.stage, build.progress, build.total = stage, progress, total
        ours = Build.objects.held(build).update(
            stage=stage, progress=progress, total=total, heartbeat_at=timezone.now()
        )
        if not ours:
            raise BuildSuperseded
        if self.watch:
            self.watch(build)


def make(build: Build, *, watch: Watch | None = None) -> None:
    """Carry out a claimed build.

    Raises:
        BuildSuperseded: when cancelled or taken over.
        EarsightError: with a sentence for the researcher.
    """
    report = Reporter(build, watch)
    media.delete_folder(media.build_folder(build))  # what an attempt that died has left
    try:
        folder = media.attempt_folder(build)
        ears = machine.Ears(report)
        plan, files, latents = _prepare(build.study, folder, report, ears)
        kinds = conditions.kinds(build.study)
        others = variants.write(build.study, plan, files, kinds, folder, report, ears)
        own, others = ears.write(build.study, plan, others, folder)
        report("Storing the study")
        if not layout.store(build, plan, files, latents, others, own):
            raise BuildSuperseded
    except BaseException:
        media.delete_folder(media.attempt_folder(build))
        raise


def _prepare(
    study: Study, folder: str, report: Reporter, ears: machine.Ears
) -> tuple[StudyPlan, list[StimulusFiles], str]:
    report("Loading the model and the pictures")
    translator = translation.open_translator(study.model)
    images = translation.load_pictures(study.data, translator)
    latents = translation.encode(
        translator, images, lambda done, total: report("Looking at the pictures", done, total)
    )
    report("Choosing pictures without bias")
    plan = make_plan(study, latents)
    kept = layout.write_latents(latents, folder)
    return plan, _translate(plan, images, translator, folder, report, ears), kept


def make_plan(study: Study, latents: Latents) -> StudyPlan:
    """Return the plan that the study's design and seed give for these latents.

    Raises:
        PlanImpossible: when a class is unknown or too small, with its name and count.
    """
    design = Design(
        classes=tuple(study.chosen_classes) or study.class_count,
        examples_per_class=study.examples_per_class,
        trials=study.trial_count,
        rule=study.class_rule,
        merge_small=study.merge_small,
    )
    try:
        return plan_study(latents, design, study.seed)
    except SamplingError as error:
        raise PlanImpossible(str(error)) from error


def _translate(
    plan: StudyPlan,
    images: ImageSet,
    translator: Translator,
    folder: str,
    report: Reporter,
    ears: machine.Ears,
) -> list[StimulusFiles]:
    """Make the files of every picture of the plan, reporting after each so that a cancel is heard soon."""
    row = {id_: number for number, id_ in enumerate(images.ids)}
    chosen = images.subset([row[id_] for id_ in plan.image_ids])
    report("Composing the melodies")
    sounds = translation.sounds(translation.translate(translator, chosen))
    files: list[StimulusFiles] = []
    with closing(sounds):
        for id_, pixels, sound in zip(chosen.ids, chosen.pixels, sounds, strict=True):
            files.append(layout.write_files(id_, pixels, sound, folder))
            report("Recording the clips", len(files), len(chosen))
    ears("", translator, chosen, files)
    return files
