"""Precision at 10 of drawn latents, among those alone that carry most: how much of it is unused width.

A latent that tells nothing of the images is drawn from the prior, and each of them adds the same noise to all
distances. So the figure falls with the number of unused latents while the code stays as good as it was. Here
it is taken among the k latents with the most KL from the prior, on average over the images, for several k.

    .venv/bin/python -m benchmarks.drawn_precision
    .venv/bin/python -m benchmarks.drawn_precision --model var/runs/visvae-cifar --data cifar10 --latents 50
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from synvae_core import data
from synvae_core.data import ImageSource
from synvae_core.metrics.neighbours import precision_at
from synvae_core.metrics.paths import BATCH, ModelPath, musical_paths, travel, visual_path
from synvae_core.synvae import SynVae
from synvae_core.training.models import StoredSynVae, load_synvae, load_visvae, read_config
from synvae_core.visvae import VisVae, channels_first

MODELS = ("visvae-mnist", "synvae-mnist")
WIDTHS = (24, 50, 100, 128, 200, 512)


class Row(NamedTuple):
    """The `latents` with the most KL: their KL in nats, and precision at 10 of draws and of means."""

    latents: int
    nats: float
    drawn: float
    means: float


def load(name: str) -> VisVae | SynVae:
    """A shipped model or one in a folder."""
    return load_synvae(name) if isinstance(read_config(name), StoredSynVae) else load_visvae(name)


def paths_of(model: VisVae | SynVae) -> tuple[ModelPath, ...]:
    """Its one path, or the latent and the audible one."""
    return musical_paths(model) if isinstance(model, SynVae) else (visual_path(model),)


@torch.no_grad()
def nats(model: VisVae | SynVae, images: ImageSource) -> NDArray[np.float64]:
    """KL of each latent (Z,) of the last posterior from the prior, averaged, with nothing drawn before."""
    total = torch.zeros((), dtype=torch.float64)
    for rows in np.array_split(np.arange(len(images)), -(-len(images) // BATCH)):
        mean, deviation = _posterior(model, channels_first(images.read(rows)))
        each = 0.5 * (mean.square() + deviation.square() - 1) - deviation.log()  # (B, Z)
        total = total + each.double().sum(dim=0)
    return (total / len(images)).numpy()


def _posterior(model: VisVae | SynVae, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    mean, logvar = model.encode(x)
    if isinstance(model, SynVae):
        return model.hear(model.melodies(mean))
    return mean, (0.5 * logvar).exp()


def rows_of(path: ModelPath, images: ImageSource, widths: Sequence[int]) -> list[Row]:
    """A row for each width, the latents taken by falling KL."""
    each, end = nats(path.model, images), travel(images, path.way)
    order = np.argsort(-each, kind="stable")
    return [
        Row(
            width,
            float(each[order[:width]].sum()),
            precision_at(end.drawn[:, order[:width]], end.labels),
            precision_at(end.mean[:, order[:width]], end.labels),
        )
        for width in widths
    ]


def main() -> None:
    """Print a table for each path of each model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", nargs="+", default=list(MODELS), help="names or folders")
    parser.add_argument("--data", default="mnist", help="the images; their test split (default: mnist)")
    parser.add_argument("--latents", type=int, nargs="+", default=list(WIDTHS), help="how many latents")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    print("| model, path | latents with most KL | their KL, nats | P@10, drawn | P@10, means |")
    print("|---|---|---|---|---|")
    for name in chosen.model:
        model = load(name)
        net = model.visual if isinstance(model, SynVae) else model
        images = data.load(chosen.data, "test", shape=net.config.image_shape)
        for path in paths_of(model):
            for row in rows_of(path, images, chosen.latents):
                figures = f"{row.nats:.1f} | {row.drawn:.3f} | {row.means:.3f}"
                print(f"| {name}, {path.name} | {row.latents} | {figures} |", flush=True)


if __name__ == "__main__":
    main()
