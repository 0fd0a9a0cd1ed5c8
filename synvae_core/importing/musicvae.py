"""A published MusicVAE as one of ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synvae_core.importing.configuration import find_config
from synvae_core.importing.finding import open_variables
from synvae_core.importing.variables import ImportFailed, Variables
from synvae_core.musicvae.config import CONFIGS, MusicVaeConfig
from synvae_core.musicvae.model import MusicVae
from synvae_core.musicvae.tf_names import CHOOSE, check_shapes, from_tensorflow, tensorflow_names

FETCH = "it does not fit the other variables, so the source is damaged or mixed; fetch it again"


@dataclass(frozen=True)
class Imported:
    """An imported network, and what it was made of."""

    model: MusicVae
    kind: str  # of source: "a TensorFlow checkpoint"
    variables: int  # that were used
    left_out: tuple[str, ...]  # optimizer's slots, step counters and other models' variables

    @property
    def config(self) -> MusicVaeConfig:
        return self.model.config

    @property
    def published_as(self) -> str | None:
        """The name of the configuration, if it is a published one."""
        return next((name for name, config in CONFIGS.items() if config == self.config), None)


def import_musicvae(path: str | Path, *, config: str | None = None, bars: int | None = None) -> Imported:
    """The MusicVAE in a TensorFlow checkpoint or Magenta.js folder (or tar archive of either).

    `config` names one of CONFIGS; without it the shapes tell all but the length, for which `bars` may be
    given. Raises ImportFailed, or VariableError naming the first variable that does not fit.
    """
    path = Path(path)
    with open_variables(path) as variables:
        found = find_config(variables, config, bars, f"{path.name} in {path.resolve().parent.name}")
        check_shapes(found, variables.shapes, CHOOSE if config else FETCH)
        model = from_tensorflow(found, _Finite(variables))
        used = set(tensorflow_names(found).values())
        left_out = tuple(sorted(set(variables) - used))
        return Imported(model.eval(), variables.kind, len(used), left_out)


class _Finite(Mapping[str, NDArray[np.float32]]):
    """Variables that are refused when they hold anything but numbers."""

    def __init__(self, variables: Variables) -> None:
        self._variables = variables

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        value = self._variables[name]
        if not np.isfinite(value).all():
            raise ImportFailed(f"The variable {name} holds values that are no numbers (NaN or infinity).")
        return value

    def __contains__(self, name: object) -> bool:
        return name in self._variables

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)
