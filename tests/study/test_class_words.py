"""A description must not name a class, in whatever form; what merely looks like a name may stay."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.domain.class_words import given_away

PLACES = ("church", "Sea Cliff", "still_life", "field of roses")
DIGITS = tuple("0123456789")


@pytest.mark.parametrize(
    ("text", "word", "name"),
    [
        ("A church on a hill", "church", "church"),
        ("Two CHURCHES", "CHURCHES", "church"),
        ("The church’s roof", "church", "church"),
        ("Waves below a cliff", "cliff", "Sea Cliff"),
        ("a dark sea", "sea", "Sea Cliff"),
        ("a life-size figure", "life", "still_life"),
        ("one rose", "rose", "field of roses"),
        ("Änderung am Rósé", "Rósé", "field of roses"),
    ],
)
def test_a_word_of_a_class_is_found(text: str, word: str, name: str) -> None:
    assert given_away(text, PLACES) == (word, name)


@pytest.mark.parametrize(
    "text", ["", "A tower with a pointed roof", "a stillness of grey", "the season", "of", "flowers, prosaic"]
)
def test_other_words_are_left_alone(text: str) -> None:
    assert given_away(text, PLACES) is None


@pytest.mark.parametrize("text", ["a 7", "like a seven", "SEVENS", "eine Sieben", "un siete"])
def test_a_digit_is_found_in_letters_too(text: str) -> None:
    told = given_away(text, DIGITS)
    assert told is not None
    assert told[1] == "7"


def test_digits_within_numbers_and_articles_stay() -> None:
    assert given_away("17 dots, a stroke and un trait", DIGITS) is None


def test_a_word_of_every_class_tells_nothing() -> None:
    names = ("oil portrait", "ink portrait")
    assert given_away("a portrait of a man", names) is None
    assert given_away("drawn in ink", names) == ("ink", "ink portrait")


def test_a_letter_is_told_by_its_capital_alone() -> None:
    names = ("A", "B")
    assert given_away("A roof like a tent. A pole, a rope.", names) is None
    assert given_away("a roof like an A", names) == ("A", "A")


def test_both_names_of_merged_classes_are_found() -> None:
    assert given_away("a peaceful lake", ("happy+peaceful", "tense")) == ("peaceful", "happy+peaceful")


def test_scripts_without_spaces_are_searched_within() -> None:
    assert given_away("山上的教堂很小", ("教堂", "海边")) == ("山上的教堂很小", "教堂")


@pytest.mark.parametrize("text", ["a steep cliff", "the sea", "a SEACLIFF", "SeaCliffs"])
def test_a_name_written_together_is_found_whole_and_in_parts(text: str) -> None:
    told = given_away(text, ("SeaCliff", "Meadow"))
    assert told is not None
    assert told[1] == "SeaCliff"


def test_a_name_of_short_words_is_found_too() -> None:
    assert given_away("a TV on a table", ("TV 4", "radio")) == ("TV", "TV 4")


LETTERS = st.text(st.characters(categories=["Lu", "Ll", "Lo"]), min_size=2, max_size=12)


@settings(max_examples=200, deadline=None)
@given(
    name=LETTERS,
    others=st.lists(LETTERS, max_size=3),
    before=st.text(max_size=20),
    after=st.text(max_size=20),
)
def test_whatever_a_class_is_called_its_name_is_never_taken(
    name: str, others: list[str], before: str, after: str
) -> None:
    assert given_away(f"{before} {name} {after}", [name, *others]) is not None
