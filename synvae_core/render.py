"""From melodies to clips: FluidSynth's sound with its tail cut and faded, loudness and true peak set.

A clip's samples depend on nothing but the melody, the SoundFont and the sample rate: not on the other
melodies, nor on a configuration of this machine.
"""

import math
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import soundfile

from synvae_core.loudness import levelled
from synvae_core.melody import Melody
from synvae_core.synthesis import RenderError, Samples, synthesise

__all__ = ["Clip", "RenderError", "find_soundfont", "render", "render_each"]

SAMPLE_RATE = 44_100
RELEASE_SECONDS = 1.0  # a piano's last note rings about half a second; every clip gets the same length
FADE_SECONDS = 0.5
MP3_LEVEL = (
    0.65  # on libsndfile's scale from 0 (best) to 1; measured: 128 kbit/s at 44.1 kHz, error at -54 dB
)
MP3_SCALE = 0.95  # LAME turns everything down by this much, 0.45 dB (measured); we turn it up before

INAUDIBLE = 1e-3  # the peak below which FluidSynth's dither stays


@dataclass(frozen=True, eq=False)
class Clip:
    """Mono sound: samples (T,) in -1..1, the gain that was applied, and the loudness it ended at."""

    samples: Samples
    sample_rate: int
    gain_db: float
    lufs: float  # -inf for silence

    @property
    def seconds(self) -> float:
        """Length in seconds, release included."""
        return len(self.samples) / self.sample_rate

    def save(self, path: str | Path) -> None:
        """Writes FLAC (16 bit, the master), MP3 (constant bit rate, for browsers) or WAV by the suffix."""
        path = Path(path)
        try:
            _WRITERS[path.suffix.lower()](self, path)
        except KeyError:
            raise RenderError(f"{path.name}: clips are written as .flac, .mp3 or .wav.") from None
        except (OSError, soundfile.LibsndfileError) as error:
            raise RenderError(f"{path} could not be written ({error}); check the folder and disk.") from error


def _write_pcm(clip: Clip, path: Path) -> None:
    soundfile.write(path, clip.samples, clip.sample_rate, subtype="PCM_16")


def _write_mp3(clip: Clip, path: Path) -> None:
    # Constant bit rate: clips of one length have one size, so size tells a listener nothing.
    options = {"bitrate_mode": "CONSTANT", "compression_level": MP3_LEVEL}
    soundfile.write(path, clip.samples / MP3_SCALE, clip.sample_rate, subtype="MPEG_LAYER_III", **options)


_WRITERS = {".flac": _write_pcm, ".wav": _write_pcm, ".mp3": _write_mp3}


def render(
    melodies: Iterable[Melody], *, soundfont: str | Path | None = None, sample_rate: int = SAMPLE_RATE
) -> list[Clip]:
    """A clip of each melody, one second longer than it, at -23 LUFS and at most -1 dBTP.

    Raises RenderError with what to install when FluidSynth or the SoundFont is missing.
    """
    return list(render_each(melodies, soundfont=soundfont, sample_rate=sample_rate))


def render_each(
    melodies: Iterable[Melody], *, soundfont: str | Path | None = None, sample_rate: int = SAMPLE_RATE
) -> Iterator[Clip]:
    """`render`, one clip at a time, for callers that show progress."""
    font = find_soundfont(soundfont)
    for melody in melodies:
        dry = _silence(melody, sample_rate) if not melody.to_notes() else _played(melody, font, sample_rate)
        yield Clip(*levelled(dry, sample_rate))


def find_soundfont(soundfont: str | Path | None = None) -> Path:
    """The SoundFont: the argument, else EARSIGHT_SOUNDFONT, else the one that comes with pretty_midi."""
    chosen = soundfont or os.environ.get("EARSIGHT_SOUNDFONT")
    path = Path(chosen).expanduser() if chosen else _packaged_soundfont()
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError:
        raise RenderError(
            f"The SoundFont {path} cannot be read; set EARSIGHT_SOUNDFONT to a .sf2 file, "
            "or unset it to use the one that comes with pretty_midi."
        ) from None
    if head[:4] != b"RIFF" or head[8:] != b"sfbk":
        raise RenderError(f"{path} is no SoundFont; set EARSIGHT_SOUNDFONT to a .sf2 file.")
    return path


def _packaged_soundfont() -> Path:
    """pretty_midi's TimGM6mb.sf2, found without importing pretty_midi (which takes a second)."""
    spec = find_spec("pretty_midi")
    folders = spec.submodule_search_locations if spec and spec.submodule_search_locations else []
    return next((Path(f) / "TimGM6mb.sf2" for f in folders), Path("TimGM6mb.sf2"))


def _length(melody: Melody, sample_rate: int) -> int:
    return round((melody.seconds + RELEASE_SECONDS) * sample_rate)


def _silence(melody: Melody, sample_rate: int) -> Samples:
    return np.zeros(_length(melody, sample_rate), dtype=np.float32)


def _played(melody: Melody, font: Path, sample_rate: int) -> Samples:
    """What FluidSynth plays, mixed to mono, cut to length and faded; one ear misses nothing."""
    samples = _silence(melody, sample_rate)
    mono = synthesise(melody, font, sample_rate, len(samples)).mean(axis=1)
    samples[: len(mono)] = mono
    fade = round(FADE_SECONDS * sample_rate)
    samples[-fade:] *= (0.5 + 0.5 * np.cos(np.linspace(0, math.pi, fade))).astype(np.float32)
    if np.abs(samples).max() < INAUDIBLE:
        raise RenderError(
            f"FluidSynth played nothing; {font} has no piano (program 0), choose another SoundFont."
        )
    return samples
