"""Images, melodies and clips a processor second, and the share of the machine's matrix rate that they reach.

Everything is measured in one run on one thread and in processor seconds, so a busy machine disturbs little.
Weights are random, on which speed does not depend, at the sizes of the published models. Beside our numbers
stand those of the original TensorFlow code, in images a processor second on a machine like ours, and how many
times as many ours are (of a range, its higher end).

    .venv/bin/python -m benchmarks.core
    .venv/bin/python -m benchmarks.core --only visvae-mnist synvae-ours --where
    .venv/bin/python -m benchmarks.core --batch 72    clips and their files, as a study's build writes them
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import Tensor
from torch.optim import Adam
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.render import random_melody
from synvae_core.melody import Melody
from synvae_core.memory import keep_freed_memory
from synvae_core.musicvae.config import CONFIGS, VOCABULARY
from synvae_core.musicvae.model import MusicVae, kl_to_prior, melody_loss
from synvae_core.precision import bfloat16_products
from synvae_core.render import render
from synvae_core.synvae import SynVae
from synvae_core.visvae import Kind, VisVae, VisVaeConfig, loss

Work = Callable[[], None]
OURS = "earsight-mel_4bar"
MATRICES = ((2048, 2048, 2048), (16384, 384, 1536), (4096, 1024, 4096))
TYPES = {"bfloat16": torch.bfloat16, "float32": torch.float32}


@dataclass(frozen=True)
class Case:
    """`work` done on `items` of something; what the original did in a processor second, or from and to."""

    work: Work
    items: int
    original: tuple[float, ...] = ()
    types: tuple[str, ...] = ("bfloat16", "float32")


def pictures(kind: Kind, batch: int) -> Tensor:
    """Random images (B, C, H, W) in the memory order in which an ImageSet has them."""
    return torch.rand(batch, *VisVaeConfig(kind=kind).image_shape).permute(0, 3, 1, 2)


def visual(kind: Kind) -> VisVae:
    """A VisVAE as training holds it."""
    net: VisVae = VisVae(VisVaeConfig(kind=kind)).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return net


def stepped(parameters: list[Tensor], objective: Callable[[], Tensor]) -> Work:
    """A training step."""
    optimizer = Adam(parameters, fused=True)

    def step() -> None:
        optimizer.zero_grad()
        objective().backward()
        optimizer.step()

    return step


def visvae(kind: Kind, batch: int, *original: float) -> Case:
    """Training of a VisVAE."""
    net, images = visual(kind), pictures(kind, batch)

    def objective() -> Tensor:
        image, mean, logvar = net(images)
        return loss(images, image, mean, logvar, 0.5).total

    return Case(stepped(list(net.parameters()), objective), batch, original)


def encoding(kind: Kind, *original: float) -> Case:
    """Posterior means of images."""
    net, images = visual(kind), pictures(kind, 512)

    def work() -> None:
        with torch.inference_mode():
            net.encode(images)

    return Case(work, len(images), original)


def synvae(music: str, batch: int, *original: float) -> Case:
    """Training of a SynVAE through a frozen MusicVAE."""
    net, images = SynVae(visual("mnist"), MusicVae(CONFIGS[music])), pictures("mnist", batch)

    def objective() -> Tensor:
        passed = net(images)
        return loss(images, passed.image, passed.mean, passed.logvar, 0.5).total

    return Case(stepped(list(net.visual.parameters()), objective), batch, original)


def musicvae(name: str, batch: int) -> Case:
    """Training of a MusicVAE on whole melodies."""
    net = MusicVae(CONFIGS[name])
    symbols = torch.randint(VOCABULARY, (batch, net.config.steps))

    def objective() -> Tensor:
        mean, deviation = net.encode_symbols(symbols)
        z = mean + deviation * torch.randn_like(mean)
        error = melody_loss(net.logits(z, net.teacher(symbols)), symbols)
        return (error + 0.2 * kl_to_prior(mean, deviation)).mean()

    return Case(stepped(list(net.parameters()), objective), batch)


def inference(music: str, batch: int, *original: float, back: bool) -> Case:
    """Images to melodies, and with `back` to the images heard in them."""
    net, images = SynVae(visual("mnist"), MusicVae(CONFIGS[music])), pictures("mnist", batch)

    def work() -> None:
        with torch.inference_mode():
            symbols = net.melodies(net.encode(images)[0])
            if back:
                net.visual.decode(net.hear(symbols)[0])

    return Case(work, batch, original)


def rendering() -> Case:
    """Clips of four bars (9 s)."""
    rng = np.random.default_rng(1)
    melodies = [random_melody(4, rng) for _ in range(8)]
    return Case(lambda: void(render(melodies)), len(melodies), types=("float32",))


def void(result: object) -> None:
    """Nothing, of whatever was made."""


CASES: dict[str, Callable[[], Case]] = {
    "visvae-mnist": lambda: visvae("mnist", 256, 710, 730),
    "visvae-cifar": lambda: visvae("cifar", 128),
    "visvae-bam": lambda: visvae("bam", 64, 38),
    "encode-mnist": lambda: encoding("mnist", 3800),
    "encode-bam": lambda: encoding("bam"),
    "musicvae-ours": lambda: musicvae(OURS, 256),
    "synvae-ours": lambda: synvae(OURS, 256),
    "synvae-hierdec-4bar": lambda: synvae("hierdec-mel_4bar", 128, 0.33),
    "synvae-cat-2bar": lambda: synvae("cat-mel_2bar_big", 128, 2.1),
    "translate-ours": lambda: inference(OURS, 256, back=False),
    "translate-hierdec-4bar": lambda: inference("hierdec-mel_4bar", 128, 12, 18, back=False),
    "translate-cat-2bar": lambda: inference("cat-mel_2bar_big", 256, 12, 18, back=False),
    "there-and-back-ours": lambda: inference(OURS, 256, back=True),
    "there-and-back-hierdec-4bar": lambda: inference("hierdec-mel_4bar", 128, 12, 18, back=True),
    "there-and-back-cat-2bar": lambda: inference("cat-mel_2bar_big", 128, 12, 18, back=True),
    "render": rendering,
}


def seconds(work: Work, at_least: float) -> float:
    """Processor seconds of one call: the fastest, because whatever else runs here can only slow one down."""
    best, spent = float("inf"), 0.0
    while spent < at_least:
        start = time.process_time()
        work()
        taken = time.process_time() - start
        best, spent = min(best, taken), spent + taken
    return best


def matrix_rate(kind: torch.dtype) -> float:
    """The most floating-point operations a second that torch.mm reaches here in this type."""
    rates = []
    for rows, inner, columns in MATRICES:
        a, b = torch.randn(rows, inner).to(kind), torch.randn(inner, columns).to(kind)
        out = torch.empty(rows, columns, dtype=kind)
        taken = seconds(lambda a=a, b=b, out=out: void(torch.mm(a, b, out=out)), 0.3)  # type: ignore[misc]
        rates.append(2 * rows * inner * columns / taken)
    return max(rates)


def operations(work: Work) -> int:
    """The floating-point operations of the matrix products and convolutions in one call, which warms up."""
    with FlopCounterMode(display=False) as counter:
        work()
    total: int = counter.get_total_flops()
    return total


def report(name: str, case: Case, kind: str, rate: float, at_least: float) -> None:
    """Print the row of a case."""
    with bfloat16_products(kind == "bfloat16"):
        count, taken = operations(case.work), seconds(case.work, at_least)
    rate_here = case.items / taken
    speed = f"{rate_here:,.3g}" if rate_here < 1000 else f"{rate_here:,.0f}"
    original = "-".join(f"{number:,g}" for number in case.original)
    times = f"{rate_here / max(case.original):.3g}" if case.original else ""
    share = f"{count / case.items / 1e9:.3g} | {count / taken / 1e9:,.0f} | {count / taken / rate:.0%}"
    row = (name, kind, case.items, speed, original, times, share if count else " | | ")
    print(f"| {' | '.join(map(str, row))} |", flush=True)


def report_where(case: Case, kind: str, rows: int = 8) -> None:
    """Print the operations in which a case spends most of its time, by their share."""
    with bfloat16_products(kind == "bfloat16"), profile(activities=[ProfilerActivity.CPU]) as recorded:
        case.work()
    events = sorted(recorded.key_averages(), key=lambda event: -event.self_cpu_time_total)
    whole = sum(event.self_cpu_time_total for event in events)
    for event in events[:rows]:
        print(f"    {event.self_cpu_time_total / whole:5.0%}  {event.key}")


def report_batch(clips: int, workers: int = 2) -> None:
    """Print the seconds of a batch of clips of four bars with FLAC and MP3, in threads as a build has."""
    rng = np.random.default_rng(1)
    melodies = [random_melody(4, rng) for _ in range(clips)]
    written(melodies[0])  # what is loaded once does not count
    wall, processor = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(workers) as pool:
        sizes = list(pool.map(written, melodies))
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print(
        f"{clips} clips with FLAC and MP3 ({sum(sizes) / 1e6:.1f} MB) by {workers} threads: {wall:.1f} s, "
        f"{processor:.1f} processor seconds; {os.getloadavg()[0]:.1f} programs wanted the "
        f"{os.cpu_count()} cores"
    )


def written(melody: Melody) -> int:
    """The bytes of a clip's two files."""
    with TemporaryDirectory() as folder:
        (clip,) = render([melody])
        paths = [Path(folder) / f"clip{suffix}" for suffix in (".mp3", ".flac")]
        for path in paths:
            clip.save(path)
        return sum(path.stat().st_size for path in paths)


def main() -> None:
    """Print the machine's matrix rates and a row for each case and type."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", nargs="+", choices=CASES, default=list(CASES), metavar="NAME", help=str(list(CASES))
    )
    parser.add_argument(
        "--types", nargs="+", choices=TYPES, default=list(TYPES), help="of the matrix products"
    )
    parser.add_argument("--seconds", type=float, default=3, help="how long to measure each, at least")
    parser.add_argument("--where", action="store_true", help="also in which operations the time goes")
    parser.add_argument("--batch", type=int, metavar="CLIPS", help="only a batch of clips with their files")
    chosen = parser.parse_args()
    if chosen.batch:
        report_batch(chosen.batch)
        return
    keep_freed_memory()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    rates = {kind: matrix_rate(TYPES[kind]) for kind in TYPES}
    print("matrix products: " + ", ".join(f"{r / 1e9:,.0f} GFLOP/s in {kind}" for kind, r in rates.items()))
    print(
        "\n| what | products | batch | a processor s | original | times the original | GFLOP each | GFLOP/s "
        "| of the matrix rate |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name in chosen.only:
        case = CASES[name]()
        for kind in [kind for kind in case.types if kind in chosen.types]:
            report(name, case, kind, rates[kind], chosen.seconds)
            if chosen.where:
                report_where(case, kind)


if __name__ == "__main__":
    main()
