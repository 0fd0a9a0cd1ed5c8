"""What describes the tables of a package: codebook, Psych-DS description, Frictionless data package.

Psych-DS wants `dataset_description.json` (schema.org's Dataset as JSON-LD) with the header of every column in
`variableMeasured`; Frictionless Data Package 1 a `datapackage.json` with a schema for each table.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from study.domain.packing import columns
from study.domain.packing.bundle import Written
from study.domain.packing.columns import Column
from study.domain.packing.lines import lines

CODEBOOK = {
    "table": Column("string", "The table."),
    "column": Column("string", "The column."),
    "meaning": Column("string", "What it holds."),
    "type": Column("string", "Kind of value.", levels=("string", "integer", "number", "boolean", "datetime")),
    "levels": Column("string", "The values there are, separated by |.", "any value of the type"),
    "missing": Column("string", "What an empty cell says.", "no cell is empty"),
}
_BOOLEAN = {"trueValues": ["1"], "falseValues": ["0"]}


@dataclass(frozen=True)
class Described:
    """A table of the package as it was written: its file, title, header and what the columns mean."""

    file: Written
    title: str
    header: tuple[str, ...]
    columns: Mapping[str, Column]
    key: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """Return what a column means."""
        return columns.of(self.columns, name)


def codebook_lines(tables: Sequence[Described]) -> list[str]:
    """Return the codebook as CSV: a row for each column of each table, header first."""
    rows = [
        [table.file.path, name, what.meaning, what.kind, " | ".join(what.levels) or None, what.empty or None]
        for table in tables
        for name, what in ((name, table.column(name)) for name in table.header)
    ]
    return list(lines(CODEBOOK, rows))


def dataset_description(name: str, about: str, tables: Sequence[Described], facts: Mapping[str, Any]) -> str:
    """Return Psych-DS's `dataset_description.json`; `facts` are further properties of schema.org."""
    meanings: dict[str, str] = {}
    for table in tables:
        for column in table.header:
            meanings.setdefault(column, table.column(column).meaning)
    content = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": name,
        "description": about,
        **facts,
        "variableMeasured": [
            {"@type": "PropertyValue", "name": column, "description": meaning}
            for column, meaning in meanings.items()
        ],
    }
    return _json(content)


def datapackage(
    name: str, title: str, about: str, tables: Sequence[Described], facts: Mapping[str, Any]
) -> str:
    """Return the Frictionless data package of these tables; `facts` are further properties."""
    return _json(
        {
            "profile": "tabular-data-package",
            "name": name,
            "title": title,
            "description": about,
            **facts,
            "resources": [_resource(table) for table in tables],
        }
    )


def _resource(table: Described) -> dict[str, Any]:
    path = table.file.path
    schema: dict[str, Any] = {
        "fields": [_field(name, table.column(name)) for name in table.header],
        "missingValues": [""],
    }
    if table.key:
        schema["primaryKey"] = list(table.key)
    return {
        "name": path.rpartition("/")[2].removesuffix(".csv").lower().replace("_", "-"),
        "profile": "tabular-data-resource",
        "title": table.title,
        "path": path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": table.file.size,
        "hash": f"sha256:{table.file.sha256}",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True},
        "schema": schema,
    }


def _field(name: str, what: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {} if what.empty else {"required": True}
    if what.levels and not what.several:
        constraints["enum"] = list(what.levels)
    found: dict[str, Any] = {"name": name, "type": what.kind, "description": what.meaning}
    if what.kind == "boolean":
        found |= _BOOLEAN
    if what.kind == "datetime":
        found["format"] = "%Y-%m-%dT%H:%M:%S.%fZ"
    return found | ({"constraints": constraints} if constraints else {})


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
