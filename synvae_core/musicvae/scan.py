"""The LSTM recurrence over time: a plain form with masks, and a fast one with its gradient written out.

The fast form multiplies each step's input and h in one product, and keeps what its gradient needs in a
`Tape`, so that a decoder that ran free can be differentiated without running again. Where nothing later reads
a step's buffer, all steps share one, which stays in the processor's cache.
tests/synvae_core/test_musicvae_scan.py holds the two forms to the same numbers.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from synvae_core.musicvae.step import backward_step, cell, forward_step
from synvae_core.precision import matmul, product_type


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


class Tape:
    """One layer's run over `steps` steps, each step's input first, then h: `seen` (T + 1, B, I + H).

    With `keep` all that the gradient needs stays; without, a step overwrites the one before the last.
    """

    def __init__(
        self, kernel: Tensor, held: Tensor, state: tuple[Tensor, Tensor], steps: int, *, keep: bool
    ) -> None:
        c, h = state
        self.kernel, self.held = kernel.to(product_type(kernel)), held.contiguous()
        self.inputs = len(kernel) - h.shape[1]
        kept = steps if keep else 1
        self.seen = self.kernel.new_empty(kept + 1, len(h), len(kernel))
        self.acts = self.kernel.new_empty(kept, len(h), kernel.shape[1])
        self.cs = c.new_empty(kept + 1, *c.shape)
        self.gates = self.kernel.new_empty(len(h), kernel.shape[1])
        self.cs[0], self.seen[0, :, self.inputs :] = c, h

    def input(self, step: int) -> Tensor:
        """Where the input of a step is to be written (B, I)."""
        return self.seen[step % len(self.seen), :, : self.inputs]

    def h(self, step: int) -> Tensor:
        """h before a step, so after the one before it (B, H)."""
        return self.seen[step % len(self.seen), :, self.inputs :]

    def advance(self, step: int) -> Tensor:
        """Take a step whose input is written; returns the h after it (B, H)."""
        now, after = step % len(self.seen), (step + 1) % len(self.seen)
        torch.mm(self.seen[now], self.kernel, out=self.gates)
        acts = self.acts[step % len(self.acts)]
        forward_step(self.gates, self.held, self.cs[now], acts, self.cs[after], self.h(step + 1))
        return self.h(step + 1)


def scan(
    x: Tensor, held: Tensor, kernel: Tensor, c: Tensor, h: Tensor, tape: Tape | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Run over inputs x (T, B, I) and what all steps see alike, `held` (B or 1, 4H), from state c, h (B, H).

    `kernel` (I + H, 4H). Returns all h (T, B, H) in the product type, the last c and the last h. With the
    `tape` of a run over the same values nothing is computed again.
    """
    return _Scan.apply(x, held, kernel, c, h, tape)  # type: ignore[no-untyped-call]


class _Scan(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, held: Tensor, kernel: Tensor, c: Tensor, h: Tensor, tape: Tape | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        if tape is None:
            tape = Tape(kernel, held, (c, h), len(x), keep=True)
            tape.seen[:-1, :, : tape.inputs] = x
            for step in range(len(x)):
                tape.advance(step)
        ctx.tape = tape
        ctx.set_materialize_grads(False)
        last = tape.seen[-1, :, tape.inputs :].to(c.dtype, copy=True)
        return tape.seen[1:, :, tape.inputs :], tape.cs[-1].clone(), last

    @staticmethod
    def backward(
        ctx: Any, d_outputs: Tensor | None, dc: Tensor | None, dh: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        tape: Tape = ctx.tape
        of_x, of_held, of_kernel = ctx.needs_input_grad[:3]
        steps = len(tape.acts)
        first = 0 if of_x else tape.inputs  # the row of the kernel from which gradients are asked for
        back, width = tape.kernel[first:].t(), tape.inputs - first
        d_seen = tape.kernel.new_empty(steps + 1, len(tape.gates), back.shape[1])
        d_seen[-1, :, width:] = 0 if dh is None else dh
        d_gates = tape.acts.new_empty(steps if of_held or of_kernel else 1, *tape.gates.shape)
        dc = torch.zeros_like(tape.cs[0]) if dc is None else dc.clone()
        for step in reversed(range(steps)):
            after, here = d_seen[step + 1, :, width:], d_gates[step % len(d_gates)]
            if d_outputs is not None:
                after += d_outputs[step]
            backward_step(tape.acts[step], tape.cs[step], tape.cs[step + 1], after, dc, here)
            torch.mm(here, back, out=d_seen[step])
        return (
            d_seen[:-1, :, :width] if of_x else None,
            d_gates.sum(dim=0 if len(tape.held) > 1 else (0, 1)).view_as(tape.held) if of_held else None,
            _kernel_gradient(tape.seen[:-1], d_gates) if of_kernel else None,
            dc,
            d_seen[0, :, width:],
            None,
        )


def _kernel_gradient(seen: Tensor, d_gates: Tensor) -> Tensor:
    """(T, B, I + H) and (T, B, 4H) -> (I + H, 4H); transposed first, which the product in bfloat16 likes."""
    return seen.flatten(0, 1).t().contiguous() @ d_gates.flatten(0, 1)
