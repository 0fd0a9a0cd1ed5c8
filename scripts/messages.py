"""The catalogs of the volunteers' sentences: collects them from the sources, compiles and checks them.

    python -m scripts.messages            bring study/locale up to date, say what is still to be translated
    python -m scripts.messages --check    change nothing; say what is missing, stale or wrong

Babel does what GNU gettext would; neither is needed to run the product, which ships the compiled catalogs.
"""

import io
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from scripts.message_sources import Found, in_python, in_templates
from scripts.message_words import wrong_with

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "study" / "locale"
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)  # a compiled catalog carries a date
TRANSLATED = ("de", "nl", "fr", "es")  # English is what the sources say


def po_file(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def sources() -> list[Found]:
    """Every sentence of the templates and of study/, in the order of files."""
    return [*in_python(ROOT / "study", ROOT), *in_templates(ROOT / "templates", ROOT)]


def template() -> Catalog:
    """The catalog without translations, from the sources as they are now."""
    catalog = Catalog(project="Earsight", charset="utf-8", fuzzy=False)
    for found in sources():
        catalog.add(found.id, locations=[(found.path, 0)], context=found.context)
    return catalog


def read(language: str) -> Catalog:
    """The catalog of a language as it lies there; a new one where there is none."""
    if not po_file(language).exists():
        return Catalog(locale=language, project="Earsight", charset="utf-8", fuzzy=False)
    with po_file(language).open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str, fresh: Catalog) -> Catalog:
    """The catalog with exactly the sentences of the sources, keeping what is translated."""
    catalog = read(language)
    catalog.update(fresh, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def as_po(catalog: Catalog) -> bytes:
    """A .po file without what changes by itself: no dates, no line numbers, no tool's name."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=110, omit_header=True, include_lineno=False, sort_by_file=True)
    header = (
        f'msgid ""\nmsgstr ""\n"Language: {catalog.locale}\\n"\n'
        '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    )
    return header.encode() + buffer.getvalue()


def as_mo(po: bytes) -> bytes:
    """The compiled catalog, the same bytes for the same .po file."""
    catalog = read_po(io.BytesIO(po))
    catalog.creation_date = catalog.revision_date = ALWAYS
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def complaints() -> Iterator[str]:
    """What is missing, stale or wrong in any language, a line each."""
    fresh = template()
    for language in TRANSLATED:
        po, mo = po_file(language), po_file(language).with_suffix(".mo")
        if not po.exists() or po.read_bytes() != as_po(updated(language, fresh)):
            yield f"{language}: the catalog is not what the sources say; run make messages."
        elif not mo.exists() or mo.read_bytes() != as_mo(po.read_bytes()):
            yield f"{language}: the compiled catalog is old; run make messages."
        for message in updated(language, fresh):
            yield from (f"{language}: {wrong}" for wrong in wrong_with(message) if message.id)


def update() -> None:
    fresh = template()
    for language in TRANSLATED:
        po = as_po(updated(language, fresh))
        po_file(language).parent.mkdir(parents=True, exist_ok=True)
        po_file(language).write_bytes(po)
        po_file(language).with_suffix(".mo").write_bytes(as_mo(po))


def main(arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "study.settings")
    django.setup()
    if "--check" not in arguments:
        update()
    found = list(complaints())
    print("\n".join(found) or "Every sentence is translated.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
