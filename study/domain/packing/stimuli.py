"""The stimuli of a package: which image and clip belongs where, and their files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models.fields.files import FieldFile

from study.domain import media
from study.domain.packing import columns
from study.domain.packing.lines import Cell, lines
from study.domain.packing.tables import Table
from study.models import Condition, Stimulus, StimulusSet, Study, TrialOption

GULP = 1 << 20
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class MediaFile:
    """A file of the media storage and its place in the package."""

    path: str
    file: FieldFile

    def chunks(self) -> Iterator[bytes]:
        """Return its content in pieces. Raises MediaMissing at once where it has gone."""
        return _pieces(media.opened(self.file))


def _pieces(file: FieldFile) -> Iterator[bytes]:
    with file:
        while chunk := file.read(GULP):
            yield chunk


def sets(study: Study) -> list[StimulusSet]:
    """Return the sets of stimuli of the study's present build: its own music first."""
    if study.stimuli is None:
        return []
    of_build = StimulusSet.objects.filter(build=study.stimuli.build_id).defer("plan").order_by("pk")
    return sorted(of_build, key=lambda one: (one.pk != study.stimuli_id, one.pk))


def tables(study: Study, *, with_media: bool) -> list[Table]:
    """Return the tables of sets, stimuli and trials."""
    made = sets(study)
    stimuli = Stimulus.objects.filter(set__in=made)
    options = TrialOption.objects.filter(trial__set__in=made)
    return [
        Table(
            "sets",
            "One row for each set of stimuli: conditions with other music have sets of their own.",
            columns.SETS,
            lambda: lines(columns.SETS, _set_rows(study, made)),
            lambda: len(made),
            ("set",),
        ),
        Table(
            "stimuli",
            "One row for each image and the clip made from it, in each set.",
            columns.STIMULI,
            lambda: lines(columns.STIMULI, _stimulus_rows(made, with_media)),
            stimuli.count,
            ("set", "stimulus_id"),
        ),
        Table(
            "trials",
            "One row for each option of each trial, in each set.",
            columns.TRIALS,
            lambda: lines(columns.TRIALS, _trial_rows(made)),
            options.count,
            ("set", "task_id", "slot"),
        ),
    ]


def media_files(study: Study) -> Iterator[MediaFile]:
    """Yield every image, clip and melody of the study's present build."""
    for number, made in enumerate(sets(study), start=1):
        for stimulus in made.items.order_by("pk"):
            names = _names(stimulus, number)
            yield from (MediaFile(path, file) for file, path in names if path)


def _names(stimulus: Stimulus, number: int) -> list[tuple[FieldFile, str]]:
    """Return image, clip and melody with their paths in the package; a path is empty where no file is."""
    stem = _UNSAFE.sub("-", stimulus.source_id).strip("-.")[:80] or "image"
    stem = f"{stimulus.pk}-{stem}"
    folder = "media" if number == 1 else f"media/set-{number}"
    kinds = ((stimulus.image, "images"), (stimulus.clip, "clips"), (stimulus.midi, "midi"))
    return [(file, _path(file, f"{folder}/{kind}/{stem}")) for file, kind in kinds]


def _path(file: FieldFile, stem: str) -> str:
    suffix = re.search(r"\.[a-z0-9]{1,5}$", str(file.name or ""))
    return f"{stem}{suffix[0]}" if file and suffix else ""


def _set_rows(study: Study, made: list[StimulusSet]) -> Iterator[list[Cell]]:
    arms = list(Condition.objects.filter(study=study).order_by("place"))
    for number, one in enumerate(made, start=1):
        names = [arm.name for arm in arms if (arm.translator, arm.music) == (one.translator, one.music)]
        yield [number, one.translator or study.model, one.music, one.content_hash, "\n".join(names) or None]


def _stimulus_rows(made: list[StimulusSet], with_media: bool) -> Iterator[list[Cell]]:
    for number, one in enumerate(made, start=1):
        examples = set(one.examples.values_list("stimulus_id", flat=True))
        for item in one.items.select_related("set").order_by("pk"):
            paths = [path if with_media else "" for _, path in _names(item, number)]
            yield [
                number, item.source_id, item.class_name, "example" if item.pk in examples else "option",
                item.rank, item.distance, item.seconds, item.image_sha256, item.clip_sha256,
                *(path or None for path in paths),
            ]  # fmt: skip


def _trial_rows(made: list[StimulusSet]) -> Iterator[list[Cell]]:
    for number, one in enumerate(made, start=1):
        options = TrialOption.objects.filter(trial__set=one).select_related("trial", "stimulus")
        for option in options.order_by("trial__number", "slot"):
            yield [
                number, option.trial.number, option.slot, option.stimulus.source_id,
                str(one.class_names[option.slot]), int(option.is_truth),
            ]  # fmt: skip
