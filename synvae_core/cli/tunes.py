"""The other direction of `translate`: melodies in MIDI or ABC files become pictures."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synvae_core.cli.files import OutputError, names, save_png
from synvae_core.cli.output import print_json
from synvae_core.errors import SynvaeError
from synvae_core.files import whole_file

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from synvae_core.melody.tunes import Tune


class NoTune(SynvaeError):
    """What was given holds no melody, or melodies and pictures at once."""


def tunes_among(sources: Sequence[Path]) -> bool:
    """Whether the sources are melodies or folders of them; NoTune for melodies and pictures at once."""
    from synvae_core.melody.tunes import SUFFIXES

    tunes = [source.suffix.lower() in SUFFIXES or source.is_dir() for source in sources]
    if any(tunes) and not all(tunes):
        other = sources[tunes.index(False)]
        raise NoTune(f"Pictures and melodies cannot be translated at once: leave out {other} or the others.")
    return all(tunes)


def imagine(arguments: argparse.Namespace) -> int:
    """Writes the picture that the model hears in each melody and says what was read."""
    from synvae_core.translator import Translator

    translator = Translator.load(arguments.model)
    files, steps = _files(arguments.pictures), translator.synvae.music.config.steps
    read = _read(files, steps, arguments)
    images = translator.imagine([tune.melody for _, tune in read])
    targets = _targets([file for file, _ in read], arguments.output)
    for target, image in zip(targets, images, strict=True):
        _write(target, image)
    reports = [_report(*found, target) for found, target in zip(read, targets, strict=True)]
    _print(reports, as_json=arguments.json)
    return 0


def _files(sources: Sequence[Path]) -> list[Path]:
    """The files given, and of each folder its melodies in order of names."""
    from synvae_core.melody.tunes import SUFFIXES

    files: list[Path] = []
    for source in sources:
        if not source.is_dir():
            files.append(source)
            continue
        inside = sorted(path for path in source.iterdir() if path.suffix.lower() in SUFFIXES)
        if not inside:
            kinds = ", ".join(sorted(SUFFIXES))
            raise NoTune(f"The folder {source} holds no melodies ({kinds}); of pictures give the files.")
        files += inside
    return files


def _read(files: list[Path], steps: int, arguments: argparse.Namespace) -> list[tuple[Path, Tune]]:
    """The melodies; of several files one that has none is named and left out."""
    from synvae_core.melody import MelodyError
    from synvae_core.melody.tunes import read_tune

    read: list[tuple[Path, Tune]] = []
    for file in files:
        try:
            read.append((file, read_tune(file, steps, bar=arguments.bar, voice=arguments.voice)))
        except MelodyError as error:
            if len(files) == 1:
                raise
            print(f"left out: {error}", file=sys.stderr)
    if not read:
        raise NoTune(f"None of the {len(files)} files has a melody.")
    return read


def _targets(sources: list[Path], output: Path) -> list[Path]:
    """One file for each melody: `output` itself if it is a PNG's name, else files in that folder."""
    if output.suffix.lower() != ".png":
        return [output / f"{name}.png" for name in names(sources)]
    if len(sources) > 1:
        raise NoTune(f"{len(sources)} melodies become as many pictures: give a folder instead of {output}.")
    return [output]


def _write(target: Path, image: NDArray[np.float32]) -> None:
    png = io.BytesIO()
    save_png(image, png)
    try:
        with whole_file(target) as file:
            file.write(png.getvalue())
    except OSError as error:
        raise OutputError(f"{target} cannot be written ({error.strerror}); choose another place.") from error


def _report(source: Path, tune: Tune, target: Path) -> dict[str, Any]:
    from synvae_core.melody import describe

    return {
        "tune": str(source),
        "picture": str(target),
        "heard": describe(tune.melody),
        "bars": {"first": tune.first_bar, "last": tune.last_bar, "of": tune.bars},
        "left_out": tune.left_out,
    }


def _print(reports: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json({"tunes": reports})
        return
    for report in reports:
        bars = report["bars"]
        print(f"{report['tune']}: {report['heard']}; bars {bars['first']} to {bars['last']} of {bars['of']}")
        print(f"  {report['picture']}")
        if report["left_out"]:
            print(f"  left out: {'; '.join(report['left_out'])}", file=sys.stderr)
