"""Thumbnails from a folder of images named by option id."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from analysis.answers import Answer
from analysis.errors import FigureError

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp")


def thumbnails_in(folder: Path, answers: Iterable[Answer]) -> Mapping[int, Mapping[str, Path]]:
    """Per trial the image file of each class: the id as a path in the folder, with or without its suffix.

    Raises FigureError where the folder, an id or a file is missing.
    """
    if not folder.is_dir():
        raise FigureError(f"There is no folder {folder} to take thumbnails from.")
    files = _files(folder)
    one = {answer.trial: answer for answer in answers}
    return {trial: _files_of(one[trial], files, folder) for trial in sorted(one)}


def _files(folder: Path) -> dict[str, Path]:
    """Image files by every name that an id may call them: `class/17.png` and `class/17`."""
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES]
    names = {path.relative_to(folder): path for path in paths}
    short = {name.with_suffix("").as_posix(): path for name, path in names.items()}
    return short | {name.as_posix(): path for name, path in names.items()}


def _files_of(answer: Answer, files: Mapping[str, Path], folder: Path) -> dict[str, Path]:
    if not answer.option_ids:
        raise FigureError(f"The answers to trial {answer.trial} have no option ids to find thumbnails by.")
    missing = [option for option in answer.option_ids if option not in files]
    if missing:
        raise FigureError(f"The folder {folder} has no image named {missing[0]} (trial {answer.trial}).")
    return {name: files[option] for name, option in zip(answer.options, answer.option_ids, strict=True)}
