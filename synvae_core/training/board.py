"""The curves of a run for TensorBoard, where a recipe asks for them and TensorBoard is installed."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from synvae_core.errors import SynvaeError
from synvae_core.training.state import Run
from synvae_core.training.tasks import Figures

EVERY = 10  # steps between two points of the training curves


class NoTensorBoard(SynvaeError):
    """A recipe asks for TensorBoard and it is not installed."""


class Board:
    """A context that writes into the run's sub-folder `tensorboard`, if the recipe asks for it."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.writer: Any = _writer(run) if run.recipe.tensorboard and run.processes.leads else None

    def trained(self, figures: Figures) -> None:
        """Draw the figures of the step that was just taken."""
        if self.run.step % EVERY == 0:
            self._draw("train", figures)

    def validated(self, figures: Figures) -> None:
        """Draw the figures of a validation."""
        self._draw("validation", figures)

    def _draw(self, kind: str, figures: Figures) -> None:
        if self.writer is not None:
            for name, value in figures.items():
                self.writer.add_scalar(f"{name}/{kind}", value, self.run.step)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.writer is not None:
            self.writer.close()


def _writer(run: Run) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise NoTensorBoard(
            "The recipe asks for tensorboard, which is not installed: run 'pip install tensorboard' in this "
            "environment, or leave the key out. The curves are in metrics.jsonl in any case."
        ) from None
    return SummaryWriter(str(run.folder / "tensorboard"), purge_step=run.step)
