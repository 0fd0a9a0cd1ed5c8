"""Finds the words that would tell a class in a text that must not: its name, its plural, a digit's word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

WORD = re.compile(r"[^\W_]+")
HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")  # SeaCliff is two words
SENTENCE_START = re.compile(r"(?:^|[.!?:]\s)\W*$")
SHORTEST_PART = 3  # letters: the "of" in "field of roses" tells nothing

# A digit in letters, in the languages of our pages. Words that are articles too ("un", "ein") are left out:
# no description could do without them.
DIGIT_WORDS = {
    "0": "zero null nul cero", "1": "one eins uno", "2": "two zwei twee deux dos",
    "3": "three drei drie trois tres", "4": "four vier quatre cuatro", "5": "five funf vijf cinq cinco",
    "6": "six sechs zes seis", "7": "seven sieben zeven sept siete", "8": "eight acht huit ocho",
    "9": "nine neun negen neuf nueve",
}  # fmt: skip


def given_away(text: str, class_names: Sequence[str]) -> tuple[str, str] | None:
    """Return the first word of the text that tells a class, as it is written there, and that class.

    Capitals and accents make no difference, nor does a plural. None: the text gives nothing away.
    """
    telling = _telling(class_names)
    for match in WORD.finditer(text):
        word = match.group()
        if len(word) == 1 and word.isalpha() and _is_article(word, text[: match.start()]):
            continue
        for form in _forms(word):
            if form in telling:
                return word, telling[form]
        for unspaced in filter(_is_unspaced, telling):
            if unspaced in _plain(word):
                return word, telling[unspaced]
    return None


def _telling(class_names: Sequence[str]) -> dict[str, str]:
    """Return each form of each word that tells a class, with the class."""
    words = {name: _words(name) for name in class_names}
    shared = set.intersection(*map(set, words.values())) if len(words) > 1 else set()
    return {
        form: name
        for name in class_names
        for word in _own(words[name], shared)
        for form in (*_forms(word), *DIGIT_WORDS.get(word, "").split())
    }


def _words(name: str) -> list[str]:
    """Return the words of a class's name, those within a word too."""
    return [_plain(word) for word in (*WORD.findall(name), *WORD.findall(HUMP.sub(" ", name)))]


def _own(words: Sequence[str], shared: set[str]) -> Sequence[str]:
    """Return the words that tell this class: no short ones, none of every class, unless it has no others."""
    telling = [word for word in words if len(word) >= SHORTEST_PART and word not in shared]
    return telling or [word for word in words if word not in shared] or words


def _forms(word: str) -> Iterator[str]:
    """Yield the word without capitals and accents, and what it may be the plural of."""
    plain = _plain(word)
    yield plain
    if len(plain) > SHORTEST_PART:
        for ending, singular in (("s", ""), ("es", ""), ("ies", "y")):
            if plain.endswith(ending):
                yield plain.removesuffix(ending) + singular


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _is_article(letter: str, before: str) -> bool:
    """Whether this single letter is rather a word ("a", or "A" at the start of a sentence) than a name."""
    return letter.islower() or SENTENCE_START.search(before) is not None


def _is_unspaced(word: str) -> bool:
    """Whether this is a script that writes words without spaces, so that one may stand within another."""
    return any(unicodedata.east_asian_width(letter) in "WF" for letter in word)
