"""Magenta.js's folders: `weights_manifest.json`, the shards it names, and often a `config.json`.

The manifest is a list of groups. A group's weights lie one after the other, little-endian, in its shards put
together; a quantised one is stored as integers q and means q * scale + min.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from synvae_core.importing.variables import ImportFailed, Variables

MANIFEST, CONFIG = "weights_manifest.json", "config.json"
MOST_BYTES = 16 * 2**20  # of a manifest; the largest published one has a few kilobytes
DTYPES = {
    name: np.dtype(code)
    for name, code in {
        "float32": "<f4",
        "float16": "<f2",
        "int32": "<i4",
        "uint8": "|u1",
        "uint16": "<u2",
        "bool": "|u1",
    }.items()
}
Number = Annotated[float, Field(allow_inf_nan=False)]
Extent = Annotated[int, Field(ge=0, lt=2**31)]


class Quantisation(BaseModel):
    """How float values were stored; float16 needs neither scale nor min."""

    model_config = ConfigDict(frozen=True)

    dtype: Literal["uint8", "uint16", "float16"]
    scale: Number = 1
    min: Number = 0


class Weight(BaseModel):
    """One variable as the manifest describes it."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(max_length=1000)
    shape: tuple[Extent, ...] = Field(max_length=8)
    dtype: Literal["float32", "int32", "bool"]
    quantization: Quantisation | None = None

    @property
    def stored(self) -> np.dtype[np.generic]:
        """The type of the stored numbers."""
        return DTYPES[self.quantization.dtype if self.quantization else self.dtype]

    @property
    def size(self) -> int:
        """Bytes in the shards."""
        return math.prod(self.shape) * self.stored.itemsize


class Group(BaseModel):
    """Weights that lie in the shards `paths`, one after the other."""

    model_config = ConfigDict(frozen=True)

    paths: tuple[str, ...]
    weights: tuple[Weight, ...]


_GROUPS: TypeAdapter[tuple[Group, ...]] = TypeAdapter(tuple[Group, ...])


class Manifest(Variables):
    """The float variables of a Magenta.js folder, quantised ones given back as float32."""

    kind = "a Magenta.js model"

    def __init__(self, folder: Path) -> None:
        self._places: dict[str, tuple[Weight, _Shards, int]] = {}
        groups = _read_manifest(folder / MANIFEST)
        _refuse_doubles([path for group in groups for path in group.paths])
        for group in groups:
            self._place(group, folder)
        shapes = {name: weight.shape for name, (weight, _, _) in self._places.items()}
        super().__init__(shapes, _read_config(folder / CONFIG))

    def _place(self, group: Group, folder: Path) -> None:
        shards = _Shards(folder, group.paths)
        offset = 0
        for weight in group.weights:
            if weight.name in self._places:
                raise ImportFailed(f"{MANIFEST} names {weight.name} twice.")
            if weight.dtype == "float32":
                self._places[weight.name] = (weight, shards, offset)
            offset += weight.size
        if offset != shards.size:
            raise ImportFailed(
                f"{', '.join(group.paths)} should have {offset:,} bytes by the manifest and have "
                f"{shards.size:,}: fetch them again, they are cut off or belong to another manifest."
            )

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        weight, shards, offset = self._places[name]
        values = np.frombuffer(shards.read(offset, weight.size), dtype=weight.stored)
        if weight.quantization:  # in double precision and rounded once, as JavaScript does
            values = values.astype(np.float64) * weight.quantization.scale + weight.quantization.min
        return values.astype(np.float32).reshape(weight.shape)


class _Shards:
    """Files read as if they were one."""

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        self.paths = [folder / _plain(name) for name in names]
        self.sizes = [_size(path) for path in self.paths]
        self.size = sum(self.sizes)

    def read(self, start: int, size: int) -> bytes:
        """The bytes from `start` on, which may lie in several files."""
        parts, first = [], 0
        for path, length in zip(self.paths, self.sizes, strict=True):
            low, high = max(start - first, 0), min(start + size - first, length)
            if low < high:
                parts.append(_bytes(path, low, high - low))
            first += length
        return b"".join(parts)


def _refuse_doubles(paths: list[str]) -> None:
    """Raises ImportFailed for a shard that is named twice: a small file could stand for endless content."""
    seen: set[str] = set()
    for path in paths:
        if path in seen:
            raise ImportFailed(f"{MANIFEST} names the shard {path} twice.")
        seen.add(path)


def _plain(name: str) -> str:
    """A shard's name, if it is one of a file beside the manifest."""
    if name in {"", ".", ".."} or "/" in name or "\\" in name or "\0" in name:
        raise ImportFailed(f"{MANIFEST} names the shard {name!r}, which would lie outside its folder.")
    return name


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise ImportFailed(
            f"The shard {path.name} is missing or cannot be read ({error.strerror}): fetch it into "
            f"{path.parent}."
        ) from error


def _bytes(path: Path, start: int, size: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        content = file.read(size)
    if len(content) < size:
        raise ImportFailed(f"The shard {path.name} became shorter while it was read.")
    return content


def _read_manifest(path: Path) -> tuple[Group, ...]:
    try:
        return _GROUPS.validate_python(_json(path))
    except ValidationError as error:
        faults = "; ".join(_fault(fault["loc"], fault["msg"]) for fault in error.errors()[:3])
        raise ImportFailed(f"{path} is not a manifest of Magenta.js: {faults}.") from None


def _fault(place: tuple[int | str, ...], message: str) -> str:
    return f"{'.'.join(map(str, place)) or 'all'}: {message}"


def _read_config(path: Path) -> dict[str, object]:
    """What config.json says; nothing if there is none."""
    if not path.is_file():
        return {}
    content = _json(path)
    if not isinstance(content, dict):
        raise ImportFailed(f"{path} is not a configuration of Magenta.js.")
    return content


def _json(path: Path) -> object:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ImportFailed(f"{path} has more than {MOST_BYTES:,} bytes: that is not what it should be.")
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ImportFailed(f"{path} cannot be read ({error.strerror}).") from error
    except (ValueError, RecursionError) as error:
        raise ImportFailed(f"{path} is not readable JSON ({error}).") from None
