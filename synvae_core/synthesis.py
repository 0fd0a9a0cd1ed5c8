"""FluidSynth: a melody's notes to stereo sound, within this process or by its program.

Within the process (pyfluidsynth) a SoundFont's samples are read once. Every melody still gets a synthesiser
of its own, because chorus and reverb remember what was played before, and its sound is taken before
FluidSynth rounds it to 16 bits with a dither that runs on: so a clip is the same alone and in any batch.
Where the library is missing midi2audio runs the program; the two differ by that rounding, at most one and a
half 16-bit steps.
"""

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from synvae_core.errors import SynvaeError
from synvae_core.melody import Melody

# FluidSynth's default gain of 0.2 leaves a lone piano at a fortieth of the 16-bit range, in its dither noise.
# Its gain of 1 is 14 dB better and cannot clip one voice.
GAIN = 1.0
CHANNELS = 16  # as the program has; the library's own default reserves more
FULL_SCALE = 32766 / 32768  # what FluidSynth makes of 1.0 when it writes 16 bits
BLOCK = 1024  # samples; a multiple of the 64 to which FluidSynth keeps time
PLAYING = 1
LOG_LEVELS = 5

Samples = NDArray[np.float32]


class RenderError(SynvaeError):
    """Sound cannot be made on this machine, or not written to this file."""


def synthesise(melody: Melody, font: Path, sample_rate: int, length: int) -> Samples:
    """The first `length` samples (T, 2) of what FluidSynth plays, fewer if it ends before.

    Raises RenderError with what to install when FluidSynth is missing, or for a SoundFont it cannot load.
    """
    if _library() is None:
        return by_program(melody, font, sample_rate)[:length]
    return by_library(melody, font, sample_rate, length)


def by_library(melody: Melody, font: Path, sample_rate: int, length: int) -> Samples:
    """`synthesise` through pyfluidsynth."""
    _read_once(font)
    synth = _synth(font, sample_rate)
    try:
        return _played(synth, melody.to_midi_bytes(), length)
    finally:
        synth.delete()


def _played(synth: Any, midi: bytes, length: int) -> Samples:
    sound = np.zeros((-(-length // BLOCK) * BLOCK, 2), dtype=np.float32)
    library, native, start, done = _library(), _native(), sound.ctypes.data, 0
    player = library.new_fluid_player(synth.synth)
    native.fluid_player_add_mem(player, midi, len(midi))
    library.fluid_player_play(player)
    while done < len(sound) and library.fluid_player_get_status(player) == PLAYING:
        native.fluid_synth_write_float(synth.synth, BLOCK, start, 2 * done, 2, start, 2 * done + 1, 2)
        done += BLOCK
    library.delete_fluid_player(player)
    return sound[: min(done, length)] * np.float32(FULL_SCALE)


@cache
def _read_once(font: Path) -> Any:
    """A synthesiser that never plays: while it lives, FluidSynth keeps the font's samples for the others."""
    return _synth(font)


def _synth(font: Path, sample_rate: int = 44_100) -> Any:
    _native()  # quiet from the first message on
    synth = _library().Synth(gain=GAIN, samplerate=sample_rate, channels=CHANNELS)
    if synth.sfload(str(font), 1) < 0:
        synth.delete()
        raise RenderError(_not_loaded(font))
    return synth


def _not_loaded(font: Path) -> str:
    return f"FluidSynth cannot load {font}; it may be half a download, fetch it again."


@cache
def _library() -> Any:
    """pyfluidsynth, or None where it or FluidSynth's library is missing."""
    try:
        import fluidsynth
    except ImportError:
        return None
    return fluidsynth


@cache
def _native() -> ctypes.CDLL:
    """The functions of FluidSynth's library that pyfluidsynth leaves out; its messages are ours to give."""
    native, pointer, number = ctypes.CDLL(_library().lib), ctypes.c_void_p, ctypes.c_int
    native.fluid_synth_write_float.argtypes = [pointer, number, *(pointer, number, number) * 2]
    native.fluid_player_add_mem.argtypes = [pointer, ctypes.c_char_p, ctypes.c_size_t]
    for level in range(LOG_LEVELS):
        native.fluid_set_log_function(level, None, None)
    return native


def by_program(melody: Melody, font: Path, sample_rate: int) -> Samples:
    """All that FluidSynth plays (T, 2), through midi2audio and files."""
    if not shutil.which("fluidsynth"):
        raise RenderError(
            "FluidSynth is missing; install it with 'apt-get install fluidsynth' and try again."
        )
    with tempfile.TemporaryDirectory(prefix="earsight-render-") as folder:
        wave = _run_midi2audio(melody, font, sample_rate, Path(folder))
        sound: Samples = soundfile.read(wave, dtype="float32", always_2d=True)[0]
        return sound


def _run_midi2audio(melody: Melody, font: Path, sample_rate: int, folder: Path) -> Path:
    """Runs midi2audio as a program, in a home of its own: there it is silent and finds our gain alone."""
    midi, wave = folder / "melody.mid", folder / "melody.wav"
    melody.save_midi(midi)
    (folder / ".fluidsynth").write_text(f"gain {GAIN}\n")
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
        raise RenderError(_not_loaded(font))
    if done.returncode or not wave.exists():
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise RenderError(f"FluidSynth could not render a melody ({said}); try 'fluidsynth --version'.")
    return wave
