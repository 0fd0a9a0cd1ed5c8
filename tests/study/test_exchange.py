"""The control exchanges clips so that even perfect hearing does no better than guessing."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from study.domain import exchange

SIZES = st.lists(st.integers(2, 8), min_size=2, max_size=5)


def pictures(sizes: list[int]) -> dict[str, int]:
    return {f"p{index}-{number}": index for index, size in enumerate(sizes) for number in range(size)}


@settings(max_examples=10, deadline=None)
@given(SIZES, st.integers(0, 2**31))
def test_every_clip_is_given_once_and_never_to_its_own_picture(sizes: list[int], seed: int) -> None:
    class_of = pictures(sizes)
    found = exchange.clips(class_of, seed)
    assert sorted(found) == sorted(found.values()) == sorted(class_of)
    assert all(picture != source for picture, source in found.items())


@settings(max_examples=10, deadline=None)
@given(SIZES, st.integers(0, 2**31))
def test_hearing_every_class_is_no_better_than_guessing(sizes: list[int], seed: int) -> None:
    class_of = pictures(sizes)
    right = sum(class_of[a] == class_of[b] for a, b in exchange.clips(class_of, seed).items())
    by_guessing = sum(size**2 for size in sizes) / sum(sizes)
    assert abs(right - by_guessing) < 1.5


def test_the_papers_design_is_even() -> None:
    class_of = pictures([4, 4, 4])
    pairs = Counter((class_of[a], class_of[b]) for a, b in exchange.clips(class_of, 20).items())
    assert {*pairs.values()} == {1, 2}
    assert sum(pairs[index, index] for index in range(3)) == 4


def test_the_seed_gives_it_again() -> None:
    class_of = pictures([7, 7, 6])
    assert exchange.clips(class_of, 7) == exchange.clips(dict(reversed(class_of.items())), 7)
    assert exchange.clips(class_of, 7) != exchange.clips(class_of, 8)


def test_a_single_picture_has_no_other_clip() -> None:
    assert exchange.clips({"only": 0}, 7) == {"only": "only"}
