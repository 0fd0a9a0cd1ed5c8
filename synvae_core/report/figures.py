"""The evaluation's numbers as the page's tables, whatever figures it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

WAYS = (
    ("visvae", "VisVAE"),
    ("synvae.latent", "SynVAE, latent path"),
    ("synvae.audible", "SynVAE, audible path"),
)
NAMES = {
    "mse": "Squared error",
    "kl": "KL, nats",
    "p10_sampled": "P@10, drawn",
    "p10_mean": "P@10, means",
    "accuracy": "Accuracy",
}


@dataclass(frozen=True)
class Table:
    """A table with a heading for each row; `marks` are the (row, column) of cells that stand out."""

    caption: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    marks: frozenset[tuple[int, int]] = frozenset()


def part(evaluation: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """The part of an evaluation at a dotted path; empty where there is none."""
    for name in path.split("."):
        found = evaluation.get(name)
        evaluation = found if isinstance(found, Mapping) else {}
    return evaluation


def metrics_table(evaluation: Mapping[str, Any]) -> Table:
    """Every single figure of the three paths, one column for each path."""
    paths = [(name, part(evaluation, path)) for path, name in WAYS]
    keys = list(dict.fromkeys(key for _, figures in paths for key in figures if _is_number(figures[key])))
    return Table(
        "How well images come through",
        "Figure",
        tuple(name for name, _ in paths),
        tuple(
            (NAMES.get(key, readable(key)), tuple(shown(figures.get(key)) for _, figures in paths))
            for key in keys
        ),
    )


def further_table(evaluation: Mapping[str, Any]) -> Table | None:
    """Every other single figure of the evaluation, named by where it stands; None without any."""
    rows = [
        (name, (shown(value),))
        for name, value in _numbers(evaluation)
        if not name.startswith(tuple(path for path, _ in WAYS))
    ]
    if not rows:
        return None
    named = tuple((readable(name.replace(".", ": ")), value) for name, value in rows)
    return Table("Further figures", "Figure", ("Value",), named)


def confusion_tables(evaluation: Mapping[str, Any]) -> list[Table]:
    """A table for each confusion matrix that the paths hold, rows the true classes."""
    return [
        _confusion(f"{name}: {readable(where)}" if where else name, found)
        for path, name in WAYS
        for where, found in _matrices(part(evaluation, path))
    ]


def readable(key: str) -> str:
    """A key as words."""
    words = key.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def shown(value: Any) -> str:
    """A figure with the digits that count; a dash where there is none."""
    if not _is_number(value):
        return "–"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.1f}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numbers(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, float]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _numbers(value, f"{before}{key}.")
        elif _is_number(value):
            yield f"{before}{key}", value


def _matrices(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every part that holds a `confusion` with its `class_names`, and where it stands."""
    if "confusion" in values and "class_names" in values:
        yield before.rstrip(". "), values
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _matrices(value, f"{before}{key} ")


def _confusion(caption: str, found: Mapping[str, Any]) -> Table:
    names = tuple(map(str, found["class_names"]))
    rows = tuple(
        (name, tuple(f"{count:,}" for count in counts))
        for name, counts in zip(names, found["confusion"], strict=True)
    )
    diagonal = frozenset((place, place) for place in range(len(names)))
    return Table(caption, "True class", tuple(f"seen as {name}" for name in names), rows, diagonal)
