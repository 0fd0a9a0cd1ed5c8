"""Piano rolls, marks, maps and curves: what is drawn, and the same in words."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from synvae_core.melody import Melody
from synvae_core.report.curves import Scale, chart, words
from synvae_core.report.history import Series
from synvae_core.report.maps import latent_map, tsne
from synvae_core.report.marks import marks
from synvae_core.report.rolls import piano_roll, pitch_range
from synvae_core.report.rolls import words as heard

HOLD, OFF, C4, E4, C5 = 0, 1, 41, 45, 53  # classes of MusicVAE's vocabulary


def melody(*tokens: int, steps: int = 32) -> Melody:
    return Melody(np.array([*tokens, *[HOLD] * (steps - len(tokens))]))


def numbers(pattern: str, drawing: str) -> list[tuple[float, ...]]:
    return [tuple(map(float, found.groups())) for found in re.finditer(pattern, drawing)]


def test_a_roll_has_a_block_for_each_note_where_and_as_long_as_it_sounds() -> None:
    tune = melody(C4, HOLD, E4, OFF, HOLD, C5)
    assert pitch_range([tune]) == (60, 72)
    blocks = numbers(r'<rect[^>]* x="([^"]+)" y="([^"]+)" width="([^"]+)"', piano_roll(tune, (60, 72)))
    assert [(x, width) for x, _, width in blocks] == [(0.5, 9), (10.5, 4), (25.5, 27 * 5 - 1)]
    heights = [y for _, y, _ in blocks]
    assert heights[0] > heights[1] > heights[2]  # upwards is higher
    assert piano_roll(tune, (60, 72)).count('class="bar"') == 1  # between two bars


def test_a_roll_in_words() -> None:
    tune = melody(C4, HOLD, E4, OFF, HOLD, C5)
    assert heard(tune) == "3 notes, C4 to C5, 1.5 notes a bar, 4.0 s. It is C4, E4, C5."
    assert f'aria-label="Piano roll: {heard(tune)}"' in piano_roll(tune, (60, 72))
    assert heard(melody(*[C4] * 9)).endswith("It begins C4, C4, C4, C4, C4, C4.")
    assert heard(melody(HOLD)) == "silence, 4.0 s."


def test_rolls_share_a_range_of_an_octave_at_least() -> None:
    assert pitch_range([melody(C4), melody(C5, C5 + 20)]) == (60, 92)
    assert pitch_range([melody(E4)]) == (58, 70)
    assert pitch_range([melody(HOLD)]) == (60, 72)
    assert "<rect" not in piano_roll(melody(HOLD), (60, 72))


@given(some.lists(some.integers(0, 89), min_size=1, max_size=64))
def test_no_note_of_any_melody_is_drawn_outside_its_roll(tokens: list[int]) -> None:
    tune = Melody(np.array(tokens))
    drawing = piano_roll(tune, pitch_range([tune]))
    pattern = r'<rect[^>]* x="([^"]+)" y="([^"]+)" width="([^"]+)" height="([^"]+)"'
    for x, y, width, height in numbers(pattern, drawing):
        assert 0 <= x < x + width <= 5 * len(tokens)
        assert 0 <= y < y + height <= 120


def test_seventy_two_classes_have_marks_of_their_own() -> None:
    made = marks(tuple(map(str, range(73))))
    looks = [(mark.colour, mark.form) for mark in made]
    assert len(set(looks)) == 72
    assert looks[72] == looks[0]
    assert len({mark.form for mark in made[:9]}) == 9  # told apart without colours


def test_a_map_keeps_classes_together_and_says_who_lives_beside_whom() -> None:
    labels = np.repeat([0, 1, 2], 20)
    middles = np.array([[0.0] * 8, [9.0] * 8, [10.0] * 8])
    z = (middles[labels] + np.random.default_rng(0).normal(size=(60, 8))).astype(np.float32)
    made = latent_map("z_v", z, labels, ("far", "near", "<near too>"), seed=1)
    assert made.drawing is not None
    assert [company.images for company in made.companies] == [20, 20, 20]
    assert made.companies[0].own == 1
    assert made.companies[0].meets is None
    assert made.companies[1].meets == "<near too>"
    assert "far: 100 %" in made.drawing
    assert "&lt;near too&gt;" in made.drawing
    points = numbers(r"translate\(([\d.]+) ([\d.]+)\)", made.drawing)
    (width, height) = numbers(r'viewBox="0 0 (\d+) (\d+)"', made.drawing)[0]
    assert len(points) == 60
    assert all(0 < x < width and 0 < y < height for x, y in points)
    again = latent_map("z_v", z, labels, ("far", "near", "<near too>"), seed=1)
    assert again.drawing == made.drawing


@pytest.mark.parametrize("count", [5, 6, 40])
def test_few_images_still_have_a_map(count: int) -> None:
    places = tsne(np.random.default_rng(0).normal(size=(count, 3)), seed=0)
    assert (places.shape, bool(np.isfinite(places).all())) == ((count, 2), True)


@pytest.mark.parametrize(
    ("z", "sentence"),
    [
        (np.random.default_rng(0).normal(size=(4, 3)), "There is no map of fewer than 5 images."),
        (np.full((9, 3), 0.5), "There is no map: the model puts every image in the same place."),
    ],
)
def test_where_there_is_no_map_a_sentence_says_why(z: np.ndarray, sentence: str) -> None:
    made = latent_map("z_a", z, np.zeros(len(z), dtype=np.int64), ("a",), seed=0)
    assert (made.drawing, made.reason, made.companies) == (None, sentence, ())


def series(*values: float) -> Series:
    points = tuple((10 * (place + 1), value) for place, value in enumerate(values))
    return Series("mse", points, points)


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    points = [
        place.split(",") for place in re.findall(r'points="([^"]+)"', chart(series(*range(9999))))[0].split()
    ]
    assert 900 < len(points) <= 1001
    assert [float(points[0][0]), float(points[-1][0])] == [52, 350]


def test_a_curve_in_words() -> None:
    assert words(series(40, 35, 36)) == (
        "mse in validation goes from 40 at step 10 to 36 at step 30; its lowest value is 35."
    )
    assert words(series(40)) == "mse in validation is 40 at step 10."
    assert words(Series("mse", (), ())) == "mse: no values."


@pytest.mark.parametrize(
    "values",
    [(40.0, 35.0), (23.4, 16.2), (40.0,), (0.0, 0.0), (-3.0, 5.0), (9000.0, 1.0), (1e-7, 3e-7), (5e8, 4e8)],
)
def test_curves_and_their_ticks_stay_within_the_drawing(values: tuple[float, ...]) -> None:
    drawing = chart(series(*values))
    places = numbers(r"([\d.-]+),([\d.-]+)", " ".join(re.findall(r'points="([^"]+)"', drawing)))
    places += numbers(r'cx="([\d.-]+)" cy="([\d.-]+)"', drawing)
    heights = [y for _, y in places] + [y for (y,) in numbers(r'class="grid"[^>]* y1="([\d.-]+)"', drawing)]
    assert len(places) == 2 * len(values)
    assert all(52 <= x <= 350 for x, _ in places)
    assert all(9.9 <= y <= 174.1 for y in heights)
    assert 2 <= drawing.count('class="grid"') <= 6


@given(some.floats(-1e6, 1e6), some.floats(1e-3, 1e6))
def test_every_scale_has_ticks_enough_to_read_it(low: float, room: float) -> None:
    assert 2 <= len(Scale(0, 1, low, low + room, logarithmic=False).ticks()) <= 7
