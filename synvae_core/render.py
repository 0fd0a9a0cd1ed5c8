"""From melodies to clips: midi2audio and FluidSynth, tail cut and faded, loudness and true peak set.

Every melody is rendered by a FluidSynth of its own, so a clip's samples depend on nothing but the melody,
the SoundFont and the sample rate: not on the other melodies, nor on a configuration of this machine.
"""

import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from synvae_core.errors import SynvaeError
from synvae_core.loudness import levelled
from synvae_core.melody import Melody

SAMPLE_RATE = 44_100
RELEASE_SECONDS = 1.0  # a piano's last note rings about half a second; every clip gets the same length
FADE_SECONDS = 0.5
MP3_LEVEL = (
    0.65  # on libsndfile's scale from 0 (best) to 1; measured: 128 kbit/s at 44.1 kHz, error at -54 dB
)
MP3_SCALE = 0.95  # LAME turns everything down by this much, 0.45 dB (measured); we turn it up before

# FluidSynth's default gain of 0.2 leaves a lone piano at a fortieth of the 16-bit range, in its dither noise.
# Its gain of 1 is 14 dB better and cannot clip one voice.
FLUIDSYNTH_CONFIG = "gain 1.0\n"
INAUDIBLE = 1e-3  # the peak below which its dither stays

Samples = NDArray[np.float32]


class RenderError(SynvaeError):
    """Sound cannot be made on this machine, or not written to this file."""


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
    _require_fluidsynth()
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


def _require_fluidsynth() -> None:
    if not shutil.which("fluidsynth"):
        raise RenderError(
            "FluidSynth is missing; install it with 'apt-get install fluidsynth' and try again."
        )


def _length(melody: Melody, sample_rate: int) -> int:
    return round((melody.seconds + RELEASE_SECONDS) * sample_rate)


def _silence(melody: Melody, sample_rate: int) -> Samples:
    return np.zeros(_length(melody, sample_rate), dtype=np.float32)


def _played(melody: Melody, font: Path, sample_rate: int) -> Samples:
    """What FluidSynth plays, mixed to mono, cut to length and faded; one ear misses nothing."""
    with tempfile.TemporaryDirectory(prefix="earsight-render-") as folder:
        wave = _run_midi2audio(melody, font, sample_rate, Path(folder))
        sound, _ = soundfile.read(wave, dtype="float32", always_2d=True)  # (T, 2)
    samples = _silence(melody, sample_rate)
    mono = sound.mean(axis=1)[: len(samples)]
    samples[: len(mono)] = mono
    fade = round(FADE_SECONDS * sample_rate)
    samples[-fade:] *= (0.5 + 0.5 * np.cos(np.linspace(0, math.pi, fade))).astype(np.float32)
    if np.abs(samples).max() < INAUDIBLE:
        raise RenderError(
            f"FluidSynth played nothing; {font} has no piano (program 0), choose another SoundFont."
        )
    return samples


def _run_midi2audio(melody: Melody, font: Path, sample_rate: int, folder: Path) -> Path:
    """Runs midi2audio as a program, in a home of its own: there it is silent and finds our gain alone."""
    midi, wave = folder / "melody.mid", folder / "melody.wav"
    melody.save_midi(midi)
    (folder / ".fluidsynth").write_text(FLUIDSYNTH_CONFIG)
    command = [sys.executable, "-m", "midi2audio", "-s", str(font), "-r", str(sample_rate)]
    done = subprocess.run(
        [*command, str(midi), str(wave)],
        env={**os.environ, "HOME": str(folder)},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if "Failed to load SoundFont" in done.stderr:  # FluidSynth would go on with another one, or in silence
        raise RenderError(f"FluidSynth cannot load {font}; it may be half a download, fetch it again.")
    if done.returncode or not wave.exists():
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise RenderError(f"FluidSynth could not render a melody ({said}); try 'fluidsynth --version'.")
    return wave
