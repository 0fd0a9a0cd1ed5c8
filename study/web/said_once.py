"""Django's template tags for languages; a fixed sentence is looked up once for each language.

Every page says dozens of them, and to look one up takes Django as long as to render ten tags.
"""

from __future__ import annotations

from django.template.base import FilterExpression, Node, Parser, Token
from django.template.context import Context
from django.template.library import Library
from django.templatetags import i18n
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)


class Fixed(i18n.TranslateNode):
    """A sentence of the template's own, without values and always the same in a language."""

    def __init__(self, sentence: FilterExpression) -> None:
        super().__init__(sentence, noop=False)
        self._said: dict[str | None, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        """Return the sentence in the language that is active."""
        language = get_language()
        if language not in self._said:
            self._said[language] = mark_safe(super().render(context))  # templates' own words are trusted
        return self._said[language]


@register.tag("trans")
@register.tag("translate")
def translate(parser: Parser, token: Token) -> Node:
    """Translate as Django does; once, where the tag has a sentence in quotes and nothing else."""
    node = i18n.do_translate(parser, token)
    sentence = node.filter_expression
    is_fixed = sentence.var.literal is not None and not sentence.filters
    return node if node.noop or node.asvar or node.message_context or not is_fixed else Fixed(sentence)
