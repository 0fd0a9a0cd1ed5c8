"""Where the numbers are worked out: on the CPU, or on this process's own CUDA GPU."""

from __future__ import annotations

from typing import Literal

import torch

from synvae_core.errors import SynvaeError

DeviceName = Literal["auto", "cpu", "cuda"]
CPU = torch.device("cpu")


class DeviceError(SynvaeError):
    """A recipe asks for a device that this machine has not."""


def choose(name: DeviceName, place: int = 0) -> torch.device:
    """The device of a recipe's name, for the machine's process `place`; `auto` is CUDA where there is any.

    Raises DeviceError for `cuda` without a GPU, or with fewer GPUs than processes.
    """
    if name == "cpu" or (name == "auto" and not torch.cuda.is_available()):
        return CPU
    if not torch.cuda.is_available():
        why = "this torch was built without CUDA" if torch.version.cuda is None else "torch sees no GPU"
        raise DeviceError(
            f"The recipe asks for device: cuda, but {why} ({torch.__version__}): set device: auto or cpu, or "
            "install a driver and a torch with CUDA."
        )
    if place >= torch.cuda.device_count():
        raise DeviceError(
            f"There are more processes on this machine than its {torch.cuda.device_count()} GPUs: start "
            "one for each GPU, or set device: cpu."
        )
    return torch.device("cuda", place)
