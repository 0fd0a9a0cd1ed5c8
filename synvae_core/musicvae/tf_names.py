"""The original's variables, by their TensorFlow names, into our network."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from synvae_core.errors import SynvaeError
from synvae_core.musicvae.config import MusicVaeConfig
from synvae_core.musicvae.model import MusicVae


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


def from_tensorflow(config: MusicVaeConfig, variables: Mapping[str, NDArray[np.float32]]) -> MusicVae:
    """Build the network of `config` from variables by their TensorFlow names; raises VariableError."""
    model = MusicVae(config)
    with torch.no_grad():
        for ours, parameter in model.named_parameters():
            theirs = tensorflow_names(config)[ours]
            if theirs not in variables:
                raise VariableError(
                    f"The variable {theirs} is missing: is this checkpoint of another configuration?"
                )
            value = torch.from_numpy(np.asarray(variables[theirs]))
            if value.shape != parameter.shape:
                raise VariableError(
                    f"The variable {theirs} has shape {tuple(value.shape)} and not {tuple(parameter.shape)}: "
                    "choose the configuration that the checkpoint was made with."
                )
            parameter.copy_(value)
    return model
