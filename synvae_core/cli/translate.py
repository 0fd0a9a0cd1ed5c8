"""Hear pictures: MIDI, FLAC, MP3 and what the model makes of its own melody, for each picture."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from synvae_core.cli.output import print_json, progress_bar
from synvae_core.errors import SynvaeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from synvae_core.melody import Melody
    from synvae_core.render import Clip

EXAMPLES = """  python -m synvae_core translate picture.jpg -o out/
  python -m synvae_core translate *.png -o out/ --json
  python -m synvae_core translate paper.jpg --invert -o out/     for dark strokes on a light ground"""
SHOWN_PIXELS = 280  # side of the pictures that are written; 28 x 28 enlarged ten times


class OutputError(SynvaeError):
    """A file could not be written."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The pictures, the model and the folder."""
    parser.add_argument("pictures", nargs="+", type=Path, metavar="PICTURE", help="any common picture file")
    parser.add_argument("-o", "--output", type=Path, default=Path("out"), help="the folder to write into")
    parser.add_argument("--model", default="mnist", help="a shipped name, a SynVAE's folder or an exported file")
    parser.add_argument("--invert", action="store_true", help="exchange light and dark first")
    parser.add_argument("--soundfont", type=Path, help="a .sf2 file (default: EARSIGHT_SOUNDFONT or ours)")


def run(arguments: argparse.Namespace) -> int:
    """Translates all pictures in one batch, then renders them one by one."""
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
            _names(arguments.pictures), arguments.pictures, images.pixels, melodies, clips, heard, strict=True
        ):
            files = _write(arguments.output / name, seen, melody, clip, image)
            reports.append(_report(picture, files, melody, clip, seen, translator.trained_on))
            bar.update()
    _print(reports, as_json=arguments.json)
    return 0


def _names(pictures: list[Path]) -> Iterator[str]:
    """A file name for each picture, numbered where two pictures share one."""
    used: set[str] = set()
    for picture in pictures:
        name, number = picture.stem, 2
        while name in used:
            name, number = f"{picture.stem}-{number}", number + 1
        used.add(name)
        yield name


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
            _save_png(seen, unfinished["seen"])
            _save_png(image, unfinished["reconstruction"])
            clip.save(unfinished["flac"])
            clip.save(unfinished["mp3"])
            for kind, name in names.items():
                unfinished[kind].replace(stem.with_name(name))
    except (OSError, RenderError) as error:
        reason = getattr(error, "strerror", None) or "the sound could not be written; is the disk full?"
        raise OutputError(f"{stem.parent} cannot be written to ({reason}); choose another folder.") from error
    return {kind: str(stem.with_name(name)) for kind, name in names.items()}


def _save_png(pixels: NDArray[np.float32], path: Path) -> None:
    """Pixels (H, W, C) in [0, 1] as a PNG, enlarged in whole steps so that each pixel stays a square."""
    import numpy as np
    from PIL import Image

    values = np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
    image = Image.fromarray(values[..., 0] if values.shape[2] == 1 else values)
    times = max(1, SHOWN_PIXELS // max(image.size))
    image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST).save(path)


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
