"""The fast recurrence against the plain one, the products in bfloat16, and its compiled step."""

from __future__ import annotations

import shutil

import pytest
import torch
from torch import Tensor

from synvae_core.musicvae import step
from synvae_core.musicvae.config import MusicVaeConfig
from synvae_core.musicvae.model import MusicVae
from synvae_core.musicvae.scan import scan, scan_masked
from synvae_core.precision import bfloat16_products

STEPS, BATCH, INPUTS, WIDTH = 7, 3, 4, 37  # wider than a vector register, and no multiple of one
NAMES = ("x", "held", "kernel", "c", "h")
needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="there is no C++ compiler here")


def inputs(kind: torch.dtype = torch.float64, held_rows: int = BATCH) -> list[Tensor]:
    """x, held, kernel, c and h, drawn."""
    generator = torch.Generator().manual_seed(1)
    shapes = (
        (STEPS, BATCH, INPUTS),
        (held_rows, 4 * WIDTH),
        (INPUTS + WIDTH, 4 * WIDTH),
        (BATCH, WIDTH),
        (BATCH, WIDTH),
    )
    return [(0.5 * torch.randn(s, generator=generator, dtype=kind)).requires_grad_() for s in shapes]


def plain(x: Tensor, held: Tensor, kernel: Tensor, c: Tensor, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """`scan` by way of the plain form."""
    alive = torch.ones(STEPS, BATCH, dtype=torch.bool)
    outputs, (c, h) = scan_masked(x @ kernel[:INPUTS] + held, kernel[INPUTS:], c, h, alive)
    return outputs, c, h


def run(fast: bool, given: list[Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
    """All that comes out as one vector, and the gradients of a weighted sum of it."""
    flat = torch.cat([part.flatten().to(given[3].dtype) for part in (scan if fast else plain)(*given)])
    (flat * torch.linspace(-1, 1, len(flat), dtype=flat.dtype)).sum().backward()
    return flat.detach(), {n: g.grad for n, g in zip(NAMES, given, strict=True) if g.grad is not None}


@pytest.mark.parametrize("held_rows", [1, BATCH])
def test_fast_scan_gives_the_plain_one_and_its_gradients(held_rows: int) -> None:
    expected = run(False, inputs(held_rows=held_rows))
    flat, gradients = run(True, inputs(held_rows=held_rows))
    torch.testing.assert_close(flat, expected[0])
    assert gradients.keys() == set(NAMES)
    torch.testing.assert_close(gradients, expected[1])


@pytest.mark.parametrize("frozen", ["x", "held", "kernel"])
def test_what_is_frozen_gets_no_gradient_and_the_rest_keep_theirs(frozen: str) -> None:
    given = inputs()
    given[NAMES.index(frozen)].requires_grad_(False)
    expected = {name: gradient for name, gradient in run(True, inputs())[1].items() if name != frozen}
    torch.testing.assert_close(run(True, given)[1], expected)


@pytest.mark.parametrize("used", [0, 1, 2])
def test_what_is_not_used_of_a_run_adds_nothing_to_its_gradient(used: int) -> None:
    gradients = []
    for form in (plain, scan):
        given = inputs()
        form(*given)[used].square().sum().backward()
        gradients.append([g.grad for g in given])
    torch.testing.assert_close(gradients[1], gradients[0])


@needs_compiler
@pytest.mark.parametrize(("held_rows", "threads"), [(1, 1), (BATCH, 1), (BATCH, 2)])
def test_compiled_steps_are_those_of_torch(
    held_rows: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = inputs(torch.float32, held_rows)
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    with bfloat16_products():
        assert step._library() is not None
        compiled = run(True, given)
        monkeypatch.setattr(step, "_library", lambda: None)
        in_torch = run(True, inputs(torch.float32, held_rows))
    torch.testing.assert_close(compiled[0], in_torch[0], atol=0.01, rtol=0.01)
    torch.testing.assert_close(compiled[1], in_torch[1], atol=0.02, rtol=0.02)


@needs_compiler
def test_compiled_functions_saturate_and_never_overflow() -> None:
    gates = torch.tensor([-1e4, -90.0, -3.0, 0.0, 2.5, 90.0, 1e4]).repeat(1, 4).to(torch.bfloat16)
    c, acts, held = torch.full((1, 7), 0.5), torch.empty_like(gates), torch.zeros(1, 28)
    after, h = torch.empty_like(c), torch.empty(1, 7, dtype=torch.bfloat16)
    step.forward_step(gates, held, c, acts, after, h)
    exact_c, exact_h = step.cell(gates.float(), c)
    torch.testing.assert_close(after, exact_c, atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(h, exact_h.to(torch.bfloat16))


@pytest.mark.parametrize("compiler", [True, False])
def test_bfloat16_products_stay_close(compiler: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not compiler:
        monkeypatch.setattr("shutil.which", lambda name: None)
    step._library.cache_clear()
    exact = run(False, inputs(torch.float32))
    with bfloat16_products():
        close = run(True, inputs(torch.float32))
    step._library.cache_clear()
    torch.testing.assert_close(close[0], exact[0], atol=0.02, rtol=0.02)
    torch.testing.assert_close(close[1], exact[1], atol=0.1, rtol=0.05)


@pytest.mark.parametrize("bars", [None, 2])
def test_decoding_gives_the_gradient_of_its_own_symbols_forced(bars: int | None) -> None:
    torch.manual_seed(1)
    model = MusicVae(
        MusicVaeConfig(steps=8, latent=6, encoder=(5,), decoder=(7, 5), bars=bars, bar_start="empty")
    )
    z, weights = torch.randn(3, 6, requires_grad=True), torch.randn(3, 8, 90)
    symbols, logits = model.decode(z)
    decoded = torch.autograd.grad((logits * weights).sum(), [z, *model.decoder.parameters()])
    forced = model.logits(z, model.teacher(symbols))
    expected = torch.autograd.grad((forced * weights).sum(), [z, *model.decoder.parameters()])
    torch.testing.assert_close(logits, forced)
    torch.testing.assert_close(decoded, expected)
    assert torch.equal(symbols, logits.argmax(-1))
    assert torch.equal(symbols, model.play(z))
    assert torch.equal(symbols, model.free_run(z))
