"""One training over several processes that torchrun started: who takes which examples, and sums over all."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
from torch import Tensor, distributed

from synvae_core.errors import SynvaeError
from synvae_core.training.device import CPU, DeviceName, choose

PATIENCE = timedelta(minutes=30)  # how long one waits for another, as while the first validates


class ProcessesError(SynvaeError):
    """The processes of one training cannot work together, or have lost each other."""


@dataclass(frozen=True)
class Processes:
    """This process among the `size` that train together; the first, of rank 0, writes and validates."""

    rank: int = 0
    size: int = 1
    device: torch.device = CPU

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes."""
        return self.rank == 0

    def shares(self, examples: int, parts: int) -> list[tuple[int, int]]:
        """First and last row of each of this process's parts of a batch; ProcessesError for too few rows."""
        count = self.size * parts
        if examples < count:
            raise ProcessesError(
                f"A batch of {examples} examples cannot be shared by {self.size} processes of {parts} parts: "
                "use a larger batch, or fewer processes or parts."
            )
        bounds = [examples * part // count for part in range(count + 1)]
        mine = range(self.rank * parts, (self.rank + 1) * parts)
        return [(bounds[part], bounds[part + 1]) for part in mine]

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor by its sum over all processes; raises ProcessesError if one is gone."""
        if self.size == 1:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
        _add_up(flat)
        for tensor, whole in zip(tensors, flat.split([t.numel() for t in tensors]), strict=True):
            tensor.copy_(whole.view_as(tensor))

    @contextmanager
    def first_alone(self) -> Iterator[None]:
        """A block that the first process goes through before the others, such as one that prepares files."""
        if self.size > 1 and not self.leads:
            self._meet()
        yield
        if self.size > 1 and self.leads:
            self._meet()

    def _meet(self) -> None:
        self.add_up([torch.zeros(1, device=self.device)])


def _add_up(tensor: Tensor) -> None:
    """Replace a tensor by its sum over all processes; raises ProcessesError if one is gone."""
    try:
        distributed.all_reduce(tensor)
    except RuntimeError as error:
        number, size = distributed.get_rank() + 1, distributed.get_world_size()
        reason = str(error).strip().splitlines()[0]
        raise ProcessesError(f"Process {number} of {size} has lost the others ({reason}).") from error


class _Summed(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, tensor: Tensor) -> Tensor:
        whole = tensor.clone()
        _add_up(whole)
        return whole

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        whole = gradient.clone()
        _add_up(whole)
        return whole


def summed(tensor: Tensor) -> Tensor:
    """The sum of a tensor over all processes, whose gradient reaches the tensors of all of them."""
    whole: Tensor = _Summed.apply(tensor)  # type: ignore[no-untyped-call]
    return whole


@contextmanager
def joined(device: DeviceName) -> Iterator[Processes]:
    """This process among those that torchrun started with it; alone where it did not.

    Raises DeviceError, or ProcessesError when the others cannot be met.
    """
    rank, size, place = (
        int(os.environ.get(n, d)) for n, d in (("RANK", 0), ("WORLD_SIZE", 1), ("LOCAL_RANK", 0))
    )
    chosen = choose(device, place)
    if size == 1:
        yield Processes(device=chosen)
        return
    try:
        backend = "nccl" if chosen.type == "cuda" else "gloo"
        distributed.init_process_group(backend, timeout=PATIENCE, rank=rank, world_size=size)
    except (RuntimeError, ValueError) as error:
        raise ProcessesError(
            f"Process {rank + 1} of {size} could not meet the others ({error}): start all with torchrun."
        ) from error
    try:
        yield Processes(rank, size, chosen)
    finally:
        distributed.destroy_process_group()
