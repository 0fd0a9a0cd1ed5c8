"""Trained models as folders: `config.json` says how to rebuild the network, `model.safetensors` fills it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from torch import Tensor, nn

from synvae_core.classifier import Classifier, ClassifierConfig
from synvae_core.errors import faults_of
from synvae_core.musicvae.config import MusicVaeConfig
from synvae_core.musicvae.model import MusicVae
from synvae_core.synvae import Relaxation, SynVae
from synvae_core.training.checkpoint import CheckpointError, half, load_tensors, save_tensors, write_whole
from synvae_core.unfilled import unfilled
from synvae_core.visvae import VisVae, VisVaeConfig

Network = TypeVar("Network", bound=nn.Module)
PRETRAINED = Path(__file__).parents[1] / "pretrained"


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StoredVisVae(_Stored):
    kind: Literal["visvae"] = "visvae"
    model: VisVaeConfig
    data: str


class StoredMusicVae(_Stored):
    kind: Literal["musicvae"] = "musicvae"
    model: MusicVaeConfig


class StoredSynVae(_Stored):
    """`music` names the MusicVAE's folder, `music_digest` the SHA-256 of the weights it was trained with."""

    kind: Literal["synvae"] = "synvae"
    model: VisVaeConfig
    data: str
    music: str
    music_digest: str
    relaxation: Relaxation


class StoredReverse(_Stored):
    """A SynVAE that turns melodies into images; `pictures` names the VisVAE's folder."""

    kind: Literal["reverse"] = "reverse"
    model: MusicVaeConfig
    pictures: str
    pictures_digest: str


Stored = StoredReverse | StoredVisVae | StoredMusicVae | StoredSynVae | ClassifierConfig
_ADAPTER: TypeAdapter[Stored] = TypeAdapter(Annotated[Stored, Field(discriminator="kind")])


def model_folder(name_or_path: str | Path) -> Path:
    """The folder of a shipped model's name or of a path; raises CheckpointError if neither is there."""
    for folder in (PRETRAINED / str(name_or_path), Path(name_or_path)):
        if (folder / "config.json").is_file():
            return folder
    shipped = ", ".join(sorted(p.parent.name for p in PRETRAINED.glob("*/config.json")))
    raise CheckpointError(
        f"There is no model {name_or_path}: give a folder with config.json, or one of {shipped}."
    )


def weights_digest(folder: Path) -> str:
    """SHA-256 of a model's weights file, in hexadecimal; raises CheckpointError if it is not there."""
    try:
        return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    except OSError as error:
        raise CheckpointError(
            f"{folder} has no model.safetensors that can be read ({error.strerror}): bring it back or train "
            "it again."
        ) from error


def read_config(name_or_path: str | Path) -> Stored:
    """What a model's config.json says; raises CheckpointError for one that is not ours."""
    path = model_folder(name_or_path) / "config.json"
    try:
        return _ADAPTER.validate_python(json.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        faults = faults_of(error, "kind", inside=1)
        raise CheckpointError(f"{path} does not describe a model of this version: {faults}.") from None
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} is not readable JSON ({error}): copy it or train it again.") from None


def save_model(folder: Path, config: Stored, tensors: dict[str, Tensor], *, halve: bool = False) -> None:
    """Write a model's folder, weights first; `halve` stores them as float16."""
    save_tensors(folder / "model.safetensors", half(tensors) if halve else tensors)
    write_whole(folder / "config.json", (config.model_dump_json(indent=1) + "\n").encode())


def fill(build: Callable[[], Network], tensors: Mapping[str, Tensor], where: str) -> Network:
    """The network that `build` makes, with these weights as float32; raises CheckpointError unless they fit.

    It is built without memory and only then filled: no configuration can ask for more than the weights have.
    """
    try:
        with unfilled():
            network = build()
    except (RuntimeError, TypeError, OverflowError) as error:  # sizes beyond what torch can count
        raise CheckpointError(f"The configuration of {where} has sizes that cannot be ({error}).") from None
    if faults := list(_faults(network.state_dict(), tensors)):
        more = f" and {len(faults) - 3} more" if len(faults) > 3 else ""
        raise CheckpointError(
            f"The weights in {where} do not fit its configuration: {'; '.join(faults[:3])}{more}."
        )
    network.load_state_dict({name: tensor.float() for name, tensor in tensors.items()}, assign=True)
    return network.eval()


def _faults(wanted: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> Iterator[str]:
    for name, tensor in wanted.items():
        if name not in given or given[name].shape != tensor.shape:
            yield f"{name} is {_shape(given.get(name))} instead of {_shape(tensor)}"
    for name in sorted(given.keys() - wanted.keys()):
        yield f"{name} belongs to another model"


def _shape(tensor: Tensor | None) -> str:
    return "missing" if tensor is None else "x".join(map(str, tensor.shape)) or "one number"


def _load(build: Callable[[], Network], folder: Path) -> Network:
    tensors, _ = load_tensors(folder / "model.safetensors")
    return fill(build, tensors, str(folder))


def load_visvae(name_or_path: str | Path) -> VisVae:
    """A trained VisVAE; of a SynVAE's folder, its visual half."""
    config = read_config(name_or_path)
    if not isinstance(config, StoredVisVae | StoredSynVae):
        raise CheckpointError(f"{name_or_path} is a {config.kind}, and a visual model is needed.")
    return _load(lambda: VisVae(config.model), model_folder(name_or_path))


def load_musicvae(name_or_path: str | Path) -> MusicVae:
    """A trained MusicVAE; of a reverse SynVAE's folder, its musical half."""
    config = read_config(name_or_path)
    if not isinstance(config, StoredMusicVae | StoredReverse):
        raise CheckpointError(f"{name_or_path} is a {config.kind}, and a MusicVAE is needed.")
    return _load(lambda: MusicVae(config.model), model_folder(name_or_path))


def load_classifier(name_or_path: str | Path) -> Classifier:
    """A trained classifier of original images."""
    config = read_config(name_or_path)
    if not isinstance(config, ClassifierConfig):
        raise CheckpointError(f"{name_or_path} is a {config.kind}, and a classifier is needed.")
    return _load(lambda: Classifier(config), model_folder(name_or_path))


def load_synvae(name_or_path: str | Path) -> SynVae:
    """A trained SynVAE with the very MusicVAE it was trained with; raises CheckpointError for another one."""
    config = read_config(name_or_path)
    if not isinstance(config, StoredSynVae):
        raise CheckpointError(f"{name_or_path} is a {config.kind}, and a SynVAE is needed.")
    _check_digest(name_or_path, config.music, config.music_digest)
    return SynVae(load_visvae(name_or_path), load_musicvae(config.music), config.relaxation).eval()


def load_reverse(name_or_path: str | Path) -> SynVae:
    """A SynVAE of melodies, with the very VisVAE it was trained with; CheckpointError for another one."""
    config = read_config(name_or_path)
    if not isinstance(config, StoredReverse):
        raise CheckpointError(f"{name_or_path} is a {config.kind}, and a reverse SynVAE is needed.")
    _check_digest(name_or_path, config.pictures, config.pictures_digest)
    return SynVae(load_musicvae(name_or_path), load_visvae(config.pictures)).eval()


def _check_digest(trained: str | Path, inner: str, digest: str) -> None:
    """Raise CheckpointError unless the inner model's weights are those that another was trained around."""
    if weights_digest(model_folder(inner)) != digest:
        raise CheckpointError(
            f"{trained} was trained with other weights than {inner} has now: bring those back or train this "
            "SynVAE again."
        )
