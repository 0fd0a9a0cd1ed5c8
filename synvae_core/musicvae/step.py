"""The arithmetic of one LSTM step, in torch for every type and device, and compiled for bfloat16 on a CPU.

A long training run in bfloat16 spends little in its matrix products, so its other arithmetic counts: one pass
over memory (lstm_step.cpp, built in a second at the first step) takes a fifth of the time of torch's many.
Without a C++ compiler the torch form does the same work.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

FORGET_BIAS = 1.0
SOURCE = Path(__file__).with_name("lstm_step.cpp")
FLAGS = ("-O3", "-march=native", "-mprefer-vector-width=512", "-fno-math-errno", "-fno-trapping-math")


def cell(gates: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """One LSTM step from its summed gates (B, 4H) and state c (B, H); returns the new c and h."""
    i, g, f, o = gates.to(c.dtype).chunk(4, dim=-1)
    c = c * torch.sigmoid(f + FORGET_BIAS) + torch.sigmoid(i) * torch.tanh(g)
    return c, torch.sigmoid(o) * torch.tanh(c)


def forward_step(gates: Tensor, held: Tensor, c: Tensor, acts: Tensor, c_next: Tensor, h: Tensor) -> None:
    """From gates + held (B or 1, 4H) and c (B, H) fill the gates' activations, the next c and h.

    `h` may be a part of wider rows.
    """
    library = _library() if _fits(gates, held, c) else None
    if library is None:
        _forward_in_torch(gates, held, c, acts, c_next, h)
        return
    held_stride = 0 if len(held) == 1 else held.stride(0)
    library.lstm_forward(
        *_sizes(c), _at(gates), _at(held), ctypes.c_int64(held_stride), _at(c), _at(acts), _at(c_next),
        _at(h), ctypes.c_int64(h.stride(0)),
    )  # fmt: skip


def backward_step(acts: Tensor, c: Tensor, c_next: Tensor, dh: Tensor, dc: Tensor, d_gates: Tensor) -> None:
    """From the gradients of a step's h and next c fill that of its gates, and turn `dc` into that of its c.

    `dh` may be a part of wider rows.
    """
    library = _library() if _fits(acts, dc, c) else None
    if library is None:
        _backward_in_torch(acts, c, c_next, dh, dc, d_gates)
        return
    library.lstm_backward(
        *_sizes(c), _at(acts), _at(c), _at(c_next), _at(dh), ctypes.c_int64(dh.stride(0)), _at(dc),
        _at(d_gates),
    )  # fmt: skip


def _forward_in_torch(
    gates: Tensor, held: Tensor, c: Tensor, acts: Tensor, c_next: Tensor, h: Tensor
) -> None:
    activated = (gates + held).to(c.dtype)
    i, g, f, o = activated.chunk(4, dim=-1)
    i.sigmoid_(), g.tanh_(), f.add_(FORGET_BIAS).sigmoid_(), o.sigmoid_()
    torch.mul(c, f, out=c_next).addcmul_(i, g)
    acts.copy_(activated)
    h.copy_(o * torch.tanh(c_next))


def _backward_in_torch(
    acts: Tensor, c: Tensor, c_next: Tensor, dh: Tensor, dc: Tensor, d_gates: Tensor
) -> None:
    i, g, f, o = acts.to(c.dtype).chunk(4, dim=-1)
    tanh_c = torch.tanh(c_next)
    total = dc + dh * o * (1 - tanh_c * tanh_c)
    di, dg = total * g * i * (1 - i), total * i * (1 - g * g)
    df, do = total * c * f * (1 - f), dh * tanh_c * o * (1 - o)
    d_gates.copy_(torch.cat((di, dg, df, do), dim=-1))
    dc.copy_(total * f)


def _fits(products: Tensor, *states: Tensor) -> bool:
    on_cpu = products.device.type == "cpu" and products.dtype == torch.bfloat16
    return on_cpu and all(state.dtype == torch.float32 for state in states)


def _sizes(c: Tensor) -> tuple[ctypes.c_int64, ctypes.c_int64, int]:
    batch, width = c.shape
    return ctypes.c_int64(batch), ctypes.c_int64(width), torch.get_num_threads()


def _at(tensor: Tensor) -> ctypes.c_void_p:
    return ctypes.c_void_p(tensor.data_ptr())


@cache
def _library() -> ctypes.CDLL | None:
    """lstm_step.cpp compiled for this very processor; None where that cannot be done."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        return None
    with tempfile.TemporaryDirectory(prefix="earsight-lstm-") as folder:
        built = Path(folder) / "lstm_step.so"
        command = [compiler, *FLAGS, "-fopenmp", "-shared", "-fPIC", str(SOURCE), "-o", str(built)]
        done = subprocess.run(command, capture_output=True, check=False)
        return ctypes.CDLL(str(built)) if done.returncode == 0 else None
