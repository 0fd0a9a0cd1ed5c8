"""The drawing of a melody and its notes in words."""

from hypothesis import given, settings
from hypothesis import strategies as st

from study.web import own_music
from study.web.own_music import Bar

NOTES = st.lists(
    st.tuples(st.integers(21, 108), st.integers(0, 60), st.integers(1, 4)).map(
        lambda note: [note[0], note[1], note[1] + note[2]]
    ),
    max_size=40,
)


def test_a_note_is_a_bar_and_a_name() -> None:
    roll = own_music.roll([[61, 4, 8], [60, 8, 9]], 64)
    assert roll.bars == (
        Bar(x=40, y=14, width=40, name="C sharp 4", start=0.5, seconds=0.5),
        Bar(x=80, y=21, width=10, name="C 4", start=1.0, seconds=0.125),
    )
    assert (roll.width, roll.height, roll.lines, len(roll.beats), roll.long) == (640, 42, (21,), 16, False)


@settings(deadline=None)
@given(NOTES)
def test_every_bar_lies_in_the_drawing(notes: list[list[int]]) -> None:
    roll = own_music.roll(notes, 64)
    assert len(roll.bars) == len(notes)
    assert all(bar.x >= 0 and bar.x + bar.width <= roll.width for bar in roll.bars)
    assert all(bar.y >= 0 and bar.y + own_music.SEMITONE <= roll.height for bar in roll.bars)


def test_a_melody_of_sixteen_bars_turns_its_pages() -> None:
    assert own_music.roll([[60, 0, 1]], 256).long


def test_melodies_in_a_sentence() -> None:
    assert own_music.summary([], 64) == "Silence: the model plays nothing for this picture."
    assert own_music.summary([[60, 0, 8]], 64) == "1 note in 8 seconds, between C 4 and C 4."
    assert (
        own_music.summary([[57, 0, 8], [70, 8, 9]], 64) == "2 notes in 8 seconds, between A 3 and A sharp 4."
    )
