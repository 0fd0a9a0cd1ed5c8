"""Matrix products in the weights' own type, or in bfloat16 where a training run asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

import torch
from torch import Tensor

_bfloat16: ContextVar[bool] = ContextVar("bfloat16", default=False)


@contextmanager
def bfloat16_products(enabled: bool = True) -> Iterator[None]:
    """Within, `matmul`, LSTMs and the visual nets multiply in bfloat16; states and losses stay in float32."""
    token = _bfloat16.set(enabled)
    try:
        yield
    finally:
        _bfloat16.reset(token)


def product_type(kernel: Tensor) -> torch.dtype:
    """The type in which products with this kernel are made at present."""
    return torch.bfloat16 if _bfloat16.get() else kernel.dtype


def matmul(x: Tensor, kernel: Tensor) -> Tensor:
    """x (..., in) @ kernel (in, out), made and returned in the product type."""
    kind = product_type(kernel)
    return x.to(kind) @ kernel.to(kind)


def convolutions(x: Tensor) -> AbstractContextManager[object]:
    """A context in which convolutions and linear layers on `x` are made in the product type."""
    return torch.autocast(x.device.type, torch.bfloat16) if _bfloat16.get() else nullcontext()
