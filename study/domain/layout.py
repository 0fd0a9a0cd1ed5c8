"""Lays a plan out as files and rows: stimuli, examples, trials, options, under one content hash."""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from study.domain import media
from study.models import Build, Example, Stimulus, StimulusSet, Study, Trial, TrialOption
from study.models.stimuli import Music

if TYPE_CHECKING:
    from sampling import Latents, StudyPlan
    from study.domain.translation import Sound

SHORTEST_SIDE = 224  # smaller pictures are enlarged by whole pixels, so that no browser blurs them


@dataclass(frozen=True)
class StimulusFiles:
    """Where the files of one picture lie in the media storage, and their digests."""

    source_id: str
    image: str
    clip: str
    master: str
    midi: str
    seconds: float
    image_sha256: str
    clip_sha256: str


@dataclass(frozen=True)
class Variant:
    """The files of all pictures with one kind of music: which translator (blank: the study's) and music.

    `machine` is the file of how machine listeners took it, where they did.
    """

    translator: str
    music: str
    files: list[StimulusFiles]
    machine: str = ""


def write_files(source_id: str, pixels: NDArray[np.float32], sound: Sound, folder: str) -> StimulusFiles:
    """Write a picture (pixels (H, W, C) in [0, 1]) and its clip under random names."""
    return write_picture_and_sound(source_id, png(pixels), sound, folder)


def write_picture_and_sound(source_id: str, picture: bytes, sound: Sound, folder: str) -> StimulusFiles:
    """Write a picture that is a PNG already, and its clip, under random names."""
    return StimulusFiles(
        source_id=source_id,
        image=media.write(folder, ".png", picture),
        clip=media.write(folder, ".mp3", sound.mp3),
        master=media.write(folder, ".flac", sound.flac),
        midi=media.write(folder, ".mid", sound.midi),
        seconds=sound.seconds,
        image_sha256=hashlib.sha256(picture).hexdigest(),
        clip_sha256=hashlib.sha256(sound.mp3).hexdigest(),
    )


def write_latents(latents: Latents, folder: str) -> str:
    """Write what a plan is made from, whole, so that anyone who may have it can derive the plan again."""
    with tempfile.TemporaryFile() as file:
        latents.save(file)
        file.seek(0)
        return media.write(folder, ".npz", File(file))


def png(pixels: NDArray[np.float32]) -> bytes:
    """Return a picture as PNG; it holds pixels and nothing else (no time, no name)."""
    from PIL import Image

    grid = np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
    factor = max(1, -(-SHORTEST_SIDE // min(grid.shape[:2])))
    grid = grid.repeat(factor, axis=0).repeat(factor, axis=1)
    file = io.BytesIO()
    Image.fromarray(grid[:, :, 0] if grid.shape[2] == 1 else grid).save(file, "PNG", optimize=True)
    return file.getvalue()


@transaction.atomic
def store(
    build: Build,
    plan: StudyPlan,
    files: list[StimulusFiles],
    latents: str,
    variants: Sequence[Variant] = (),
    machine: str = "",
) -> bool:
    """Write all rows of a finished build and give its study the new stimuli, in one transaction.

    `files` are those of the study's own music, `variants` those of its conditions' other music; `latents` is
    the file that `write_latents` wrote, `machine` that of how machine listeners took the study's own music.
    Returns False, and writes nothing, when the build was cancelled or taken over meanwhile.
    """
    ended = Build.objects.held(build).update(status=Build.Status.DONE, stage="", finished_at=timezone.now())
    if not ended:
        return False
    stimuli = _lay_out(build, plan, Variant("", Music.OWN, files, machine), latents)
    for variant in variants:
        _lay_out(build, plan, variant)
    _give(build.study, stimuli)
    return True


def _lay_out(build: Build, plan: StudyPlan, variant: Variant, latents: str = "") -> StimulusSet:
    stimuli = _stimulus_set(build, plan, variant, latents)
    items = _stimuli(stimuli, plan, variant.files)
    _examples(stimuli, plan, items)
    _trials(stimuli, plan, items)
    return stimuli


def _stimulus_set(build: Build, plan: StudyPlan, variant: Variant, latents: str) -> StimulusSet:
    plan_values = json.loads(plan.to_json())
    provenance = {"model": variant.translator or build.study.model, "data": build.study.data}
    if variant.music != Music.OWN:
        provenance["music"] = variant.music
    return StimulusSet.objects.create(
        study=build.study,
        build=build,
        translator=variant.translator,
        music=variant.music,
        class_names=list(plan.classes),
        plan=plan_values,
        latents=latents,
        machine=variant.machine,
        provenance=provenance,
        content_hash=_hash(
            {
                "plan": plan_values,
                "provenance": provenance,
                "media": [[file.source_id, file.image_sha256, file.clip_sha256] for file in variant.files],
            }
        ),
    )


def _stimuli(stimuli: StimulusSet, plan: StudyPlan, files: list[StimulusFiles]) -> dict[str, Stimulus]:
    """Create the stimuli and return them by the id of their picture."""
    class_of = {id_: index for index, ids in enumerate(plan.examples) for id_ in ids}
    class_of |= {id_: slot for trial in plan.trials for slot, id_ in enumerate(trial.options)}
    rows = [
        Stimulus(
            set=stimuli,
            class_index=class_of[file.source_id],
            rank=plan.ranks[file.source_id],
            distance=plan.distances[file.source_id],
            **vars(file),
        )
        for file in files
    ]
    return {row.source_id: row for row in Stimulus.objects.bulk_create(rows)}


def _examples(stimuli: StimulusSet, plan: StudyPlan, items: dict[str, Stimulus]) -> None:
    Example.objects.bulk_create(
        Example(set=stimuli, stimulus=items[id_], class_index=index, position=position)
        for index, ids in enumerate(plan.examples)
        for position, id_ in enumerate(ids)
    )


def _trials(stimuli: StimulusSet, plan: StudyPlan, items: dict[str, Stimulus]) -> None:
    rows = [Trial(set=stimuli, number=number) for number in range(1, len(plan.trials) + 1)]
    TrialOption.objects.bulk_create(
        TrialOption(trial=row, slot=slot, stimulus=items[id_], is_truth=slot == planned.truth)
        for row, planned in zip(Trial.objects.bulk_create(rows), plan.trials, strict=True)
        for slot, id_ in enumerate(planned.options)
    )


def _give(study: Study, stimuli: StimulusSet) -> None:
    """Make these the study's stimuli; those of older builds that no session has seen go away with files."""
    Study.objects.filter(pk=study.pk).update(stimuli=stimuli)
    unseen = StimulusSet.objects.filter(study=study, sessions__isnull=True).exclude(build=stimuli.build_id)
    names = media.file_names(unseen)
    unseen.delete()
    transaction.on_commit(lambda: media.delete_files(names))


def _hash(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
