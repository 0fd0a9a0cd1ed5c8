"""What a person hears of a melody at once, on melodies small enough to count by hand."""

import pytest

from synvae_core.melody import Melody, Note
from synvae_core.melody.surface import Surface, surface


def test_a_rising_scale_in_even_quarters() -> None:
    melody = Melody.from_notes([Note(60 + n, 4 * n, 4 * n + 4) for n in range(8)], 32)  # 4 seconds
    assert surface(melody) == pytest.approx(
        Surface(notes_per_second=2, mean_pitch=63.5, pitch_range=7, contour=2, rhythm_regularity=1, silence=0)
    )


def test_notes_weigh_as_long_as_they_sound_and_silence_is_counted() -> None:
    found = surface(Melody.from_notes([Note(60, 0, 6), Note(72, 6, 8)], 32))
    assert found.mean_pitch == 63
    assert (found.pitch_range, found.silence, found.notes_per_second) == (12, 0.75, 0.5)
    assert found.contour == pytest.approx(12 / 0.75)
    assert found.rhythm_regularity is None


def test_an_uneven_rhythm_is_less_regular() -> None:
    found = surface(Melody.from_notes([Note(60, 0, 1), Note(60, 1, 2), Note(60, 4, 5)], 16))
    assert found.rhythm_regularity == pytest.approx(1 / (1 + 1 / 2))  # gaps of 1 and 3: mean 2, sd 1
    assert found.contour == 0


def test_of_silence_and_of_one_note_only_what_there_is_is_told() -> None:
    assert surface(Melody([0] * 16)) == Surface(0, None, None, None, None, 1)  # type: ignore[arg-type]
    assert surface(Melody.from_notes([Note(50, 0, 16)], 16)) == Surface(0.5, 50, 0, None, None, 0)
