"""The catalogs are whole: no sentence missing, fuzzy or left over, in any language."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from scripts import messages
from scripts.message_sources import Found, in_python, in_templates
from scripts.message_words import wrong_with

FOR_VOLUNTEERS = ("*.html", "volunteer/*.html", "public/*.html", "gallery/*.html", "hear/*.html")
NOT_SHOWN = re.compile(
    r"{% blocktranslate.*?{% endblocktranslate %}|{% comment %}.*?{% endcomment %}"
    r"|{% block body_(?:class|data) %}.*?{% endblock.*?%}|<meta name=\"(?!description).*?>",
    re.DOTALL,
)
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
READ_ALOUD = re.compile(r'(?:aria-label|alt|title|placeholder|content|data-label|data-text)="([^"]*)"')


def unmarked(source: str) -> set[str]:
    """The words of a template that no {% translate %} or its like would ever translate."""
    shown = TAG.sub("", NOT_SHOWN.sub("", source))
    text = " ".join([re.sub(r"<[^>]*>", " ", shown), *READ_ALOUD.findall(shown)])
    return set(re.findall(r"[A-Za-z]{2,}", text)) - {"Earsight"}


def test_volunteers_meet_no_sentence_that_is_not_marked(repository: Path) -> None:
    pages = {path for pattern in FOR_VOLUNTEERS for path in (repository / "templates").glob(pattern)}
    found = {path.name: unmarked(path.read_text()) for path in pages}
    assert (len(pages) > 40, {name: words for name, words in found.items() if words}) == (True, {})
    assert unmarked('<p class="a">{% translate "Go" %} on</p><img alt="Left {{ n }}">') == {"on", "Left"}


def test_every_sentence_is_there_in_every_language() -> None:
    assert list(messages.complaints()) == []


@pytest.mark.parametrize(
    ("message", "wrong"),
    [
        (Message("Go on", "Weiter"), []),
        (Message("Go on", ""), ["not translated: Go on"]),
        (Message("Go on", "Weiter", flags={"fuzzy"}), ["fuzzy: Go on"]),
        (Message("%(n)s!", "%(m)s!"), ["other values in: %(n)s!", "unknown values in: %(n)s!"]),
        (Message(("One", "%(n)s"), ("Eins", "%(n)s")), []),
        (Message(("One", "%(n)s"), ("Eins", "")), ["not translated: One"]),
        (Message(("One", "%(n)s"), ("Eins", "viele")), ["other values in: One"]),
        (Message("<b>Go</b> on", "Weiter"), ["other tags in: <b>Go</b> on"]),
        (Message("Go on", "Weiter "), ["space at an end of: Go on"]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_translation_is_said(message: Message, wrong: list[str]) -> None:
    assert list(wrong_with(message)) == wrong


def test_sentences_are_found_wherever_they_are_said(tmp_path: Path) -> None:
    (tmp_path / "errors.py").write_text(
        "class EarsightError(Exception): ...\n"
        'class Gone(EarsightError):\n    """This has ended."""\n'
        'class Plain:\n    """Nothing for readers."""\n'
        'said = gettext("Go on")\ncounted = ngettext("One", "%(n)s", 2)\nforms = both_forms("Day", "Days")\n'
    )
    found = [
        Found("errors.py", id_) for id_ in ("Go on", ("One", "%(n)s"), ("Day", "Days"), "This has ended.")
    ]
    assert list(in_python(tmp_path, tmp_path)) == found


def test_sentences_of_templates_are_found_as_they_are_looked_up(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        "{% load i18n %}{% if a %}{% translate '100 % sure' %}{% else %}"
        "{% translate 'Now' context 'time' %}{% endif %}"
        "{% blocktranslate count n=n trimmed %}\n One {{ n }}\n{% plural %} Many {{ n }}"
        '{% endblocktranslate %}{% include "x.html" with label=_("the music") %}'
        '{% comment %}{% include "x.html" with label=_("old") %}{% endcomment %}'
    )
    found = list(in_templates(tmp_path, tmp_path))
    assert found == [
        Found("page.html", "100 %% sure"),
        Found("page.html", "Now", "time"),
        Found("page.html", ("One %(n)s", "Many %(n)s")),
        Found("page.html", "the music"),
    ]


def test_a_catalog_compiles_to_the_same_bytes(tmp_path: Path) -> None:
    for language in messages.TRANSLATED:
        po = messages.po_file(language)
        assert messages.as_mo(po.read_bytes()) == po.with_suffix(".mo").read_bytes()
