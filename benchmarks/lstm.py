"""A training step of a bidirectional LSTM, 64 steps, batch 256: ours in bfloat16, torch's in float32.

.venv/bin/python -m benchmarks.lstm --threads 1
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median

import torch
from torch import Tensor, nn

from synvae_core.musicvae.encoder import BidirectionalLayer
from synvae_core.precision import bfloat16_products

STEPS, BATCH, SYMBOLS = 64, 256, 90
WIDTHS = (256, 384, 512)


def seconds(step: Callable[[], Tensor], runs: int = 5) -> float:
    """The median processor time of a forward and backward pass, after two that warm up."""
    times = []
    for _ in range(runs + 2):
        start = time.process_time()
        step().backward()
        times.append(time.process_time() - start)
    return median(times[2:])


def torchs(width: int, x: Tensor) -> float:
    """torch.nn.LSTM in float32."""
    layer = nn.LSTM(SYMBOLS, width, bidirectional=True)
    return seconds(lambda: layer(x)[0].sum())


def ours(width: int, x: Tensor, bfloat16: bool) -> float:
    """Our layer, in float32 or with bfloat16 products."""
    layer = BidirectionalLayer(SYMBOLS, width)

    def step() -> Tensor:
        with bfloat16_products(bfloat16):
            ahead, behind, _ = layer(x, None)
            total: Tensor = ahead.sum() + behind.sum()
            return total

    return seconds(step)


def main() -> None:
    """Print a table of seconds and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    torch.set_num_threads(parser.parse_args().threads)
    x = torch.nn.functional.one_hot(torch.randint(SYMBOLS, (STEPS, BATCH)), SYMBOLS).float()
    print("| width | torch float32 (s) | ours float32 (s) | ours bfloat16 (s) | torch / ours bfloat16 |")
    print("|---|---|---|---|---|")
    for width in WIDTHS:
        reference, plain, fast = torchs(width, x), ours(width, x, False), ours(width, x, True)
        print(f"| {width} | {reference:.2f} | {plain:.2f} | {fast:.2f} | {reference / fast:.1f} |")


if __name__ == "__main__":
    main()
