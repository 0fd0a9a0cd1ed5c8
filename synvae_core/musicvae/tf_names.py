"""The original's variables, by their TensorFlow names, into our network."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from synvae_core.errors import SynvaeError
from synvae_core.musicvae.config import MusicVaeConfig
from synvae_core.musicvae.model import MusicVae
from synvae_core.unfilled import unfilled

CHOOSE = "choose the configuration that the checkpoint was made with"


class VariableError(SynvaeError):
    """A set of TensorFlow variables does not fit the configuration."""


def _flat_decoder(ours: str, theirs: str, layers: int) -> dict[str, str]:
    names = {
        f"{ours}.initial.map": f"{theirs}/z_to_initial_state",
        f"{ours}.output": f"{theirs}/output_projection",
    }
    for k in range(layers):
        names[f"{ours}.stack.layers.{k}"] = f"{theirs}/multi_rnn_cell/cell_{k}/lstm_cell"
    return names


def _hierarchical_decoder(layers: int) -> dict[str, str]:
    level = "decoder/hierarchical_level_0"
    names = {"decoder.initial.map": f"{level}/initial_state"}
    for k in range(layers):
        names[f"decoder.conductor.layers.{k}"] = f"{level}/cell_{k}/lstm_cell"
    return names | _flat_decoder("decoder.core", "core_decoder/decoder", layers)


def tensorflow_names(config: MusicVaeConfig) -> dict[str, str]:
    """Our parameter name -> the original's variable name, kernels and biases both."""
    modules = {"encoder.mu": "encoder/mu", "encoder.sigma": "encoder/sigma"}
    for k in range(len(config.encoder)):
        for ours, theirs in (("forwards", "fw"), ("backwards", "bw")):
            cell = f"encoder/cell_{k}/bidirectional_rnn/{theirs}/multi_rnn_cell/cell_0/lstm_cell"
            modules[f"encoder.layers.{k}.{ours}"] = cell
    layers = len(config.decoder)
    modules |= (
        _flat_decoder("decoder", "decoder", layers) if config.bars is None else _hierarchical_decoder(layers)
    )
    return {f"{o}.{part}": f"{t}/{part}" for o, t in modules.items() for part in ("kernel", "bias")}


def check_shapes(config: MusicVaeConfig, shapes: Mapping[str, tuple[int, ...]], remedy: str = CHOOSE) -> None:
    """Raises VariableError naming the first variable of `config` that is missing or has another shape."""
    names = tensorflow_names(config)
    with unfilled():
        model = MusicVae(config)
    for ours, parameter in model.named_parameters():
        theirs, wanted = names[ours], tuple(parameter.shape)
        if theirs not in shapes:
            raise VariableError(
                f"The variable {theirs} is missing: is this checkpoint of another configuration?"
            )
        if shapes[theirs] != wanted:
            raise VariableError(
                f"The variable {theirs} has shape {shapes[theirs]} and not {wanted}: {remedy}."
            )


def from_tensorflow(config: MusicVaeConfig, variables: Mapping[str, NDArray[np.float32]]) -> MusicVae:
    """Build the network of `config` from variables by their TensorFlow names; raises VariableError.

    Each variable is asked for once: some mappings read theirs from disk.
    """
    names = tensorflow_names(config)
    values = {theirs: variables[theirs] for theirs in names.values() if theirs in variables}
    check_shapes(config, {theirs: value.shape for theirs, value in values.items()})
    with unfilled():
        model = MusicVae(config)
    tensors = {
        ours: torch.from_numpy(np.array(values.pop(theirs), dtype=np.float32))
        for ours, theirs in names.items()
    }
    model.load_state_dict(tensors, assign=True)
    return model
