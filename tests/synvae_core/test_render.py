"""Rendered sound: the right pitches, one length, one loudness, no click at the end, the same every time."""

import math
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synvae_core import synthesis
from synvae_core.loudness import levelled, loudness, true_peak
from synvae_core.melody import Melody, class_of_pitch
from synvae_core.render import Clip, RenderError, find_soundfont, render
from synvae_core.synthesis import Samples, by_library, by_program

RATE = 44_100


def melody_of(*pitches: int, steps_each: int = 4) -> Melody:
    """Notes of equal length, one after the other."""
    tokens = np.zeros(len(pitches) * steps_each, dtype=np.int64)
    tokens[::steps_each] = [class_of_pitch(pitch) for pitch in pitches]
    return Melody(tokens)


@cache
def clips() -> list[Clip]:
    """Two one-bar tunes and a single sixteenth, rendered once for all tests here."""
    return render([melody_of(60, 64, 67, 72), melody_of(45, 57, 69, 81), melody_of(60, steps_each=1)])


@pytest.fixture
def no_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without pyfluidsynth, which cannot be imported without FluidSynth's library."""
    clips()  # rendered with it
    monkeypatch.setitem(sys.modules, "fluidsynth", None)
    synthesis._library.cache_clear()
    yield
    synthesis._library.cache_clear()


def pitch_near(clip: Clip, second: float, pitch: int) -> float:
    """The MIDI pitch of the strongest partial within three semitones of `pitch`, in the half second there."""
    cut = clip.samples[round(second * RATE) : round((second + 0.5) * RATE)]
    spectrum = np.abs(np.fft.rfft(cut * np.hanning(len(cut)), 1 << 18))
    pitches = 69 + 12 * np.log2(np.maximum(np.fft.rfftfreq(1 << 18, 1 / RATE), 1) / 440)
    return float(pitches[np.argmax(np.where(np.abs(pitches - pitch) < 3, spectrum, 0))])


def test_each_note_is_heard_at_its_time_and_pitch() -> None:
    for clip, melody in zip(clips(), [[60, 64, 67, 72], [45, 57, 69, 81]], strict=False):
        heard = [pitch_near(clip, 0.5 * i, pitch) for i, pitch in enumerate(melody)]
        assert heard == pytest.approx(melody, abs=0.2)


def test_a_clip_is_its_melody_and_one_second_of_release() -> None:
    assert [clip.seconds for clip in clips()] == pytest.approx([3.0, 3.0, 1.125], abs=1 / RATE)
    assert {(clip.samples.dtype.name, clip.samples.ndim, clip.sample_rate) for clip in clips()} == {
        ("float32", 1, RATE)
    }


def test_every_clip_is_at_minus_23_lufs_and_below_minus_1_dbtp() -> None:
    assert [loudness(clip.samples, RATE) for clip in clips()] == pytest.approx([-23.0] * 3, abs=0.05)
    assert [clip.lufs for clip in clips()] == pytest.approx([-23.0] * 3, abs=0.05)
    assert all(true_peak(clip.samples) <= -1 for clip in clips())


def test_a_clip_fades_to_nothing() -> None:
    for clip in clips():
        assert np.abs(clip.samples[-100:]).max() < 1e-6
        assert np.abs(clip.samples).max() > 0.05


def test_rendering_is_the_same_every_time_and_alone_or_in_company() -> None:
    [alone] = render([melody_of(45, 57, 69, 81)])
    with ThreadPoolExecutor(4) as pool:
        beside_others = list(pool.map(render, [[melody_of(45, 57, 69, 81)]] * 4))
    for clip in (alone, *(clip for (clip,) in beside_others)):
        np.testing.assert_array_equal(clip.samples, clips()[1].samples)


def test_the_library_plays_what_midi2audio_plays() -> None:
    melody, font = melody_of(45, 57, 69, 81), find_soundfont()
    program = by_program(melody, font, RATE)[: 3 * RATE]
    library = by_library(melody, font, RATE, len(program))
    assert library.shape == program.shape == (3 * RATE, 2)
    assert np.abs(program).max() > 0.05
    assert np.abs(library - program).max() <= 1.5 / 32768  # the program's 16 bits and its dither


def test_a_melody_that_ends_early_is_whole_and_its_rest_silent() -> None:
    tokens = np.zeros(64, dtype=np.int64)
    tokens[:2] = class_of_pitch(60), 1
    [clip] = render([Melody(tokens)])
    assert clip.seconds == 9
    assert np.abs(clip.samples[5 * RATE :]).max() < 1e-3 * np.abs(clip.samples).max()


def test_without_the_library_the_program_renders(no_library: None) -> None:
    [clip] = render([melody_of(45, 57, 69, 81)])
    np.testing.assert_allclose(clip.samples, clips()[1].samples, atol=1e-3)
    assert clip.lufs == pytest.approx(clips()[1].lufs, abs=0.01)


def test_a_melody_without_notes_is_silence() -> None:
    [clip] = render([Melody(np.zeros(16, dtype=np.int64))])
    assert (clip.seconds, clip.gain_db, clip.lufs, bool(clip.samples.any())) == (3.0, 0.0, -math.inf, False)


@pytest.mark.parametrize(("suffix", "tolerance"), [(".flac", 1e-4), (".wav", 1e-4), (".mp3", 0.02)])
def test_files_hold_what_was_rendered(tmp_path: Path, suffix: str, tolerance: float) -> None:
    clip = clips()[0]
    clip.save(tmp_path / f"clip{suffix}")
    samples, rate = soundfile.read(tmp_path / f"clip{suffix}", dtype="float32")
    assert (rate, len(samples)) == (RATE, len(clip.samples))
    np.testing.assert_allclose(samples, clip.samples, atol=tolerance)
    assert loudness(samples, RATE) == pytest.approx(-23, abs=0.05)


def test_clips_of_one_length_are_mp3_files_of_one_size(tmp_path: Path) -> None:
    for i in range(2):
        clips()[i].save(tmp_path / f"{i}.mp3")
    assert (tmp_path / "0.mp3").stat().st_size == (tmp_path / "1.mp3").stat().st_size


def test_unknown_kinds_of_file_and_unwritable_places_are_named(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"clip\.ogg: clips are written as"):
        clips()[0].save(tmp_path / "clip.ogg")
    with pytest.raises(RenderError, match="could not be written"):
        clips()[0].save(tmp_path / "missing" / "clip.flac")


def test_the_soundfont_comes_from_the_argument_then_the_environment_then_pretty_midi(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = find_soundfont()
    assert packaged.name == "TimGM6mb.sf2"
    for name in ("env.sf2", "argument.sf2"):
        (tmp_path / name).symlink_to(packaged)
    monkeypatch.setenv("EARSIGHT_SOUNDFONT", str(tmp_path / "env.sf2"))
    assert find_soundfont() == tmp_path / "env.sf2"
    assert find_soundfont(tmp_path / "argument.sf2") == tmp_path / "argument.sf2"


def test_a_missing_or_false_soundfont_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"none\.sf2 cannot be read; set EARSIGHT_SOUNDFONT"):
        render([melody_of(60)], soundfont=tmp_path / "none.sf2")
    (tmp_path / "text.sf2").write_text("I am no SoundFont")
    with pytest.raises(RenderError, match=r"text\.sf2 is no SoundFont"):
        render([melody_of(60)], soundfont=tmp_path / "text.sf2")


@pytest.mark.parametrize("way", [by_program, partial(by_library, length=RATE)])
def test_half_a_soundfont_is_not_replaced_by_another(tmp_path: Path, way: Callable[..., Samples]) -> None:
    (tmp_path / "half.sf2").write_bytes(find_soundfont().read_bytes()[:100_000])
    with pytest.raises(RenderError, match=r"cannot load .*half\.sf2"):
        way(melody_of(60), tmp_path / "half.sf2", RATE)


def test_a_missing_fluidsynth_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_library: None
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError, match="apt-get install fluidsynth"):
        render([melody_of(60)])


def sine(seconds: float, amplitude: float) -> np.ndarray:
    return (amplitude * np.sin(2 * np.pi * 997 * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def test_loudness_is_that_of_the_standard_s_sine() -> None:
    # BS.1770: a full-scale 997 Hz sine in one channel is -3.01 LUFS
    assert loudness(sine(2, 1.0), RATE) == pytest.approx(-3.01, abs=0.05)


def test_clips_shorter_than_the_meter_s_block_are_measured_too() -> None:
    assert loudness(sine(0.1, 1.0), RATE) == pytest.approx(-3.01, abs=0.3)


def test_a_peak_between_samples_counts() -> None:
    # a quarter of the sample rate, sampled 45 degrees off its crests: sample peak -3 dB, true peak 0 dB
    tone = np.sin(np.pi / 2 * np.arange(4000) + np.pi / 4).astype(np.float32) * np.hanning(4000).astype(
        np.float32
    )
    assert 20 * math.log10(np.abs(tone).max()) == pytest.approx(-3.01, abs=0.01)
    assert true_peak(tone) == pytest.approx(0, abs=0.1)


def test_peaks_hold_the_gain_back() -> None:
    click = np.zeros(2 * RATE, dtype=np.float32)
    click[::RATE] = 0.1
    samples, _, gain, lufs = levelled(click, RATE)
    assert true_peak(samples) == pytest.approx(-1, abs=0.01)
    assert gain == pytest.approx(-1 - true_peak(click), abs=0.01)
    assert lufs == pytest.approx(loudness(samples, RATE), abs=0.01)
    assert lufs < -24
