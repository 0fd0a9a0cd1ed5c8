"""Precision at n: are the nearest latents of the same class? Exact, and never an N x N table in memory."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from synvae_core.errors import SynvaeError

# Distances held at once: 64 million float32 are a quarter of a gigabyte.
TABLE = 64_000_000
MAXIMUM_ROWS = 1000


class TooFewNeighbours(SynvaeError):
    """There are not enough other latents to look at."""


def precision_at(
    z: NDArray[np.floating],
    labels: NDArray[np.integer],
    n: int = 10,
    *,
    queries: int | None = None,
    seed: int = 0,
) -> float:
    """Mean share of each latent's n nearest others that have its label (P@n of the paper, section 2.2).

    z (N, D), labels (N,). Nearness as in `nearest`. With `queries`, only that many latents, drawn without
    repetition by `seed`, are asked (each still among all N): 10,000 give a standard error of about .002.
    Raises TooFewNeighbours when N <= n.
    """
    labels = np.asarray(labels)
    rows = np.arange(len(z))
    if queries is not None and queries < len(z):
        rows = np.sort(np.random.default_rng(seed).choice(len(z), queries, replace=False))
    same = labels[nearest(z, n, rows)] == labels[rows, np.newaxis]  # (Q, n)
    return float(same.mean())


@torch.no_grad()
def nearest(z: NDArray[np.floating], n: int, rows: NDArray[np.integer] | None = None) -> NDArray[np.int64]:
    """The n nearest others of each latent in `rows` (default: all), nearest first: (Q, n) rows of z (N, D).

    Euclidean distance between the float32 values, exact to float64. A latent is never its own neighbour (by
    index: a duplicate of it is one, at distance 0); of latents equally far the lower index comes first.
    Float32 matrix products find 2n candidates, which are measured again without cancellation; where their
    rounding could have hidden a nearer one, all distances of that latent are measured.
    Raises TooFewNeighbours when N <= n.
    """
    if len(z) <= n:
        raise TooFewNeighbours(f"{n} neighbours need more than {n} images; there are {len(z)}.")
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
    values, candidates = table.topk(min(2 * n, len(points) - 1), dim=1, largest=False)
    chosen = _measured(rows, candidates.sort(dim=1).values, points)[:, :n]
    if candidates.shape[1] < len(points) - 1:
        doubtful = values[:, -1] - values[:, n - 1] <= _rounding(centred.shape[1], norms)
        for i in doubtful.nonzero().flatten().tolist():
            chosen[i] = _measured_against_all(int(rows[i]), points, n)
    return chosen


def _measured(rows: Tensor, candidates: Tensor, points: Tensor) -> Tensor:
    """Candidates (Q, K), in the order of their indices, sorted by their distances from rows (Q,)."""
    gaps = points[candidates].double() - points[rows].double().unsqueeze(1)  # (Q, K, D)
    order = gaps.square().sum(dim=2).sort(dim=1, stable=True).indices
    return candidates.gather(1, order)


def _measured_against_all(row: int, points: Tensor, n: int) -> Tensor:
    distances = torch.empty(len(points), dtype=torch.float64)
    for part in torch.arange(len(points)).split(20_000):
        distances[part] = (points[part].double() - points[row].double()).square().sum(dim=1)
    distances[row] = torch.inf
    return distances.sort(stable=True).indices[:n]


def _rounding(dimensions: int, norms: Tensor) -> float:
    """How far two float32 entries of the table can stand wrongly apart (Higham 2002, section 3.1)."""
    unit = dimensions * torch.finfo(torch.float32).eps / 2
    return 6 * unit * float(norms.max())
