"""Networks that have shapes and no numbers yet, for weights that come from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

DRAWN = frozenset({Tensor.uniform_, Tensor.normal_})
INITIALISERS = "torch.nn.init"


class _NothingDrawn(TorchFunctionMode):
    """Leaves first weights undrawn: for tensors without memory, torch would load a compiler to draw them."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        named = kwargs or {}
        if func in DRAWN or getattr(func, "__module__", None) == INITIALISERS:
            return args[0] if args else named["tensor"]
        return func(*args, **named)


@contextmanager
def unfilled() -> Iterator[None]:
    """Whatever is built in this block takes no memory and no time; fill it with `assign=True`."""
    with torch.device("meta"), _NothingDrawn():
        yield
