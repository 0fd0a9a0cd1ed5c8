"""Canonical correlations (Hotelling 1936): the directions of x and y that move together most."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

RIDGE = 1e-2  # added to variances of 1, so that directions without data are not blown up
HELD_OUT = 0.25
HIGHEST = 0.999


class Canonical(NamedTuple):
    """Directions in x (D, K) and y (E, K), and how strongly each pair of them correlates (K,)."""

    of_x: Tensor
    of_y: Tensor
    correlations: Tensor


def canonical(x: Tensor, y: Tensor, most: int) -> Canonical:
    """The `most` strongest canonical directions of x (N, D) and y (N, E), both of mean 0 and variance 1.

    Directions come from three quarters of the rows. On the last quarter each is scaled to variance 1 and its
    correlation measured, since those of many dimensions fit chance; what chance alone gives there is 0.
    """
    cut = round(len(x) * (1 - HELD_OUT))
    a, b = x[:cut].double(), y[:cut].double()
    white_a, white_b = _whitening(a), _whitening(b)
    left, _, right = torch.linalg.svd(white_a @ (a.T @ b / cut) @ white_b, full_matrices=False)
    of_x, of_y = white_a @ left[:, :most], white_b @ right[:most].T
    p, q = x[cut:].double() @ of_x, y[cut:].double() @ of_y
    scale_p, scale_q = (values.std(dim=0).clamp(min=1e-6) for values in (p, q))
    moved = ((p - p.mean(dim=0)) * (q - q.mean(dim=0))).mean(dim=0) / (scale_p * scale_q)
    chance = 2 / math.sqrt(len(p))
    correlations = torch.where(moved > chance, moved, 0).clamp(max=HIGHEST)
    return Canonical((of_x / scale_p).float(), (of_y / scale_q).float(), correlations.float())


def _whitening(rows: Tensor) -> Tensor:
    """(N, D) -> (D, D): the inverse root of the covariance."""
    covariance = rows.T @ rows / len(rows)
    values, vectors = torch.linalg.eigh(covariance + RIDGE * torch.eye(len(covariance), dtype=rows.dtype))
    return vectors * values.clamp(min=RIDGE / 2).rsqrt() @ vectors.T
