"""Processor seconds and memory of precision at 10: `python -m benchmarks.neighbours [--check]`.

Latents are Gaussian, as wide as ours (512), in ten classes; their number is that of MNIST's test set, of a
larger folder, and of the paper's 180,000 paintings. Each size runs in a process of its own, on one thread, so
that processor seconds and the peak of memory are its own. Where fewer queries are asked than there are
latents, the seconds for all are projected. `--check` compares 200 queries with scikit-learn in float64.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 512
SIZES = (10_000, 60_000, 180_000)
NEIGHBOURS = 10


@dataclass(frozen=True)
class Row:
    """One size measured: processor seconds, and the whole process's peak of memory with torch and latents."""

    latents: int
    queries: int
    seconds: float
    megabytes: float
    agreement: float | None

    @property
    def projected(self) -> float:
        """Seconds for every latent to be asked."""
        return self.seconds * self.latents / self.queries


def latents(count: int) -> NDArray[np.float32]:
    """Gaussian latents around ten centres, (count, 512)."""
    generator = np.random.default_rng(0)
    centres = 0.15 * generator.standard_normal((10, DIMENSIONS), dtype=np.float32)
    z = generator.standard_normal((count, DIMENSIONS), dtype=np.float32)
    for number, centre in enumerate(centres):
        z[number::10] += centre
    return z


def measure(count: int, queries: int, check: bool, n: int = NEIGHBOURS) -> Row:
    """Precision at n of `queries` of `count` latents, in this process."""
    import torch

    from synvae_core.metrics.neighbours import precision_at

    torch.set_num_threads(1)
    z, labels = latents(count), np.arange(count) % 10
    asked = min(queries, count)
    precision_at(z[:2000], labels[:2000])  # what is loaded once does not count
    start = time.process_time()
    precision_at(z, labels, n, queries=asked)
    seconds = time.process_time() - start
    return Row(count, asked, seconds, peak(), agreement(z) if check else None)


def peak() -> float:
    """The most memory this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def agreement(z: NDArray[np.float32], queries: int = 200) -> float:
    """Share of the neighbours of some latents that scikit-learn finds at the same place, in float64."""
    from sklearn.neighbors import NearestNeighbors

    from synvae_core.metrics.neighbours import nearest

    rows = np.arange(queries)
    search = NearestNeighbors(n_neighbors=NEIGHBOURS + 1, algorithm="brute").fit(z.astype(np.float64))
    found = search.kneighbors(z[rows].astype(np.float64), return_distance=False)
    return float((found[:, 1:] == nearest(z, NEIGHBOURS, rows)).mean())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--queries", type=int, default=1000, help="latents asked (default: 1000)")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="numbers of latents")
    parser.add_argument("--n", type=int, default=NEIGHBOURS, help="neighbours (default: 10)")
    parser.add_argument("--check", action="store_true", help="compare with scikit-learn")
    options = parser.parse_args()
    print("latents  queries  processor s  all, projected s  process MB  as scikit-learn")
    for count in options.sizes:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            row = pool.apply(measure, (count, options.queries, options.check, options.n))
        agreed = "" if row.agreement is None else f"{row.agreement:.6f}"
        print(
            f"{row.latents:>7}  {row.queries:>7}  {row.seconds:>11.1f}  {row.projected:>16.0f}  "
            f"{row.megabytes:>10.0f}  {agreed:>15}",
            flush=True,
        )


if __name__ == "__main__":
    main()
