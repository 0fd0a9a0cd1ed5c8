"""The fast recurrence against the plain one, and the products in bfloat16."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from synvae_core.musicvae.scan import scan, scan_masked
from synvae_core.precision import bfloat16_products


def inputs(kind: torch.dtype = torch.float64) -> list[Tensor]:
    """Gates (T, B, 4H), kernel (H, 4H), c and h (B, H), drawn."""
    generator = torch.Generator().manual_seed(1)
    shapes = ((7, 3, 20), (5, 20), (3, 5), (3, 5))
    return [torch.randn(s, generator=generator, dtype=kind).requires_grad_() for s in shapes]


def run(fast: bool, given: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
    """All outputs and the last c as one vector, and the gradient of a weighted sum of them."""
    if fast:
        outputs, c = scan(*given)
    else:
        gates, kernel, c, h = given
        outputs, (c, _) = scan_masked(gates, kernel, c, h, torch.ones(7, 3, dtype=torch.bool))
    flat = torch.cat((outputs.flatten(), c.flatten()))
    (flat * torch.linspace(-1, 1, len(flat), dtype=flat.dtype)).sum().backward()
    return flat.detach(), [g.grad for g in given if g.grad is not None]


def test_fast_scan_gives_the_plain_one_and_its_gradients() -> None:
    plain, fast = run(False, inputs()), run(True, inputs())
    torch.testing.assert_close(fast[0], plain[0])
    assert len(fast[1]) == 4
    torch.testing.assert_close(fast[1], plain[1])


def test_written_gradient_passes_the_numerical_check() -> None:
    assert torch.autograd.gradcheck(lambda *given: scan(*given), inputs())


def test_a_frozen_kernel_gets_no_gradient_and_the_rest_keep_theirs() -> None:
    given = inputs()
    expected = run(True, inputs())[1]
    given[1].requires_grad_(False)
    _, gradients = run(True, given)
    torch.testing.assert_close(gradients, [expected[0], expected[2], expected[3]])


@pytest.mark.filterwarnings("ignore:.torch.jit.script_method:DeprecationWarning")  # the compiler's own import
@pytest.mark.parametrize("compiler", [True, False])
def test_bfloat16_products_stay_close(compiler: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from synvae_core.musicvae import scan as module

    if not compiler:
        monkeypatch.setattr("shutil.which", lambda name: None)
    module._compiled_steps.cache_clear()
    exact = run(True, inputs(torch.float32))
    with bfloat16_products():
        close = run(True, inputs(torch.float32))
    module._compiled_steps.cache_clear()
    torch.testing.assert_close(close[0], exact[0], atol=0.05, rtol=0.05)
    torch.testing.assert_close(close[1], exact[1], atol=0.3, rtol=0.1)
