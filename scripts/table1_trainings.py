"""How every trained model of Table 1 is made: a recipe, what is changed in it, and how long it takes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from synvae_core.data.loading import FETCHERS
from synvae_core.training.config import read_recipe

PROGRAM = "python -m synvae_core"
Run = Callable[[list[str]], int]  # a command line of `python -m synvae_core` -> its exit status


@dataclass(frozen=True)
class Training:
    """A run in the folder `name` of the runs; `{runs}` in a setting is their folder.

    `minutes` are those of one core of a machine of 2026.
    """

    name: str
    recipe: str
    minutes: int
    settings: tuple[str, ...] = ()

    def line(self, runs: Path) -> list[str]:
        """Its command line, which goes on with a run that was stopped."""
        changes = [part for setting in self._settings(runs) for part in ("--set", setting)]
        folder = runs / self.name
        going_on = ["--resume"] if (folder / "latest.safetensors").exists() else []
        return ["train", self.recipe, *changes, "-o", str(folder), *going_on]

    def told(self, runs: Path) -> str:
        """The command and the time it takes, for people."""
        return f"`{PROGRAM} {' '.join(self.line(runs))}` makes it in about {self.minutes} minutes"

    def data(self, runs: Path) -> str:
        """The data set that it learns from."""
        return str(getattr(read_recipe(self.recipe, self._settings(runs)), "data", ""))

    def _settings(self, runs: Path) -> list[str]:
        return [setting.format(runs=runs) for setting in self.settings]


def _seed(number: int) -> tuple[Training, Training]:
    """VisVAE and SynVAE of MNIST trained anew."""
    visvae, seed = f"visvae-mnist-seed{number}", f"seed={number}"
    return (
        Training(visvae, "visvae-mnist", 44, (seed,)),
        Training(f"synvae-mnist-seed{number}", "synvae-mnist", 17, (seed, f"start_from={{runs}}/{visvae}")),
    )


# In the order in which they need each other.
TRAININGS = (
    Training("classifier-mnist", "classifier-mnist", 12),
    Training("visvae-mnist", "visvae-mnist", 72),
    Training("synvae-mnist", "synvae-mnist", 17),
    *_seed(8),
    *_seed(9),
    Training("visvae-mnist-beta035", "visvae-mnist", 9, ("beta=0.35", "steps=3000")),
    Training("visvae-mnist-beta01", "visvae-mnist", 12, ("beta=0.1", "steps=4000")),
    Training("visvae-mnist-beta02", "visvae-mnist", 12, ("beta=0.2", "steps=4000")),
    Training("visvae-mnist-short", "visvae-mnist", 12, ("steps=4000",)),
    Training("visvae-mnist-wide", "visvae-mnist", 30, ("model.widths=[64,128]", "steps=4000")),
    Training("synvae-mnist-beta02", "synvae-mnist", 17, ("beta=0.2",)),
    Training("synvae-mnist-beta03", "synvae-mnist", 17, ("beta=0.3",)),
    Training("synvae-mnist-beta14", "synvae-mnist", 7, ("beta=1.4", "steps=800")),
    Training("synvae-mnist-logits", "synvae-mnist", 9, ("relaxation=logits", "steps=1000")),
    Training("classifier-cifar", "classifier-cifar", 10),
    Training("visvae-cifar", "visvae-cifar", 20),
    Training("synvae-cifar", "synvae-cifar", 11, ("start_from={runs}/visvae-cifar",)),
)


def lacking(trainings: Sequence[Training], there: Collection[str]) -> list[Training]:
    """Those whose models are not among the names `there`."""
    return [training for training in trainings if training.name not in there]


def train(trainings: Sequence[Training], runs: Path, run: Run) -> int:
    """Trains one after another; 0, or the exit status of the first command that did not reach its end."""
    if trainings:
        minutes = sum(training.minutes for training in trainings)
        print(f"{len(trainings)} models are to be trained, in about {minutes} minutes of one core.")
    for line in _lines(trainings, runs):
        print(f"{PROGRAM} {' '.join(line)}", flush=True)
        if status := run(line):
            return status
    return 0


def _lines(trainings: Sequence[Training], runs: Path) -> Iterator[list[str]]:
    wanted = {training.data(runs) for training in trainings}
    yield from (["fetch", name] for name in FETCHERS if name in wanted)
    for training in trainings:
        yield training.line(runs)
