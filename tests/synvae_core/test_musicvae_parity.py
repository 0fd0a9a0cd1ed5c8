"""Our MusicVAE against numbers that the original TensorFlow implementation produced."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from synvae_core.musicvae.config import MusicVaeConfig
from synvae_core.musicvae.decoders import as_one_hot, shift
from synvae_core.musicvae.model import MusicVae, melody_loss
from synvae_core.musicvae.tf_names import VariableError, from_tensorflow

FIXTURES = Path(__file__).parents[3] / "shared" / "fixtures" / "magenta"
CONFIGS = {
    "cat_tiny": MusicVaeConfig(steps=32, latent=16, encoder=(24,), decoder=(24, 24)),
    "hierdec4_tiny": MusicVaeConfig(steps=64, latent=16, encoder=(24, 24), decoder=(20, 20), bars=4),
}
Recorded = dict[str, torch.Tensor]

pytestmark = pytest.mark.skipif(
    not FIXTURES.is_dir(), reason="the original's recorded numbers are not beside this checkout"
)


@pytest.fixture(params=CONFIGS)
def case(request: pytest.FixtureRequest) -> tuple[MusicVae, Recorded]:
    variables = np.load(FIXTURES / f"{request.param}_vars.npz")
    recorded = np.load(FIXTURES / f"{request.param}_io.npz")
    model = from_tensorflow(CONFIGS[request.param], dict(variables))
    return model, {name: torch.from_numpy(recorded[name]) for name in recorded.files}


def close(ours: torch.Tensor, theirs: torch.Tensor) -> None:
    torch.testing.assert_close(ours.detach(), theirs, atol=1e-4, rtol=0)


def inputs(ids: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """Recorded class ids, -1 for no symbol, as one-hots."""
    return as_one_hot(ids.long().clamp(min=0), like) * (ids >= 0).unsqueeze(-1)


def test_encoder_with_lengths(case: tuple[MusicVae, Recorded]) -> None:
    model, io = case
    mean, deviation = model.encode(inputs(io["melody_ids"], io["z"]), io["lengths"].long())
    close(mean, io["enc_mu"])
    close(deviation, io["enc_sigma"])


def test_encoder_at_full_length(case: tuple[MusicVae, Recorded]) -> None:
    model, io = case
    mean, deviation = model.encode(inputs(io["melody_ids"], io["z"]))
    close(mean, io["encfull_mu"])
    close(deviation, io["encfull_sigma"])


@pytest.mark.parametrize("kind", ["argmax", "sampled"])
def test_decode_reencode_and_gradient(case: tuple[MusicVae, Recorded], kind: str) -> None:
    model, io = case
    prefix = "roundtrip" if kind == "argmax" else "decode_sampled"
    names = (
        ("roundtrip_mu", "roundtrip_sigma")
        if kind == "argmax"
        else (f"{prefix}_roundtrip_mu", f"{prefix}_roundtrip_sigma")
    )
    z = io["z"].clone().requires_grad_()
    logits = model.logits(z, inputs(io[f"decode_{kind}_rnn_input_ids"], io["z"]))
    mean, deviation = model.encode(logits)
    ((mean * io["w_mu"]).sum() + deviation.sum()).backward()
    close(logits, io[f"decode_{kind}_logits"])
    close(mean, io[names[0]])
    close(deviation, io[names[1]])
    assert z.grad is not None
    close(z.grad, io[f"{prefix}_grad_z"])


def test_free_running_decode_makes_the_same_choices(case: tuple[MusicVae, Recorded]) -> None:
    model, io = case
    symbols, logits = model.decode(io["z"])
    close(logits, io["decode_argmax_logits"])
    assert torch.equal(symbols, io["decode_argmax_logits"].argmax(-1))
    assert torch.equal(io["decode_lengths_summed"].long(), torch.full((len(symbols),), symbols.shape[1]))


def test_greedy_playing_carries_the_last_symbol_into_the_next_bar(case: tuple[MusicVae, Recorded]) -> None:
    model, io = case
    symbols = model.play(io["z"])
    assert torch.equal(symbols, io["greedy_ids"].long())
    close(model.logits(io["z"], shift(as_one_hot(symbols, io["z"]))), io["greedy_logits"])


def test_recorded_draws_have_the_recorded_logits(case: tuple[MusicVae, Recorded]) -> None:
    model, io = case
    before = shift(as_one_hot(io["sample_t0.5_ids"].long(), io["z"]))
    close(model.logits(io["z"], before), io["sample_t0.5_logits"])


def test_teacher_forced_loss_and_gradient(case: tuple[MusicVae, Recorded]) -> None:
    model, io = case
    z, symbols = io["z"].clone().requires_grad_(), io["melody_ids"].long()
    logits = model.logits(z, model.teacher(symbols))
    loss = melody_loss(logits, symbols)
    loss.sum().backward()
    close(logits, io["tf_logits_full"])
    close(loss, io["tf_loss_full"])
    close(melody_loss(logits, symbols, io["lengths"].long()), io["tf_loss"])
    assert z.grad is not None
    close(z.grad, io["tf_grad_z_full"])


def test_variables_of_another_configuration_are_refused_by_name() -> None:
    variables = dict(np.load(FIXTURES / "cat_tiny_vars.npz"))
    with pytest.raises(VariableError, match="encoder/cell_1"):
        from_tensorflow(CONFIGS["hierdec4_tiny"], variables)
