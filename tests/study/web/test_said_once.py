"""A fixed sentence of a template is looked up once for each language, and is said in every one."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.templatetags.i18n import TranslateNode
from django.utils import translation


def said(template: Template, language: str, **values: str) -> str:
    with translation.override(language):
        return template.render(Context(values))


def test_a_sentence_is_said_in_the_language_of_each_page() -> None:
    template = Template("{% load i18n %}{% translate 'Volume' %}, {% trans \"Test\" %}")
    for _ in range(2):
        assert [said(template, code) for code in ("en", "de")] == ["Volume, Test", "Lautstärke, Test"]


def test_it_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    template = Template("{% load i18n %}{% translate 'Volume' %}")
    said(template, "nl")
    monkeypatch.setattr(TranslateNode, "render", lambda node, context: pytest.fail("looked up again"))
    assert said(template, "nl") == "Volume"


@pytest.mark.parametrize(
    ("tag", "told"),
    [
        ("{% translate word %}", ["Lautstärke", "Bild &lt;"]),
        ("{% translate word|upper %}", ["LAUTSTÄRKE", "BILD &lt;"]),
        ("{% translate 'Volume' as name %}{{ name }}{{ word }}", ["LautstärkeVolume", "LautstärkeBild &lt;"]),
        ("{% translate 'Volume'|lower noop %} {{ word }}", ["volume Volume", "volume Bild &lt;"]),
    ],
)
def test_what_has_values_is_looked_up_each_time(tag: str, told: list[str]) -> None:
    template = Template("{% load i18n %}" + tag)
    assert [said(template, "de", word=word) for word in ("Volume", "Bild <")] == told


def test_a_sentence_of_a_template_is_trusted_as_in_django() -> None:
    template = Template("{% load i18n %}{% translate '<b> & more' %}")
    assert [said(template, "en"), said(template, "en")] == ["<b> & more"] * 2
