"""The one door to `synvae_core`; everything heavy is imported inside, so that the web never loads torch.

A study names a model and a set of pictures; the operator's settings say where those names lead, so that no
researcher can point at a path of the server.
"""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from sampling import Latents, SamplingError
from study.domain import paper
from study.errors import EarsightError

if TYPE_CHECKING:
    from synvae_core.data import ImageSet as ImageSet
    from synvae_core.melody import Melody as Melody
    from synvae_core.translator import Translator as Translator

SHIPPED_MODELS = ("mnist",)
SHIPPED_DATA = ("mnist",)

Progress = Callable[[int, int], None]

# note_seq loads pydub, which looks for a program that nobody here needs.
warnings.filterwarnings("ignore", "Couldn't find ffmpeg or avconv", RuntimeWarning)


class TranslationFailed(EarsightError):
    """The pictures could not be translated."""


class PictureDamaged(TranslationFailed):
    """A file begins like a picture, but none can be read from it."""


@dataclass(frozen=True)
class Look:
    """One picture from outside: pixels (H, W, C) as the model gets them, and a copy (h, w, 3) for people."""

    pixels: NDArray[np.float32]
    copy: NDArray[np.float32]
    swapped: bool  # light and dark, for ink on paper
    familiar: bool  # is it like what the model has learnt?


@dataclass(frozen=True)
class Sound:
    """A clip as files: MP3 for browsers, FLAC as the master, MIDI for musicians."""

    mp3: bytes
    flac: bytes
    midi: bytes
    seconds: float


def available_models() -> list[str]:
    """Return the names of the models a study may use: the shipped ones, and what lies in EARSIGHT_MODELS.

    Models there are folders, or files that `python -m synvae_core export` wrote.
    """
    folders = [path.parent.name for path in settings.MODEL_FOLDERS.glob("*/config.json") if _translates(path)]
    files = [path.name for path in settings.MODEL_FOLDERS.glob("*.earsight") if path.is_file()]
    return [*SHIPPED_MODELS, *sorted(folders + files)]


def _translates(config: Path) -> bool:
    """Return whether this describes a SynVAE; a translator's parts may lie beside it."""
    try:
        return bool(json.loads(config.read_text())["kind"] == "synvae")
    except (OSError, ValueError, KeyError, TypeError):
        return False


def available_data() -> list[str]:
    """Return the names of the picture sets a study may use: mnist, and folders under EARSIGHT_PICTURES."""
    if not settings.PICTURE_FOLDERS.is_dir():
        return [*SHIPPED_DATA]
    folders = sorted(path.name for path in settings.PICTURE_FOLDERS.iterdir() if path.is_dir())
    return [*SHIPPED_DATA, *(f"folder:{name}" for name in folders)]


def open_translator(model: str) -> Translator:
    """Return the translator of this name.

    Raises:
        TranslationFailed: when there is none, or its files are damaged.
    """
    with _in_our_words():
        from synvae_core.translator import Translator

        return Translator.load(model if model in SHIPPED_MODELS else str(settings.MODEL_FOLDERS / model))


def parts(model: str) -> dict[str, Path]:
    """Return the folders of a translator by what lies in them: synvae, visvae, musicvae; of a file none.

    Raises:
        TranslationFailed: when there is no such model.
    """
    with _in_our_words():
        from synvae_core.sharing import pair_folders
        from synvae_core.training.models import model_folder

        path = settings.MODEL_FOLDERS / model
        if model not in SHIPPED_MODELS and path.is_file():
            return {}
        visvae, synvae = pair_folders(model if model in SHIPPED_MODELS else str(path))
        folders = {"synvae": synvae, "visvae": visvae}
        music = json.loads((synvae / "config.json").read_text()).get("music")
        return folders | ({"musicvae": model_folder(music)} if isinstance(music, str) else {})


def load_pictures(data: str, translator: Translator) -> ImageSet:
    """Return the labelled pictures of this name (pixels (N, H, W, C) in [0, 1]), in the translator's shape.

    Raises:
        TranslationFailed: when there are none, or none can be read.
    """
    with _in_our_words():
        from synvae_core.data import load

        name = data
        if data.startswith("folder:"):
            name = f"folder:{settings.PICTURE_FOLDERS / data.removeprefix('folder:')}"
        images = load(name, shape=translator.image_shape)
        return images.subset(np.flatnonzero(images.labels >= 0))


def encode(translator: Translator, images: ImageSet, progress: Progress) -> Latents:
    """Return the posterior mean of every picture (z (N, D)), reporting (done, total) after each batch."""
    with _in_our_words():
        encoded = translator.encode(images, progress=_counted(progress, len(images)))
        return Latents(encoded.z, images.labels, images.ids, images.class_names)


def translate(translator: Translator, images: ImageSet) -> list[Melody]:
    """Return the melody of every picture."""
    with _in_our_words():
        return translator.translate(images)


def look(file: BinaryIO, translator: Translator, *, swap: bool | None, copy_side: int) -> Look:
    """Read one picture from outside for this translator.

    `swap` exchanges light and dark; None decides by the picture's edge, for models of white strokes on black
    alone, and stretches what is between its darkest and lightest point: photographs of paper are grey. The
    copy's short side is `copy_side`.

    Raises:
        PictureDamaged: when none can be read from the file.
    """
    from synvae_core.data.pictures import UnreadablePicture, as_pixels, decode

    try:
        values = decode(file, translator.image_shape)
        file.seek(0)
        copy = decode(file, (copy_side, copy_side, 3), "short_side")
    except UnreadablePicture as error:
        raise PictureDamaged(str(error)) from error
    strokes = values.shape[-1] == 1
    if strokes and swap is None:
        values = paper.stretched(values)
    swapped = strokes and paper.light_edge(values) if swap is None else swap
    pixels = as_pixels(255 - values if swapped else values)
    return Look(pixels, as_pixels(copy), swapped, _familiar(pixels, translator))


def pixels_of(file: BinaryIO, shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """Return a picture as a model of this shape (H, W, C) gets it.

    Raises:
        PictureDamaged: when none can be read from the file.
    """
    from synvae_core.data.pictures import UnreadablePicture, as_pixels, decode

    try:
        return as_pixels(decode(file, shape))
    except UnreadablePicture as error:
        raise PictureDamaged(str(error)) from error


def _familiar(pixels: NDArray[np.float32], translator: Translator) -> bool:
    from synvae_core.cli.familiarity import unfamiliar

    return translator.trained_on != "mnist" or unfamiliar(pixels) is None


def compose(translator: Translator, pixels: NDArray[np.float32]) -> Melody:
    """Return the melody of one picture (H, W, C)."""
    from synvae_core.data import ImageSet

    (melody,) = translate(translator, ImageSet(pixels[np.newaxis], np.array([-1]), (), ("",)))
    return melody


def sounds(melodies: Sequence[Melody]) -> Generator[Sound, None, None]:
    """Yield the sound of each melody in turn; the synthesisers run side by side, one for each core.

    Raises:
        TranslationFailed: when the synthesiser or its SoundFont is missing.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            yield from pool.map(_sound, melodies)
        finally:  # whoever stops listening stops the rest
            pool.shutdown(cancel_futures=True)


@dataclass(frozen=True, eq=False)
class Listened:
    """What a translator hears in the clips of N pictures, and sees in the pictures.

    heard    (N, N) distance from clip i, re-read from its notes, to picture j, in the model's own latents
    visual   (N, D) latents of the pictures, as studies are planned
    features (N, F) what is heard of each clip at once, nan where there is nothing to measure
    again    how many of the clips the translator would compose again, note for note
    """

    heard: NDArray[np.float64]
    visual: NDArray[np.float64]
    features: NDArray[np.float64]
    again: int


def listen(translator: Translator, images: ImageSet, clips: Sequence[bytes]) -> Listened:
    """Let a translator hear the exported clips (MIDI files) of these pictures.

    Raises:
        TranslationFailed: when a file is no melody of this translator's.
    """
    with _in_our_words():
        from synvae_core.melody.surface import surface

        steps = translator.synvae.music.config.steps
        melodies = [_melody(clip, steps) for clip in clips]
        heard, seen = translator.hear(melodies).astype(float), translator.see(images.pixels).astype(float)
        composed = translator.translate(images)
        return Listened(
            heard=np.linalg.norm(heard[:, np.newaxis] - seen[np.newaxis], axis=2),
            visual=translator.latents(images.pixels).astype(float),
            features=np.array([surface(melody) for melody in melodies], dtype=float),
            again=sum(one == other.canonical() for one, other in zip(composed, melodies, strict=True)),
        )


def _melody(clip: bytes, steps: int) -> Melody:
    from synvae_core.melody import Melody

    with tempfile.NamedTemporaryFile(suffix=".mid") as file:
        file.write(clip)
        file.flush()
        return Melody.from_midi(file.name, steps)


def _sound(melody: Melody) -> Sound:
    with _in_our_words(), tempfile.TemporaryDirectory() as folder:
        from synvae_core.render import render

        (clip,) = render([melody], soundfont=settings.SOUNDFONT or None)
        mp3, flac = Path(folder) / "clip.mp3", Path(folder) / "clip.flac"
        clip.save(mp3)
        clip.save(flac)
        return Sound(mp3.read_bytes(), flac.read_bytes(), melody.to_midi_bytes(), clip.seconds)


def _counted(progress: Progress, total: int) -> Callable[[int], None]:
    """Turn "so many more are done" into "so many of so many are done"."""
    done = 0

    def more(number: int) -> None:
        nonlocal done
        done += number
        progress(done, total)

    return more


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Let what the libraries raise reach the researcher as an error of ours, with its own sentence."""
    from synvae_core.errors import SynvaeError

    try:
        yield
    except (SynvaeError, SamplingError) as error:  # the latter for latents that no plan can be made of
        raise TranslationFailed(str(error)) from error
