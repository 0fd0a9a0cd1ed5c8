"""Weights on disk: one safetensors file and one config.json beside it, written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from synvae_core.errors import SynvaeError
from synvae_core.files import whole_file


class CheckpointError(SynvaeError):
    """A checkpoint cannot be written or read."""


def write_whole(path: Path, content: bytes) -> None:
    """Replace `path` by `content`: a crash or a full disk leaves the old file or the new one, never half."""
    try:
        with whole_file(path) as file:
            file.write(content)
    except OSError as error:
        raise CheckpointError(
            f"{path} could not be written ({error.strerror}): free some space or choose another folder."
        ) from error


def save_tensors(path: Path, tensors: Mapping[str, Tensor], notes: Mapping[str, Any] | None = None) -> None:
    """Write named tensors, with `notes` as JSON in the file's header."""
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    write_whole(path, save(plain, {"notes": json.dumps(notes or {})}))


def load_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what `save_tensors` wrote; raises CheckpointError for a missing or damaged file."""
    with _opened(path) as file:
        return {name: file.get_tensor(name) for name in file.keys()}, _notes(file)  # noqa: SIM118 - not a dict


def load_notes(path: Path) -> dict[str, Any]:
    """The notes alone of what `save_tensors` wrote; raises CheckpointError as `load_tensors` does."""
    with _opened(path) as file:
        return _notes(file)


def _notes(file: Any) -> dict[str, Any]:
    notes = json.loads((file.metadata() or {}).get("notes", "{}"))
    return notes if isinstance(notes, dict) else {}


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except FileNotFoundError:
        raise CheckpointError(f"There is no checkpoint at {path}: train one, or give its folder.") from None
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(
            f"{path} is damaged or not a safetensors file ({error}): copy it again from where it is "
            "whole, or remove it and train again."
        ) from error


def half(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Floats as float16, which halves a shipped file; loading turns them back into float32."""
    return {n: t.to(torch.float16) if t.dtype == torch.float32 else t for n, t in tensors.items()}
