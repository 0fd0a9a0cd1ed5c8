"""An evaluation's numbers as the page's tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from synvae_core.metrics.classification import Classification
from synvae_core.metrics.evaluate import Evaluation
from synvae_core.metrics.measuring import PathMetrics
from synvae_core.metrics.neighbours import Precision

Words = Callable[[PathMetrics], str]
ABSENT = "–"


@dataclass(frozen=True)
class Table:
    """A table with a heading for each row; `marks` are the (row, column) of cells that stand out."""

    caption: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    marks: frozenset[tuple[int, int]] = frozenset()


def metrics_table(evaluation: Evaluation) -> Table:
    """Every figure of the three paths, one column for each; a figure that no path has is left out."""
    paths = _paths(evaluation)
    rows = ((name, tuple(words(m) for m in paths.values())) for name, words in _figures(evaluation.visvae))
    known = tuple(row for row in rows if set(row[1]) != {ABSENT})
    return Table("How well images come through", "Figure", tuple(paths), known)


def confusion_tables(evaluation: Evaluation) -> list[Table]:
    """Who was taken for whom on each path, by each judge that there is."""
    return [
        _confusion(f"{name}: {judge}", found)
        for name, m in _paths(evaluation).items()
        for judge, found in (
            ("what a classifier of originals sees", m.judged),
            ("what a classifier of this path’s own reconstructions sees", m.own_judge),
            ("what a classifier of melodies alone hears", m.melodies),
        )
        if found
    ]


def _paths(evaluation: Evaluation) -> dict[str, PathMetrics]:
    return {
        "VisVAE": evaluation.visvae,
        "SynVAE, latent path": evaluation.synvae.latent,
        "SynVAE, audible path": evaluation.synvae.audible,
    }


def _figures(any_path: PathMetrics) -> Iterator[tuple[str, Words]]:
    """The name of each figure and how a path tells it."""
    yield "Squared error", lambda m: f"{m.mse:.1f}" + (f" ± {m.mse_error:.1f}" if m.mse_error else "")
    yield "KL, nats", lambda m: f"{m.kl:.1f}"
    for place, precision in enumerate(any_path.precision_mean):
        yield f"P@{precision.n}, means", lambda m, place=place: _precision(m.precision_mean[place])  # type: ignore[misc]
    for place, precision in enumerate(any_path.precision_sampled):
        yield f"P@{precision.n}, drawn", lambda m, place=place: _precision(m.precision_sampled[place])  # type: ignore[misc]
    yield "Accuracy, judge of originals", lambda m: _accuracy(m.judged)
    yield "Accuracy, judge of own reconstructions", lambda m: _accuracy(m.own_judge)
    yield "Mean one-vs-rest accuracy, judge of originals", lambda m: _one_vs_rest(m.judged)
    yield "Mean one-vs-rest accuracy, judge of own reconstructions", lambda m: _one_vs_rest(m.own_judge)
    yield "Accuracy from melodies alone", lambda m: _accuracy(m.melodies)
    yield "I(z_v; z_a), nats", _information
    yield "I(z_v; z_a), at least (95 %)", _promise


def _precision(found: Precision) -> str:
    error = f" ± {found.standard_error:.3f}" if found.standard_error else ""
    return f"{found.value:.3f}{error}"


def _accuracy(found: Classification | None) -> str:
    if found is None:
        return ABSENT
    return f"{found.accuracy:.3f} ({found.interval[0]:.3f} to {found.interval[1]:.3f})"


def _one_vs_rest(found: Classification | None) -> str:
    return ABSENT if found is None else f"{found.mean_one_vs_rest_accuracy:.3f}"


def _information(m: PathMetrics) -> str:
    found = m.mutual_information
    if found is None:
        return ABSENT
    return f"{found.donsker_varadhan:.2f} ({found.interval[0]:.2f} to {found.interval[1]:.2f})"


def _promise(m: PathMetrics) -> str:
    return f"{m.mutual_information.demine_bernstein:.2f}" if m.mutual_information else ABSENT


def _confusion(caption: str, found: Classification) -> Table:
    rows = tuple(
        (name, tuple(f"{count:,}" for count in counts))
        for name, counts in zip(found.class_names, found.confusion, strict=True)
    )
    diagonal = frozenset((place, place) for place in range(len(rows)))
    return Table(caption, "Class", found.class_names, rows, diagonal)
