"""The sounds of the headphone checks, measured: levels, ears compared, cancellation, the turned band."""

from __future__ import annotations

import hashlib
import io
from itertools import permutations

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from study.domain import headphone_sounds

Wave = NDArray[np.float64]

ANTIPHASE = ["".join(letters) for letters in permutations("IOS")]
HUGGINS = ["HNN", "NHN", "NNH"]


def heard(file: bytes) -> tuple[Wave, int]:
    """The samples (N, 2) as another program reads them, and the rate."""
    samples, rate = soundfile.read(io.BytesIO(file), always_2d=True)
    return samples, rate


def parts(file: bytes, seconds: float, gap: float) -> list[Wave]:
    """The three sounds of a file, without the silence between them."""
    samples, rate = heard(file)
    starts = [round(place * (seconds + gap) * rate) for place in range(3)]
    return [samples[start : start + round(seconds * rate)] for start in starts]


def dbfs(samples: Wave) -> float:
    """RMS of a sound's steady middle, in dB below full scale."""
    rise = len(samples) // 8
    return float(10 * np.log10(np.mean(samples[rise:-rise] ** 2) + 1e-30))


def correlation(sound: Wave) -> float:
    return float(np.corrcoef(sound[:, 0], sound[:, 1])[0, 1])


@pytest.mark.parametrize("layout", ANTIPHASE)
def test_antiphase_tones_have_the_published_levels_and_phases(layout: str) -> None:
    tones = dict(zip(layout, parts(headphone_sounds.antiphase(layout), 1.0, 0.5), strict=True))
    levels = {letter: [round(dbfs(tone[:, ear]), 1) for ear in (0, 1)] for letter, tone in tones.items()}
    assert levels == {"I": [-17.0, -17.0], "O": [-17.0, -17.0], "S": [-23.0, -23.0]}
    correlations = {letter: round(correlation(tone), 6) for letter, tone in tones.items()}
    assert correlations == {"I": 1, "O": -1, "S": 1}


def test_the_antiphase_tone_cancels_itself_where_both_channels_meet() -> None:
    tones = parts(headphone_sounds.antiphase("IOS"), 1.0, 0.5)
    in_phase, opposite, softer = (dbfs(tone.sum(axis=1)) for tone in tones)
    assert opposite < -150
    assert (round(in_phase, 1), round(softer, 1)) == (-11.0, -17.0)


def test_antiphase_tones_are_of_200_hertz_and_rise_as_the_fourth_power() -> None:
    samples, rate = heard(headphone_sounds.antiphase("ISO"))
    assert (samples.shape, rate) == ((4 * 22_050, 2), 22_050)
    tone = samples[:rate, 0]
    assert int(np.abs(np.fft.rfft(tone)).argmax()) == 200
    peaks = [
        float(np.abs(tone[round(at * rate) : round((at + 0.005) * rate)]).max()) for at in (0.0475, 0.5)
    ]  # one period
    assert peaks[0] / peaks[1] == pytest.approx(0.5125**4, rel=0.02)
    assert peaks[1] == pytest.approx(0.2, abs=0.001)


@pytest.mark.parametrize("layout", HUGGINS)
def test_one_huggins_noise_differs_between_the_ears(layout: str) -> None:
    noises = parts(headphone_sounds.huggins(layout, 5), 1.0, 1.0)
    correlations = [correlation(noise) for noise in noises]
    expected = 1 - 2 * (636 - 564) / 22_050  # the share of the power that lies in the band
    plain = [value for value, letter in zip(correlations, layout, strict=True) if letter == "N"]
    assert plain == pytest.approx([1, 1])
    assert correlations[layout.index("H")] == pytest.approx(expected, abs=0.002)
    levels = [round(dbfs(noise[:, ear]), 1) for noise in noises for ear in (0, 1)]
    assert levels == pytest.approx([-23.0] * 6, abs=0.15)


def test_the_phase_is_turned_in_the_band_alone() -> None:
    noise = parts(headphone_sounds.huggins("HNN", 5), 1.0, 1.0)[0]
    left, right = (np.fft.rfft(noise[:, ear]) for ear in (0, 1))
    power = np.abs(left) ** 2
    turned = np.real(left * right.conj()) / power  # -1 where the ears are opposite, 1 where they agree
    hertz = np.fft.rfftfreq(len(noise), 1 / 44_100)
    inside = turned[(hertz > 570) & (hertz < 630)]
    outside = turned[((hertz > 100) & (hertz < 555)) | ((hertz > 645) & (hertz < 20_000))]
    assert np.median(inside) == pytest.approx(-1, abs=0.05)
    assert np.median(outside) == pytest.approx(1, abs=0.001)
    assert (inside < 0).mean() > 0.95
    assert (outside > 0.5).mean() > 0.99


def test_each_ear_alone_hears_noise_without_a_pitch() -> None:
    """With one ear the band is as loud as its neighbourhood: nothing gives H away."""
    noises = parts(headphone_sounds.huggins("NHN", 8), 1.0, 1.0)
    hertz = np.fft.rfftfreq(44_100, 1 / 44_100)
    band = (hertz >= 564) & (hertz <= 636)
    beside = (hertz > 400) & (hertz < 800) & ~band
    for noise in noises:
        for ear in (0, 1):
            power = np.abs(np.fft.rfft(noise[:, ear])) ** 2
            assert power[band].mean() == pytest.approx(power[beside].mean(), rel=0.45)


def test_no_noise_leaves_the_range_or_clips() -> None:
    samples, rate = heard(headphone_sounds.huggins("NHN", 3))
    assert (samples.shape, rate) == ((5 * 44_100, 2), 44_100)
    assert np.abs(samples).max() < 0.5


def test_a_seed_gives_one_noise_and_another_seed_another() -> None:
    first, again, other = (headphone_sounds.huggins("NHN", seed) for seed in (1, 1, 2))
    assert first == again
    assert hashlib.sha256(first).digest() != hashlib.sha256(other).digest()


def test_the_size_of_a_file_tells_nothing() -> None:
    assert len({len(headphone_sounds.antiphase(layout)) for layout in ANTIPHASE}) == 1
    assert len({len(headphone_sounds.huggins(layout, seed)) for layout in HUGGINS for seed in (1, 2)}) == 1


@pytest.mark.parametrize(("kind", "level"), [("antiphase", -17.0), ("huggins", -23.0)])
def test_the_volume_is_set_by_a_noise_as_loud_as_the_check(kind: str, level: float) -> None:
    samples, rate = heard(headphone_sounds.volume(kind))
    assert (samples.shape, rate) == ((6 * 22_050, 2), 22_050)
    assert [round(dbfs(samples[:, ear]), 1) for ear in (0, 1)] == [level, level]
    assert correlation(samples) == pytest.approx(1)
