"""How long a plan of BAM's size takes, and how much memory: `python benchmarks/sampling_plan.py`."""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from sampling import Design, Latents, StudyPlan, plan_study, verify_plan


def made_up(images: int, dimensions: int, classes: int) -> Latents:
    """Latents of Gaussian classes, as many images in each."""
    random = np.random.default_rng(0)
    labels = np.arange(images) % classes
    centres = random.normal(size=(classes, dimensions)).astype(np.float32)
    z = random.standard_normal((images, dimensions), dtype=np.float32)
    for start in range(0, images, 4096):
        z[start : start + 4096] += centres[labels[start : start + 4096]]
    ids = tuple(f"image-{number:07}.jpg" for number in range(images))
    return Latents(z, labels, ids, tuple(f"class-{number:04}" for number in range(classes)))


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=180_000)
    parser.add_argument("--dimensions", type=int, default=512)
    parser.add_argument("--classes", type=int, default=10)
    options = parser.parse_args()

    start = time.perf_counter()
    latents = made_up(options.images, options.dimensions, options.classes)
    print(f"made and checked   {time.perf_counter() - start:6.2f} s, peak {peak_mib():,.0f} MiB")
    print(f"the latents alone  {'':6}    {latents.z.nbytes / 2**20:,.0f} MiB")
    plans: list[StudyPlan] = []
    for name, design in {
        "plan": Design(),
        "plan, max_min": Design(rule="max_min"),
        "plan, 1000 nearest": Design(nearest=min(1000, options.images // options.classes)),
        "plan, merge_small": Design(merge_small=True),
    }.items():
        start = time.perf_counter()
        plans.append(plan_study(latents, design, seed=7))
        print(f"{name:18} {time.perf_counter() - start:6.2f} s, peak {peak_mib():,.0f} MiB")
    start = time.perf_counter()
    verify_plan(latents, plans[0])
    print(f"{'verify':18} {time.perf_counter() - start:6.2f} s, peak {peak_mib():,.0f} MiB")


if __name__ == "__main__":
    main()
