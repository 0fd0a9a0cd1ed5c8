"""The other music of a study's conditions: the same pictures, told by another translator or exchanged."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import TYPE_CHECKING

from django.core.files.storage import default_storage

from study.domain import exchange, layout, media, translation
from study.domain.layout import StimulusFiles, Variant
from study.errors import EarsightError
from study.models import Study
from study.models.stimuli import Music

if TYPE_CHECKING:
    from sampling import StudyPlan
    from study.domain.translation import ImageSet, Translator

Report = Callable[[str, int, int], None]
Hear = Callable[[str, "Translator", "ImageSet", list[StimulusFiles]], None]


class PictureUnknown(EarsightError):
    """The other translator does not read a picture of this study."""


def write(
    study: Study,
    plan: StudyPlan,
    files: list[StimulusFiles],
    kinds: Iterable[tuple[str, str]],
    folder: str,
    report: Report,
    hear: Hear,
) -> list[Variant]:
    """Write the files of these kinds (translator, music) beside the study's own `files`, and return them.

    `hear` is given each other translator with the pictures and the files that it has told.

    Raises:
        TranslationFailed, PictureUnknown: when another translator cannot tell these pictures.
    """
    told = {"": files}
    variants = []
    for translator, music in kinds:
        if translator not in told:
            told[translator] = _retold(translator, study, files, folder, report, hear)
            variants.append(Variant(translator, Music.OWN, told[translator]))
        if music == Music.EXCHANGED:
            variants.append(Variant(translator, music, exchanged(plan, told[translator], folder)))
    return variants


def exchanged(plan: StudyPlan, files: list[StimulusFiles], folder: str) -> list[StimulusFiles]:
    """Give the truths of the trials, and the examples among themselves, each another one's clip.

    Every file is written again under a name of its own. Pictures that no clip is played for have none.
    """
    by_id = {file.source_id: file for file in files}
    source = sources(plan)
    return [_with_clip(file, by_id[source.get(file.source_id, file.source_id)], folder) for file in files]


def sources(plan: StudyPlan) -> dict[str, str]:
    """Return whose clip each picture that is played has, where music is exchanged."""
    truths = {trial.options[trial.truth]: trial.truth for trial in plan.trials}
    examples = {id_: index for index, ids in enumerate(plan.examples) for id_ in ids}
    return exchange.clips(truths, plan.seed) | exchange.clips(examples, plan.seed)


def _with_clip(file: StimulusFiles, source: StimulusFiles, folder: str) -> StimulusFiles:
    return dataclasses.replace(
        file,
        image=media.write(folder, ".png", content(file.image)),
        clip=media.write(folder, ".mp3", content(source.clip)),
        master="",
        midi="",
        seconds=source.seconds,
        clip_sha256=source.clip_sha256,
    )


def _retold(
    translator: str, study: Study, files: list[StimulusFiles], folder: str, report: Report, hear: Hear
) -> list[StimulusFiles]:
    """Let another translator tell the same pictures, each read from the data set in the shape it wants."""
    report(f"Loading the translator {translator}", 0, 0)
    other = translation.open_translator(translator)
    images = translation.load_pictures(study.data, other)
    row = {id_: number for number, id_ in enumerate(images.ids)}
    if unknown := next((file.source_id for file in files if file.source_id not in row), None):
        raise PictureUnknown(f"The translator {translator} does not read the picture {unknown}.")
    chosen = images.subset([row[file.source_id] for file in files])
    report(f"Composing the melodies of {translator}", 0, 0)
    made: list[StimulusFiles] = []
    with closing(translation.sounds(translation.translate(other, chosen))) as sounds:
        for file, sound in zip(files, sounds, strict=True):
            picture = content(file.image)
            made.append(layout.write_picture_and_sound(file.source_id, picture, sound, folder))
            report(f"Recording the clips of {translator}", len(made), len(files))
    hear(translator, other, chosen, made)
    return made


def content(name: str) -> bytes:
    """Return a file that this build has written."""
    with default_storage.open(name, "rb") as file:
        return bytes(file.read())
