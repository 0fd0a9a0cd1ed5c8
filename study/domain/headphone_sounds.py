"""The sounds of the headphone checks, synthesised here from the published parameters of each.

Antiphase: K. J. P. Woods et al., *Headphone screening to facilitate web-based auditory experiments*, 2017.
Three tones of 200 Hz, one of them 6 dB quieter (S). One of the others (O) has its right channel turned over:
between loudspeakers it cancels itself and seems the quietest, over headphones it does not.

Huggins pitch: A. E. Milne et al., *An online headphone screening test based on dichotic pitch*, 2020. Three
noises, in one of which (H) a narrow band has its phase turned by 180 degrees in one ear: over headphones a
faint tone of 600 Hz is heard in it, over loudspeakers nothing.

A layout is three letters, one for each sound in turn. All sounds of a kind are WAV files of one size: neither
length nor compression tells the layout. Nothing lossy may touch them: joint stereo would spoil the phase.
"""

from __future__ import annotations

import io
import wave
from functools import cache

import numpy as np
from numpy.typing import NDArray

Wave = NDArray[np.float64]

TONE_RATE, NOISE_RATE = 22_050, 44_100  # samples a second
TONE_HZ, TONE_SECONDS, TONE_GAP = 200.0, 1.0, 0.5
TONE_PEAK = 0.2  # of full scale: -17.0 dBFS RMS
TONE_RISE = 0.1  # seconds; the envelope is (t / rise)^4, and its mirror at the end
SOFTER_DB = -6.0

NOISE_SECONDS, NOISE_GAP = 1.0, 1.0
NOISE_CLIPPED_AT = 4.2  # standard deviations
NOISE_DBFS = -23.0  # RMS; the published -12.6 was found loud, and made quieter by others too
NOISE_RISE = 0.01  # seconds, raised cosine: the same in all noises and both ears, so that none clicks
BAND = (564.0, 636.0)  # Hz: 600 Hz, 6 % to each side

VOLUME_SECONDS = 6.0


def antiphase(layout: str) -> bytes:
    """Return the WAV file of three tones: I in phase, O with the right channel turned over, S softer."""
    tone = _tone()
    softer = tone * 10 ** (SOFTER_DB / 20)
    pairs = {"I": (tone, tone), "O": (tone, -tone), "S": (softer, softer)}
    sounds = [np.stack(pairs[letter], axis=1) for letter in layout]  # each (N, 2)
    return _wav(_in_turn(sounds, TONE_GAP, TONE_RATE), TONE_RATE)


def huggins(layout: str, seed: int) -> bytes:
    """Return the WAV file of three noises drawn from the seed: N plain, H with the pitch in it."""
    generator = np.random.default_rng(seed)
    sounds = [_noise_pair(generator, turned=letter == "H") for letter in layout]
    return _wav(_in_turn(sounds, NOISE_GAP, NOISE_RATE), NOISE_RATE)


@cache
def huggins_example() -> bytes:
    """Return three noises for learning what to listen for: the pitch is in the second."""
    return huggins("NHN", 0)


@cache
def volume(kind: str) -> bytes:
    """Return noise for setting the volume: alike in both ears, as loud as the check's loudest sound."""
    level = 20 * np.log10(TONE_PEAK / np.sqrt(2)) if kind == "antiphase" else NOISE_DBFS
    noise = _noise(np.random.default_rng(0), VOLUME_SECONDS, TONE_RATE) * 10 ** (level / 20)
    noise *= _raised_cosine(len(noise), TONE_RATE)
    return _wav(np.stack((noise, noise), axis=1), TONE_RATE)


def _tone() -> Wave:
    time = np.arange(round(TONE_SECONDS * TONE_RATE)) / TONE_RATE
    rise = np.clip(np.minimum(time, time[::-1]) / TONE_RISE, 0, 1) ** 4
    return TONE_PEAK * rise * np.sin(2 * np.pi * TONE_HZ * time)


def _noise_pair(generator: np.random.Generator, *, turned: bool) -> Wave:
    """Return noise for two ears, (N, 2); `turned`: the band has the opposite phase in the right ear."""
    left = _noise(generator, NOISE_SECONDS, NOISE_RATE)
    right = _turn_band(left) if turned else left
    both = np.stack((left, right), axis=1) * 10 ** (NOISE_DBFS / 20)
    return np.asarray(both * _raised_cosine(len(left), NOISE_RATE)[:, None])


def _noise(generator: np.random.Generator, seconds: float, rate: int) -> Wave:
    """Return white Gaussian noise of standard deviation 1, clipped."""
    drawn = generator.standard_normal(round(seconds * rate))
    return np.clip(drawn, -NOISE_CLIPPED_AT, NOISE_CLIPPED_AT)


def _turn_band(noise: Wave) -> Wave:
    spectrum = np.fft.rfft(noise)
    hertz = np.fft.rfftfreq(len(noise), 1 / NOISE_RATE)
    spectrum[(hertz >= BAND[0]) & (hertz <= BAND[1])] *= -1
    return np.fft.irfft(spectrum, len(noise))


def _raised_cosine(length: int, rate: int) -> Wave:
    time = np.arange(length) / rate
    return np.sin(np.pi / 2 * np.clip(np.minimum(time, time[::-1]) / NOISE_RISE, 0, 1)) ** 2


def _in_turn(sounds: list[Wave], gap: float, rate: int) -> Wave:
    silence = np.zeros((round(gap * rate), 2))
    parts = [sounds[0]]
    for sound in sounds[1:]:
        parts += [silence, sound]
    return np.concatenate(parts)


def _wav(samples: Wave, rate: int) -> bytes:
    """Return samples (N, 2) in [-1, 1] as 16-bit WAV."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(2)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(np.rint(samples * 32767).astype("<i2").tobytes())
    return file.getvalue()
