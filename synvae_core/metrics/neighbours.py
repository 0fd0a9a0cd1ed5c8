"""Precision at n: are the nearest latents of the same class? Exact, and never an N x N table in memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from synvae_core.errors import SynvaeError
from synvae_core.metrics.finite import require_finite

RANKS = (1, 5, 10, 50)
# Distances held at once: a quarter of a gigabyte as float32; in the worst case two, as float64 with keys.
TABLE = 64_000_000
GAPS = 4_000_000  # differences held at once where candidates are measured again, as float64
MAXIMUM_ROWS = 1000
SPARE = 20  # candidates beyond n
COLUMNS = 20_000


class TooFewNeighbours(SynvaeError):
    """There are not enough other latents to look at."""


@dataclass(frozen=True)
class Precision:
    """Precision at n.

    value           mean share of the n nearest others that have the asked latent's label
    standard_error  of the value as an estimate for all latents, when only some of them were asked; else 0
    queries         how many latents were asked
    """

    n: int
    value: float
    standard_error: float
    queries: int


def precision_at(
    z: NDArray[np.floating],
    labels: NDArray[np.integer],
    n: int = 10,
    *,
    queries: int | None = None,
    seed: int = 0,
) -> float:
    """Precision at one n, see `precisions_at`."""
    return precisions_at(z, labels, (n,), queries=queries, seed=seed)[0].value


def precisions_at(
    z: NDArray[np.floating],
    labels: NDArray[np.integer],
    ranks: Sequence[int] = RANKS,
    *,
    queries: int | None = None,
    seed: int = 0,
) -> tuple[Precision, ...]:
    """Mean share of each latent's n nearest others that have its label (P@n of the paper, section 2.2).

    z (N, D), labels (N,); one search serves every n of `ranks`. Nearness as in `nearest`. With `queries`,
    only that many latents, drawn without repetition by `seed`, are asked (each still among all N): 10,000
    give a standard error of about .002. Raises TooFewNeighbours when N <= n, and NotFinite for latents that
    are no numbers.
    """
    labels = np.asarray(labels)
    rows = np.arange(len(z))
    if queries is not None and queries < len(z):
        rows = np.sort(np.random.default_rng(seed).choice(len(z), queries, replace=False))
    same = labels[nearest(z, max(ranks), rows)] == labels[rows, np.newaxis]  # (Q, n)
    return tuple(_precision(same[:, :n].mean(axis=1), n, len(z)) for n in ranks)


def _precision(shares: NDArray[np.floating], n: int, count: int) -> Precision:
    """From each query's share (Q,): a sample without repetition of `count` latents (Cochran 1977, 2.6)."""
    asked = len(shares)
    unseen = 1 - asked / count
    spread = shares.var(ddof=1) if asked > 1 else math.inf
    error = math.sqrt(spread / asked * unseen) if unseen else 0.0
    return Precision(n, float(shares.mean()), error, asked)


@torch.no_grad()
def nearest(z: NDArray[np.floating], n: int, rows: NDArray[np.integer] | None = None) -> NDArray[np.int64]:
    """The n nearest others of each latent in `rows` (default: all), nearest first: (Q, n) rows of z (N, D).

    Euclidean distance between the float32 values, as exact as float64. A latent is never its own neighbour
    (by index: a duplicate of it is one, at distance 0); of latents equally far the lower index comes first.
    Float32 matrix products find up to 20 candidates more, and all are measured again in float64; where their
    rounding could have hidden a nearer one, that latent is compared with all others in float64. Raises
    TooFewNeighbours when N <= n, and NotFinite when a latent is no number.
    """
    if n < 1:
        raise TooFewNeighbours(f"Precision is asked at 1 neighbour or more, not at {n}.")
    if len(z) <= n:
        raise TooFewNeighbours(f"{n} neighbours need more than {n} images; there are {len(z)}.")
    require_finite(z, "latents")
    points = torch.from_numpy(np.ascontiguousarray(z, dtype=np.float32))
    # Distances do not change, but the products' rounding shrinks with the norms.
    centred = (points - points.mean(dim=0)).contiguous()
    norms = centred.square().sum(dim=1)
    asked = torch.arange(len(z)) if rows is None else torch.from_numpy(np.asarray(rows, dtype=np.int64))
    found = [_nearest_of(part, points, centred, norms, n) for part in asked.split(rows_at_once(len(z)))]
    return torch.cat(found).numpy()


def rows_at_once(count: int) -> int:
    """How many of `count` latents are compared with all others at a time."""
    return max(1, min(MAXIMUM_ROWS, TABLE // count))


def _nearest_of(rows: Tensor, points: Tensor, centred: Tensor, norms: Tensor, n: int) -> Tensor:
    """(Q,) -> (Q, n)."""
    # |x|^2 - 2 q.x orders the others of q as their distance does: |q|^2 is the same for all of them.
    table = torch.addmm(norms, centred[rows], centred.T, alpha=-2)  # (Q, N)
    table[torch.arange(len(rows)), rows] = torch.inf
    values, candidates = table.topk(min(n + min(n, SPARE), len(points) - 1), dim=1, largest=False)
    chosen = _measured(rows, candidates.sort(dim=1).values, points)[:, :n]
    if candidates.shape[1] < len(points) - 1:
        margin = values[:, -1] - values[:, n - 1]
        doubtful = (margin <= _rounding(centred.shape[1], norms)).nonzero().flatten()
        if len(doubtful):
            chosen[doubtful] = _compared_with_all(rows[doubtful], points, n)
    return chosen


def _measured(rows: Tensor, candidates: Tensor, points: Tensor) -> Tensor:
    """Candidates (Q, K), in the order of their indices, sorted by their distances from rows (Q,)."""
    at_once = max(1, GAPS // (candidates.shape[1] * points.shape[1]))
    distances = [
        (points[others].double() - points[asked].double().unsqueeze(1)).square().sum(dim=2)  # (Q', K)
        for asked, others in zip(rows.split(at_once), candidates.split(at_once), strict=True)
    ]
    return candidates.gather(1, torch.cat(distances).sort(dim=1, stable=True).indices)


def _compared_with_all(rows: Tensor, points: Tensor, n: int) -> Tensor:
    """(Q,) -> (Q, n) by float64 products; distances closer than 2^-40 of the largest count as equal."""
    origin = points.double().mean(dim=0)
    asked = points[rows].double() - origin
    norms = torch.empty(len(points), dtype=torch.float64)
    table = torch.empty(len(rows), len(points), dtype=torch.float64)
    for part in torch.arange(len(points)).split(COLUMNS):
        others = points[part].double() - origin
        norms[part] = others.square().sum(dim=1)
        table[:, part] = torch.addmm(norms[part], asked, others.T, alpha=-2)
    table += norms[rows].unsqueeze(1)
    # One whole number per pair orders by distance first and by index second; a step that is a power of two
    # keeps distances between whole-numbered points whole.
    step = 2.0 ** (math.ceil(math.log2(4 * float(norms.max()) + 1e-300)) - 40)
    places = 1 << (len(points) - 1).bit_length()
    keys = (table / step).round().clamp(min=0).long() * places + torch.arange(len(points))
    keys[torch.arange(len(rows)), rows] = torch.iinfo(torch.int64).max
    return keys.topk(n, dim=1, largest=False).values % places


def _rounding(dimensions: int, norms: Tensor) -> float:
    """How far two float32 entries of the table can stand wrongly apart (Higham 2002, section 3.1)."""
    unit = dimensions * torch.finfo(torch.float32).eps / 2
    return 6 * unit * float(norms.max())
