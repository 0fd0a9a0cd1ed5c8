"""Held-out mutual information beside a known truth: `python -m benchmarks.mutual_information`.

Pairs are Gaussian with a closed form, I = -(d / 2) ln(1 - rho^2) over d dimensions, among dimensions of noise
that make up the width. The first table takes large samples, as an evaluation has; the second many small ones,
and counts how often the estimate or the lower end of its interval lies above the truth. Then, on pairs that
share nothing, the paper's estimator. Processor seconds on one thread.
"""

from __future__ import annotations

import argparse
import math
import time

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
LARGE = ((20, 20), (20, 512))  # dimensions that share something, and all of them
NATS = (0.0, 1.0, 2.0, 5.0, 8.0)
SMALL = (3000, 5)  # pairs and dimensions


def gaussians(count: int, dimensions: int, width: int, nats: float, seed: int) -> tuple[Floats, Floats]:
    """x, y (count, width) with I(X; Y) = nats."""
    generator = np.random.default_rng(seed)
    rho = math.sqrt(1 - math.exp(-2 * nats / dimensions))
    x, y = (generator.standard_normal((count, width), dtype=np.float32) for _ in range(2))
    y[:, :dimensions] = rho * x[:, :dimensions] + math.sqrt(1 - rho**2) * y[:, :dimensions]
    return x, y


def large(count: int) -> None:
    """One line for each law: truth and what is found of it."""
    from synvae_core.metrics.mutual_information import mutual_information

    print(
        "pairs  shared  width  truth  estimate          95 %   NWJ  DEMINE  by variance  p      processor s"
    )
    for dimensions, width in LARGE:
        for nats in NATS:
            start = time.process_time()
            found = mutual_information(*gaussians(count, dimensions, width, nats, seed=0))
            seconds = time.process_time() - start
            low, high = found.interval
            print(
                f"{count:5d}  {dimensions:6d}  {width:5d}  {nats:5.1f}  {found.donsker_varadhan:8.2f}"
                f"  {f'{low:.2f} to {high:.2f}':>12s}  {found.nwj:4.2f}  {found.demine:6.2f}"
                f"  {found.demine_bernstein:11.2f}  {found.p_value:.3f}  {seconds:11.0f}",
                flush=True,
            )


def small(seeds: int) -> None:
    """How often what is found lies above the truth."""
    from synvae_core.metrics.mutual_information import mutual_information

    count, dimensions = SMALL
    print(
        "truth  mean estimate  lowest  highest  above truth  interval above  DEMINE above  by variance above"
    )
    for nats in NATS[:-1]:
        laws = (gaussians(count, dimensions, dimensions, nats, seed) for seed in range(seeds))
        found = [mutual_information(x, y, seed=seed) for seed, (x, y) in enumerate(laws)]
        values = [f.donsker_varadhan for f in found]
        above = [
            sum(value > nats for value in column)
            for column in (
                values,
                [f.interval[0] for f in found],
                [f.demine for f in found],
                [f.demine_bernstein for f in found],
            )
        ]
        print(
            f"{nats:5.1f}  {np.mean(values):13.3f}  {min(values):6.3f}  {max(values):7.3f}"
            f"  {above[0]:8d}/{seeds}  {above[1]:11d}/{seeds}  {above[2]:9d}/{seeds}  {above[3]:14d}/{seeds}",
            flush=True,
        )


def saturating(count: int) -> None:
    """The paper's estimator on pairs that share nothing, and the truth of the same."""
    from synvae_core.metrics.mutual_information import mutual_information

    x, y = gaussians(count, 1, 512, 0.0, seed=0)
    start = time.process_time()
    found = mutual_information(x, y, paper_style=True)
    assert found.paper_style is not None
    print(
        f"{count} independent pairs, 512 dimensions: the paper's way {found.paper_style.value:.2f} of at "
        f"most {found.paper_style.ceiling:.2f} nats, held out {found.donsker_varadhan:.3f} "
        f"({time.process_time() - start:.0f} processor s)"
    )


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=20_000, help="of the large samples (default: 20000)")
    parser.add_argument("--seeds", type=int, default=20, help="small samples of each law (default: 20)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    large(options.pairs)
    small(options.seeds)
    saturating(4000)


if __name__ == "__main__":
    main()
