"""Hear pictures, or see melodies.

For each picture: MIDI, FLAC, MP3 and what the model makes of its own melody. For each melody (MIDI or ABC, or
a folder of them): the picture that the model hears in it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from synvae_core.cli.arguments import at_least_one
from synvae_core.cli.files import OutputError, names, save_png
from synvae_core.cli.output import print_json, progress_bar
from synvae_core.cli.tunes import imagine, tunes_among

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from synvae_core.melody import Melody
    from synvae_core.render import Clip

EXAMPLES = """  python -m synvae_core translate picture.jpg -o out/
  python -m synvae_core translate *.png -o out/ --json
  python -m synvae_core translate paper.jpg --invert -o out/     for dark strokes on a light ground
  python -m synvae_core translate tune.mid -o picture.png
  python -m synvae_core translate tunes/ -o pictures/ --bar 5    from the fifth bar of each tune on"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The pictures or melodies, the model and the folder."""
    parser.add_argument(
        "pictures",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="any common picture files, or MIDI and ABC files and folders of them",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("out"),
        help="the folder to write into, or the PNG of a single melody (default: out)",
    )
    parser.add_argument("--model", default="mnist", help="a shipped name, a SynVAE's folder or a shared file")
    parser.add_argument("--invert", action="store_true", help="exchange light and dark of pictures first")
    parser.add_argument("--soundfont", type=Path, help="a .sf2 file (default: EARSIGHT_SOUNDFONT or ours)")
    parser.add_argument(
        "--bar", type=at_least_one, help="of a melody: the first bar to read (default: of its first note)"
    )
    parser.add_argument(
        "--voice", type=at_least_one, default=1, help="of a melody: which instrument to read (default: 1)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Translates all pictures in one batch, then renders them one by one; melodies go the other way."""
    return imagine(arguments) if tunes_among(arguments.pictures) else _hear(arguments)


def _hear(arguments: argparse.Namespace) -> int:
    from dataclasses import replace

    from synvae_core.data.pictures import load_pictures
    from synvae_core.render import render_each
    from synvae_core.translator import Translator

    translator = Translator.load(arguments.model)
    images = load_pictures(arguments.pictures, shape=translator.image_shape)
    if arguments.invert:
        images = replace(images, pixels=1 - images.pixels)
    melodies = translator.translate(images)
    heard = translator.imagine(melodies)
    clips = render_each(melodies, soundfont=arguments.soundfont)
    reports = []
    with progress_bar(len(melodies), "clips") as bar:
        for name, picture, seen, melody, clip, image in zip(
            names(arguments.pictures), arguments.pictures, images.pixels, melodies, clips, heard, strict=True
        ):
            files = _write(arguments.output / name, seen, melody, clip, image)
            reports.append(_report(picture, files, melody, clip, seen, translator.trained_on))
            bar.update()
    _print(reports, as_json=arguments.json)
    return 0


def _write(
    stem: Path, seen: NDArray[np.float32], melody: Melody, clip: Clip, image: NDArray[np.float32]
) -> dict[str, str]:
    """Writes all files of one picture, or none; returns their paths by kind."""
    from synvae_core.render import RenderError

    names = {kind: f"{stem.name}.{kind}" for kind in ("mid", "flac", "mp3")}
    names |= {kind: f"{stem.name}-{kind}.png" for kind in ("seen", "reconstruction")}
    try:
        stem.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=stem.parent, prefix=".translate-") as scratch:
            unfinished = {kind: Path(scratch) / name for kind, name in names.items()}
            melody.save_midi(unfinished["mid"])
            save_png(seen, unfinished["seen"])
            save_png(image, unfinished["reconstruction"])
            clip.save(unfinished["flac"])
            clip.save(unfinished["mp3"])
            for kind, name in names.items():
                unfinished[kind].replace(stem.with_name(name))
    except (OSError, RenderError) as error:
        reason = getattr(error, "strerror", None) or "the sound could not be written; is the disk full?"
        raise OutputError(f"{stem.parent} cannot be written to ({reason}); choose another folder.") from error
    return {kind: str(stem.with_name(name)) for kind, name in names.items()}


def _report(
    picture: Path,
    files: dict[str, str],
    melody: Melody,
    clip: Clip,
    seen: NDArray[np.float32],
    trained_on: str,
) -> dict[str, Any]:
    from synvae_core.cli.familiarity import unfamiliar
    from synvae_core.melody import describe

    return {
        "picture": str(picture),
        "files": files,
        "heard": describe(melody),
        "clip": {"seconds": clip.seconds, "lufs": clip.lufs},
        "note": unfamiliar(seen) if trained_on == "mnist" else None,
    }


def _print(reports: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json({"pictures": reports})
        return
    for report in reports:
        print(f"{report['picture']}: {report['heard']}")
        print("  " + " ".join(report["files"].values()))
        if report["note"]:
            print(f"  note: {report['note']}", file=sys.stderr)
