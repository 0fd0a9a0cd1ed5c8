"""Random numbers for a batch, or for a part of one that are the same however the batch was divided.

Generators live on the CPU, so that a seed means the same numbers on every device; what they give is moved to
the tensors that need it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

Fill = Callable[[Tensor, Generator | None], Tensor]


@dataclass(frozen=True)
class Share:
    """Rows `first` to `last` of a batch of `of` examples, whose noise is drawn for the whole batch.

    Every process and every accumulated part of a step draws all of it from the same seed and keeps its rows.
    """

    generator: Generator
    first: int
    last: int
    of: int


Source = Generator | Share | None


def seeded(seed: int) -> Generator:
    """A generator of its own, so that noise depends on the seed alone."""
    return Generator().manual_seed(seed)


def common(source: Source) -> Generator | None:
    """The generator itself, for what is drawn once for a whole batch."""
    return source.generator if isinstance(source, Share) else source


def normal(like: Tensor, source: Source) -> Tensor:
    """Standard normal noise of the shape, type and device of `like` (B, ...)."""
    return _drawn(like, source, lambda out, generator: out.normal_(generator=generator))


def exponential(like: Tensor, source: Source) -> Tensor:
    """Exponential noise of rate 1 of the shape, type and device of `like` (B, ...)."""
    return _drawn(like, source, lambda out, generator: out.exponential_(generator=generator))


def uniform(like: Tensor, source: Source) -> Tensor:
    """Uniform noise in [0, 1) of the shape, type and device of `like` (B, ...)."""
    return _drawn(like, source, lambda out, generator: out.uniform_(generator=generator))


def integers(low: int, high: int, like: Tensor, source: Source) -> Tensor:
    """Whole numbers low <= n < high of the shape, type and device of `like` (B, ...)."""
    return _drawn(like, source, lambda out, generator: out.random_(low, high, generator=generator))


def _drawn(like: Tensor, source: Source, fill: Fill) -> Tensor:
    generator = common(source)
    device = like.device if generator is None else generator.device
    if not isinstance(source, Share):
        return fill(torch.empty(like.shape, dtype=like.dtype, device=device), generator).to(like.device)
    rows = source.last - source.first
    each = len(like) // rows  # more than one where a melody's bars are rows of their own
    whole = torch.empty(each * source.of, *like.shape[1:], dtype=like.dtype, device=device)
    return fill(whole, generator)[each * source.first : each * source.last].to(like.device)
