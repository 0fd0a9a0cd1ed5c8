"""The LSTM recurrence over time: a plain form with masks, and a fast one with its gradient written out.

The fast form keeps the gates of each step, so that the kernel's gradient is one large matrix product after
the loop instead of one small one a step, and in bfloat16 fuses the arithmetic of a step into one compiled
kernel where a C++ compiler is at hand. tests/synvae_core/test_musicvae_scan.py holds the two to the same
numbers.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor

from synvae_core.precision import matmul, product_type

FORGET_BIAS = 1.0


def cell(gates: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """One LSTM step from its summed gates (B, 4H) and state c (B, H); returns the new c and h."""
    i, g, f, o = gates.to(c.dtype).chunk(4, dim=-1)
    c = c * torch.sigmoid(f + FORGET_BIAS) + torch.sigmoid(i) * torch.tanh(g)
    return c, torch.sigmoid(o) * torch.tanh(c)


def scan_masked(
    gates: Tensor, recurrent: Tensor, c: Tensor, h: Tensor, alive: Tensor
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """Run over projected inputs (T, B, 4H) where `alive` (T, B); elsewhere copy the state and give zeros."""
    outputs = []
    for step, mask in zip(gates, alive.unsqueeze(-1), strict=True):
        c_new, h_new = cell(step + matmul(h, recurrent), c)
        c, h = torch.where(mask, c_new, c), torch.where(mask, h_new, h)
        outputs.append(torch.where(mask, h_new, torch.zeros_like(h_new)))
    return torch.stack(outputs), (c, h)


def scan(gates: Tensor, recurrent: Tensor, c: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
    """Run over projected inputs (T, B, 4H) from state c, h (B, H); returns all h (T, B, H) and the last c."""
    outputs, last = _Scan.apply(gates, recurrent, c, h, product_type(recurrent))  # type: ignore[no-untyped-call]
    return outputs, last


def _forward_step(gates: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    i, g, f, o = gates.to(c.dtype).chunk(4, dim=-1)
    i, g, f, o = torch.sigmoid(i), torch.tanh(g), torch.sigmoid(f + FORGET_BIAS), torch.sigmoid(o)
    c = c * f + i * g
    return torch.cat((i, g, f, o), dim=-1).to(gates.dtype), c, (o * torch.tanh(c)).to(gates.dtype)


def _backward_step(
    acts: Tensor, c_before: Tensor, c: Tensor, dh: Tensor, dc: Tensor
) -> tuple[Tensor, Tensor]:
    i, g, f, o = acts.to(c.dtype).chunk(4, dim=-1)
    tanh_c = torch.tanh(c)
    dc = dc + dh * o * (1 - tanh_c * tanh_c)
    di, dg = dc * g * i * (1 - i), dc * i * (1 - g * g)
    df, do = dc * c_before * f * (1 - f), dh * tanh_c * o * (1 - o)
    return torch.cat((di, dg, df, do), dim=-1).to(acts.dtype), dc * f


@cache
def _compiled_steps() -> tuple[Callable[..., Any], Callable[..., Any]]:
    if shutil.which("g++") is None and shutil.which("clang++") is None:
        return _forward_step, _backward_step
    return torch.compile(_forward_step, dynamic=True), torch.compile(_backward_step, dynamic=True)


def _steps(kind: torch.dtype) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The kernels of one step, compiled for the bfloat16 of long training runs, plain for all else."""
    return _compiled_steps() if kind == torch.bfloat16 else (_forward_step, _backward_step)


class _Scan(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, gates: Tensor, recurrent: Tensor, c: Tensor, h: Tensor, kind: torch.dtype
    ) -> tuple[Tensor, Tensor]:
        step, _ = _steps(kind)
        kernel, gates, h = recurrent.to(kind), gates.to(kind), h.to(kind)
        hs, cs, acts = [h], [c], []
        for t in range(len(gates)):
            kept, c, h = step(torch.addmm(gates[t], h, kernel), c)
            acts.append(kept)
            cs.append(c)
            hs.append(h)
        ctx.save_for_backward(kernel, torch.stack(hs), *cs, *acts)
        ctx.types = recurrent.dtype, kind
        return torch.stack(hs[1:]).to(c.dtype), c

    @staticmethod
    def backward(ctx: Any, d_outputs: Tensor, dc: Tensor) -> tuple[Tensor | None, ...]:
        kernel, hs, *rest = ctx.saved_tensors
        steps = len(hs) - 1
        cs, acts = rest[: steps + 1], rest[steps + 1 :]
        own, kind = ctx.types
        _, step = _steps(kind)
        d_gates = kernel.new_empty(steps, *acts[0].shape)
        dh = torch.zeros_like(cs[0])
        back = kernel.t().contiguous()
        for t in reversed(range(steps)):
            d_gates[t], dc = step(acts[t], cs[t], cs[t + 1], d_outputs[t] + dh, dc)
            dh = (d_gates[t] @ back).to(own)
        d_kernel = None
        if ctx.needs_input_grad[1]:
            d_kernel = (hs[:-1].flatten(0, 1).t() @ d_gates.flatten(0, 1)).to(own)
        return d_gates, d_kernel, dc, dh, None
