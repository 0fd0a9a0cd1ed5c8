"""Loudness by ITU-R BS.1770 (pyloudnorm) and true peak by four-fold oversampling."""

import math

import numpy as np
from numpy.typing import NDArray

TARGET_LUFS = -23.0  # EBU R 128
CEILING_DBTP = -1.0
OVERSAMPLING = 4  # BS.1770-4, annex 2
TOLERANCE_LU = 0.01
PASSES = 4  # ordinary clips need one
SHORTEST_SECONDS = 0.4  # one gating block; shorter clips are measured repeated

Samples = NDArray[np.float32]


def loudness(samples: Samples, sample_rate: int) -> float:
    """Integrated loudness of mono samples (T,) in LUFS; -inf for silence."""
    import pyloudnorm

    if not samples.any():
        return -math.inf
    shortest = math.ceil(SHORTEST_SECONDS * sample_rate)
    repeats = -(-shortest // len(samples))
    return float(
        pyloudnorm.Meter(sample_rate).integrated_loudness(np.tile(samples, repeats).astype(np.float64))
    )


def true_peak(samples: Samples) -> float:
    """The highest peak between the samples (T,) as well, in dBTP; -inf for silence."""
    from scipy.signal import resample_poly

    if not samples.any():
        return -math.inf
    return 20 * math.log10(float(np.abs(resample_poly(samples.astype(np.float64), OVERSAMPLING, 1)).max()))


def levelled(samples: Samples, sample_rate: int) -> tuple[Samples, int, float, float]:
    """Samples at -23 LUFS, or as near as -1 dBTP allows; with their rate, the gain in dB and the LUFS.

    Silence, and what is too quiet for the meter's gate (-70 LUFS), is left as it is.
    """
    gain, reached = 0.0, loudness(samples, sample_rate)
    if math.isinf(reached):
        return samples, sample_rate, gain, reached
    highest = CEILING_DBTP - true_peak(samples)
    for _ in range(PASSES):
        gain = min(gain + TARGET_LUFS - reached, highest)
        reached = loudness(_amplified(samples, gain), sample_rate)
        if gain == highest or abs(reached - TARGET_LUFS) < TOLERANCE_LU:
            break  # else the gain has moved quiet parts over the meter's gate: measure again
    return _amplified(samples, gain), sample_rate, gain, reached


def _amplified(samples: Samples, gain_db: float) -> Samples:
    return samples * np.float32(10 ** (gain_db / 20))
