"""Power over accuracies and numbers of volunteers: `python -m benchmarks.power_table`.

Power by the t test and by the bound of the crossed bootstrap, for 20 trials and
spreads of 1, with processor seconds on one thread; docs/performance.md records it.
"""

import argparse
import os
from time import process_time

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from analysis.power import Design, power

ACCURACIES = (0.40, 0.45, 0.50, 0.60)
PEOPLE = (11, 21, 40, 80)


def main() -> None:
    parser = argparse.ArgumentParser(description="Power over accuracies and numbers of volunteers.")
    parser.add_argument("--studies", type=int, default=8000)
    options = parser.parse_args()
    began = process_time()
    print("| accuracy | " + " | ".join(f"n = {n}" for n in PEOPLE) + " |")
    print("|---|" + "---|" * len(PEOPLE))
    for accuracy in ACCURACIES:
        found = [power(Design(accuracy), n, studies=options.studies) for n in PEOPLE]
        cells = [f"{row.t_test.power:.2f} / {row.bootstrap.power:.2f}" for row in found]
        print(f"| {accuracy:.2f} | " + " | ".join(cells) + " |")
    print(f"\n{process_time() - began:.1f} processor s")


if __name__ == "__main__":
    main()
