"""Seconds and sound of rendered clips: `python -m benchmarks.render [--clips 24] [--soundfont FILE]`.

Renders random melodies of several lengths, each alone as a study does, and prints per length the seconds a
clip takes (wall and processor, FluidSynth's included), its loudness and true peak and the size of its files.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synvae_core.loudness import true_peak
from synvae_core.melody import STEPS_PER_BAR, Melody, class_of_pitch
from synvae_core.render import Clip, render


@dataclass(frozen=True)
class Row:
    """Averages over the clips of one length."""

    bars: int
    wall: float
    processor: float
    lufs: tuple[float, float]
    highest_peak: float
    flac_bytes: float
    mp3_bytes: float

    def __str__(self) -> str:
        loudness = f"{self.lufs[0]:.2f} .. {self.lufs[1]:.2f}"
        return (
            f"{self.bars:4d} {self.wall:8.2f} {self.processor:12.2f} {loudness:>18s} "
            f"{self.highest_peak:9.1f} {self.flac_bytes / 1000:8.0f} {self.mp3_bytes / 1000:7.0f}"
        )


def random_melody(bars: int, rng: np.random.Generator) -> Melody:
    """About six notes a bar within two octaves, as our corpus has."""
    steps = bars * STEPS_PER_BAR
    onsets = class_of_pitch(60) + rng.integers(0, 25, steps)
    return Melody(np.where(rng.random(steps) < 6 / STEPS_PER_BAR, onsets, 0))


def measure(bars: int, clips: int, soundfont: Path | None) -> Row:
    """Renders `clips` melodies of `bars` bars one by one."""
    rng = np.random.default_rng(bars)
    melodies = [random_melody(bars, rng) for _ in range(clips)]
    wall, processor = time.perf_counter(), _processor_seconds()
    rendered = [render([melody], soundfont=soundfont)[0] for melody in melodies]
    wall, processor = time.perf_counter() - wall, _processor_seconds() - processor
    loudness = [clip.lufs for clip in rendered]
    return Row(
        bars=bars,
        wall=wall / clips,
        processor=processor / clips,
        lufs=(min(loudness), max(loudness)),
        highest_peak=max(true_peak(clip.samples) for clip in rendered),
        flac_bytes=_mean_size(rendered, ".flac"),
        mp3_bytes=_mean_size(rendered, ".mp3"),
    )


def _processor_seconds() -> float:
    """Processor seconds of this process and of those it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _mean_size(clips: list[Clip], suffix: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{i}{suffix}" for i in range(len(clips))]
        for clip, path in zip(clips, paths, strict=True):
            clip.save(path)
        return float(np.mean([path.stat().st_size for path in paths]))


def main() -> None:
    """Prints one line per length."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=24)
    parser.add_argument("--soundfont", type=Path)
    arguments = parser.parse_args()
    render([random_melody(1, np.random.default_rng(0))], soundfont=arguments.soundfont)  # loads the libraries
    print("bars   wall s  processor s               LUFS  dBTP max  FLAC kB  MP3 kB")
    for bars in (2, 4, 16):
        print(measure(bars, arguments.clips, arguments.soundfont))


if __name__ == "__main__":
    main()
