"""Finds the sentences that want a translation: in Python by Babel, in templates by Django's own parser."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.extract import extract
from django.template import Context, Engine, Node
from django.template.base import FilterExpression
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils.text import unescape_string_literal

KEYWORDS = {
    "gettext": None, "gettext_lazy": None, "gettext_noop": None, "_": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "both_forms": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
BASE = "EarsightError"
# Their errors are told to researchers alone, in English.
FOR_RESEARCHERS = (
    "study/domain/answered.py", "study/domain/exports.py", "study/domain/packing/bundle.py",
    "study/domain/packing/contents.py", "study/domain/charts.py", "study/domain/machine.py",
    "study/domain/building.py", "study/domain/conditions.py", "study/domain/demonstration.py",
    "study/domain/drafts.py", "study/domain/exhibits.py", "study/domain/gallery_texts.py",
    "study/domain/order_files.py", "study/domain/pipeline.py", "study/domain/questions.py",
    "study/domain/reconciling.py", "study/domain/rehearsal.py", "study/domain/results.py",
    "study/domain/studies.py", "study/domain/texts.py", "study/domain/translation.py",
    "study/domain/variants.py", "study/domain/verification.py",
)  # fmt: skip
CONSTANT = re.compile(r"""_\(("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\)""")
COMMENT = re.compile(r"\{% comment %\}.*?\{% endcomment %\}", re.DOTALL)


@dataclass(frozen=True)
class Found:
    """A sentence and the file that says it; with a number it has two forms."""

    path: str
    id: str | tuple[str, ...]
    context: str | None = None


def in_python(folder: Path, root: Path) -> Iterator[Found]:
    """Sentences given to gettext and its like, and the docstrings of the errors that volunteers may see."""
    files = sorted(path for path in folder.rglob("*.py") if "migrations" not in path.parts)
    trees = {path: ast.parse(path.read_text()) for path in files}
    errors = _errors(trees.values())
    for path, tree in trees.items():
        name = path.relative_to(root).as_posix()
        with path.open("rb") as file:
            for _line, id_, _comments, context in extract("python", file, KEYWORDS):
                yield Found(name, id_, context)
        if name not in FOR_RESEARCHERS:
            yield from (Found(name, sentence) for sentence in _sentences(tree, errors))


def in_templates(folder: Path, root: Path) -> Iterator[Found]:
    """Sentences of {% translate %}, {% blocktranslate %} and _("...") in tags."""
    for path in sorted(folder.rglob("*.html")):
        source, name = path.read_text(), path.relative_to(root).as_posix()
        for node in Engine.get_default().from_string(source).nodelist.get_nodes_by_type(Node):
            if isinstance(node, TranslateNode):
                yield Found(name, _literal(node.filter_expression), _context(node.message_context))
            elif isinstance(node, BlockTranslateNode):
                yield Found(name, _forms(node), _context(node.message_context))
        for constant in CONSTANT.findall(COMMENT.sub("", source)):
            yield Found(name, unescape_string_literal(constant).replace("%", "%%"))


def _errors(trees: Iterable[ast.Module]) -> set[str]:
    """The names of all classes that descend from EarsightError, wherever they are defined."""
    bases = {
        node.name: {ast.unparse(base).rpartition(".")[2] for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    known = {BASE}
    while found := {name for name, parents in bases.items() if parents & known} - known:
        known |= found
    return known


def _sentences(tree: ast.Module, errors: set[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in errors - {BASE}:
            sentence = (ast.get_docstring(node, clean=False) or "").strip()
            if sentence:
                yield sentence


def _literal(expression: FilterExpression) -> str:
    """The sentence of a {% translate %}, as it is looked up: a percent sign is doubled."""
    return str(expression.var.literal).replace("%", "%%")


def _context(expression: FilterExpression | None) -> str | None:
    return None if expression is None else str(expression.resolve(Context()))


def _forms(node: BlockTranslateNode) -> str | tuple[str, ...]:
    singular, _ = node.render_token_list(node.singular)
    if not node.plural:
        return str(singular)
    plural, _ = node.render_token_list(node.plural)
    return str(singular), str(plural)
