"""A whole SynVAE as one file: both visual nets, the music model, their configurations and one digest.

The file is a safetensors file, so opening it runs nothing and takes no more memory than it has bytes. The
digest finds damage and careless editing; it is no signature.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import torch
from pydantic import BaseModel, ConfigDict, ValidationError
from torch import Tensor

from synvae_core.errors import faults_of
from synvae_core.musicvae.model import MusicVae
from synvae_core.synvae import SynVae
from synvae_core.training.checkpoint import CheckpointError, half, load_tensors, save_tensors
from synvae_core.training.models import (
    PRETRAINED,
    Stored,
    StoredMusicVae,
    StoredReverse,
    StoredSynVae,
    StoredVisVae,
    fill,
    load_reverse,
    load_synvae,
    load_visvae,
    model_folder,
    read_config,
)
from synvae_core.visvae import VisVae

SUFFIXES = (".earsight", ".safetensors")
FORMAT: Final = "earsight-synvae-1"
PARTS = ("synvae", "music", "visvae")
Kind = TypeVar("Kind", bound=Stored)


class SharedConfig(BaseModel):
    """What the parts of a shared file are; without a VisVAE images lie where the SynVAE puts them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["earsight-synvae-1"] = FORMAT
    synvae: StoredSynVae
    music: StoredMusicVae
    visvae: StoredVisVae | None = None


@dataclass(frozen=True)
class Pair:
    """The networks of a translator, and what the SynVAE was trained on."""

    synvae: SynVae
    visvae: VisVae
    trained_on: str


@dataclass(frozen=True)
class Exported:
    """What a file was given, and whether its weights were float16 before."""

    config: SharedConfig
    was_half: bool


def open_pair(name_or_path: str | Path) -> Pair:
    """A shipped pair by its data set's name, a SynVAE's folder or a shared file; raises CheckpointError.

    A SynVAE that was trained the other way round is a pair with its own VisVAE.
    """
    path = Path(name_or_path)
    if path.is_file():
        return _open_shared(path)
    visual, musical = pair_folders(name_or_path)
    config = read_config(musical)
    if isinstance(config, StoredReverse):
        reverse = load_reverse(musical)
        return Pair(reverse, reverse.visual, "")
    trained_on = config.data if isinstance(config, StoredSynVae) else ""
    return Pair(load_synvae(musical), load_visvae(visual), trained_on)


def pair_folders(name_or_path: str | Path) -> tuple[Path, Path]:
    """The folders of the VisVAE and the SynVAE; one folder for both where there is no VisVAE."""
    path = Path(name_or_path)
    if (path / "config.json").is_file():
        own = path / "visvae"
        return (own if (own / "config.json").is_file() else path), path
    try:
        return model_folder(f"visvae-{name_or_path}"), model_folder(f"synvae-{name_or_path}")
    except CheckpointError:
        shipped = ", ".join(sorted(p.name.removeprefix("synvae-") for p in PRETRAINED.glob("synvae-*")))
        raise CheckpointError(
            f"There is no model {name_or_path} that translates: give the folder of a trained SynVAE or a "
            "file that was exported" + (f", or one of {shipped}." if shipped else ".")
        ) from None


def export_pair(name_or_path: str | Path, file: Path, *, halve: bool = False) -> Exported:
    """Write a shipped pair or a SynVAE's folder into one file; `halve` stores the weights as float16.

    Paths of this machine stay behind: of the music model's folder and of a folder of images only the names
    go into the file. Raises CheckpointError.
    """
    visual, musical = pair_folders(name_or_path)
    load_synvae(musical)  # refuses what does not belong together
    synvae = _expect(StoredSynVae, musical)
    folders = {"synvae": musical, "music": model_folder(synvae.music)}
    if visual != musical:
        folders["visvae"] = visual
    config = SharedConfig(
        synvae=synvae.model_copy(update={"music": Path(synvae.music).name, "data": _named(synvae.data)}),
        music=_expect(StoredMusicVae, folders["music"]),
        visvae=_without_path(_expect(StoredVisVae, visual)) if visual != musical else None,
    )
    tensors = {
        f"{part}.{name}": tensor
        for part, folder in folders.items()
        for name, tensor in load_tensors(folder / "model.safetensors")[0].items()
    }
    was_half = not any(tensor.dtype == torch.float32 for tensor in tensors.values())
    tensors = half(tensors) if halve else tensors
    model = config.model_dump(mode="json")
    save_tensors(file, tensors, {"model": model, "sha256": digest(model, tensors)})
    return Exported(config, was_half)


def digest(model: object, tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 over the configuration and, in order of names, each tensor's name, type, shape and bytes."""
    total = hashlib.sha256(json.dumps(model, sort_keys=True).encode())
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        total.update(f"\n{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        total.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return total.hexdigest()


def _open_shared(file: Path) -> Pair:
    tensors, notes = load_tensors(file)
    config = _checked(file, tensors, notes)
    parts = {part: dict(_of_part(tensors, part)) for part in PARTS}
    if sum(map(len, parts.values())) != len(tensors):
        raise CheckpointError(f"{file} holds weights that belong to no part of a SynVAE.")
    synvae, music = config.synvae.model, config.music.model
    visual = fill(lambda: VisVae(synvae), parts["synvae"], f"{file}, part synvae")
    melodic = fill(lambda: MusicVae(music), parts["music"], f"{file}, part music")
    joined = SynVae(visual, melodic, config.synvae.relaxation).eval()
    if config.visvae is None:
        return Pair(joined, visual, config.synvae.data)
    seeing = config.visvae.model
    own = fill(lambda: VisVae(seeing), parts["visvae"], f"{file}, part visvae")
    return Pair(joined, own, config.synvae.data)


def _checked(file: Path, tensors: Mapping[str, Tensor], notes: Any) -> SharedConfig:
    """The configuration, if the file is a shared SynVAE and nothing in it has changed."""
    model = notes.get("model") if isinstance(notes, dict) else None
    if not isinstance(model, dict):
        raise CheckpointError(
            f"{file} is not a SynVAE in one file: give one that 'python -m synvae_core export' wrote, or a "
            "SynVAE's folder."
        )
    if model.get("format") != FORMAT:
        raise CheckpointError(f"{file} has the format {model.get('format')}, which this version cannot read.")
    if digest(model, tensors) != notes.get("sha256"):
        raise CheckpointError(f"{file} was changed after it was written: get it again from whoever made it.")
    try:
        return SharedConfig.model_validate(model)
    except ValidationError as error:
        faults = faults_of(error, "model")
        raise CheckpointError(f"{file} does not describe a model of this version: {faults}.") from None


def _of_part(tensors: Mapping[str, Tensor], part: str) -> Iterator[tuple[str, Tensor]]:
    for name, tensor in tensors.items():
        if name.startswith(f"{part}."):
            yield name.removeprefix(f"{part}."), tensor


def _expect(kind: type[Kind], folder: Path) -> Kind:
    config = read_config(folder)
    if not isinstance(config, kind):
        raise CheckpointError(f"{folder} is a {config.kind}, which cannot be this part of a SynVAE.")
    return config


def _named(data: str) -> str:
    """A data set's name without the path of its folder."""
    kind, colon, path = data.partition(":")
    return f"{kind}:{Path(path).name}" if colon else data


def _without_path(config: StoredVisVae) -> StoredVisVae:
    return config.model_copy(update={"data": _named(config.data)})
