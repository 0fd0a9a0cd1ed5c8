"""Writers of what is imported: TensorFlow's tensor bundles and Magenta.js folders, to the letter."""

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from google_crc32c import value as crc32c
from numpy.typing import NDArray

from synvae_core.musicvae.config import MusicVaeConfig
from synvae_core.musicvae.model import MusicVae
from synvae_core.musicvae.tf_names import tensorflow_names

Arrays = Mapping[str, NDArray[np.generic]]
DTYPES = {"float32": 1, "int64": 9}  # of tensorflow/core/framework/types.proto
FLAT = MusicVaeConfig(steps=32, latent=6, encoder=(5,), decoder=(4, 4))
HIERARCHICAL = MusicVaeConfig(steps=64, latent=6, encoder=(5, 5), decoder=(4, 4), bars=4)


def weights(config: MusicVaeConfig = FLAT) -> dict[str, NDArray[np.float32]]:
    """Random weights by their TensorFlow names, large enough that melodies differ."""
    rng = np.random.default_rng(3)
    names = tensorflow_names(config)
    return {
        names[ours]: rng.normal(0, 0.7, tuple(p.shape)).astype(np.float32)
        for ours, p in MusicVae(config).named_parameters()
    }


# ---------------------------------------------------------------- TensorFlow


def varint(number: int) -> bytes:
    number &= 2**64 - 1
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def field(number: int, value: int | bytes) -> bytes:
    """A field of a protocol buffer message, as varint or as bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def masked(data: bytes) -> int:
    checksum: int = crc32c(data)
    return ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF


def block(entries: Sequence[tuple[bytes, bytes]], interval: int = 3) -> bytes:
    """Entries with shared beginnings, restarting every `interval`."""
    content, restarts, last = b"", [], b""
    for number, (key, value) in enumerate(entries):
        shared = 0
        if number % interval == 0:
            restarts.append(len(content))
        else:
            while shared < min(len(key), len(last)) and key[shared] == last[shared]:
                shared += 1
        content += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        last = key
    restarts = restarts or [0]
    return content + struct.pack(f"<{len(restarts) + 1}I", *restarts, len(restarts))


def plain(content: bytes) -> tuple[int, bytes]:
    return 0, content


def snappy_literals(content: bytes) -> tuple[int, bytes]:
    """A valid, if idle, way to compress."""
    parts = [content[i : i + 60] for i in range(0, len(content), 60)]
    return 1, varint(len(content)) + b"".join(bytes([len(part) - 1 << 2]) + part for part in parts)


def table(
    entries: Sequence[tuple[bytes, bytes]],
    per_block: int = 4,
    pack: Callable[[bytes], tuple[int, bytes]] = plain,
) -> bytes:
    """A sorted table in LevelDB's format."""
    content, handles = b"", []

    def add(raw: bytes) -> bytes:
        nonlocal content
        handle, content = stored(content, *pack(raw))
        return handle

    for first in range(0, len(entries), per_block):
        part = entries[first : first + per_block]
        handles.append((part[-1][0], add(block(part))))
    end = footer(add(block([])), add(block(handles)))
    return content + end


def stored(content: bytes, kind: int, packed: bytes) -> tuple[bytes, bytes]:
    """The handle of a block that is appended to a table's content, and the content then."""
    checked = packed + bytes([kind])
    handle = varint(len(content)) + varint(len(packed))
    return handle, content + checked + struct.pack("<I", masked(checked))


def footer(meta: bytes, index: bytes) -> bytes:
    """The end of a table: where its two last blocks lie."""
    return (meta + index).ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57)


def write_bundle(
    prefix: Path,
    arrays: Arrays,
    *,
    shards: int = 1,
    header: bytes | None = None,
    pack: Callable[[bytes], tuple[int, bytes]] = plain,
) -> Path:
    """A checkpoint whose variables lie in turn in each shard; returns its index."""
    contents = [bytearray() for _ in range(shards)]
    entries = [(b"", field(1, shards) + field(3, field(1, 1)) if header is None else header)]
    for number, name in enumerate(sorted(arrays)):
        shard = number % shards
        data = arrays[name].tobytes()
        shape = b"".join(field(2, field(1, extent)) for extent in arrays[name].shape)
        place = field(3, shard) + field(4, len(contents[shard])) + field(5, len(data))
        checksum = varint(6 << 3 | 5) + struct.pack("<I", masked(data))
        entries.append(
            (name.encode(), field(1, DTYPES[arrays[name].dtype.name]) + field(2, shape) + place + checksum)
        )
        contents[shard] += data
    for shard, content in enumerate(contents):
        prefix.with_name(f"{prefix.name}.data-{shard:05d}-of-{shards:05d}").write_bytes(content)
    index = prefix.with_name(f"{prefix.name}.index")
    index.write_bytes(table(entries, pack=pack))
    return index


# ---------------------------------------------------------------- Magenta.js


def quantised(values: NDArray[np.float32], dtype: str) -> tuple[NDArray[np.generic], dict[str, object]]:
    """Values as integers of a type, with the scale and min that give them back."""
    low, high = float(values.min()), float(values.max())
    scale = (high - low) / np.iinfo(dtype).max or 1.0
    stored = np.rint((values.astype(np.float64) - low) / scale).astype(dtype)
    return stored, {"dtype": dtype, "scale": scale, "min": low}


def write_manifest(folder: Path, arrays: Arrays, dtype: str = "float32", shard_bytes: int = 5000) -> Path:
    """A Magenta.js folder whose single group is cut into shards anywhere; returns the folder."""
    content, described = b"", []
    for name, values in arrays.items():
        entry: dict[str, object] = {"name": name, "shape": values.shape, "dtype": "float32"}
        stored: NDArray[np.generic] = values
        if dtype != "float32":
            stored, entry["quantization"] = quantised(values.astype(np.float32), dtype)
        content += stored.tobytes()
        described.append(entry)
    count = -(-len(content) // shard_bytes)
    names = [f"group1-shard{i + 1}of{count}" for i in range(count)]
    folder.mkdir(parents=True, exist_ok=True)
    for i, name in enumerate(names):
        (folder / name).write_bytes(content[i * shard_bytes : (i + 1) * shard_bytes])
    (folder / "weights_manifest.json").write_text(json.dumps([{"paths": names, "weights": described}]))
    return folder


def write_config(folder: Path, **changes: object) -> None:
    """A config.json as Magenta.js models of melodies have it."""
    converter = {"type": "MelodyConverter", "args": {"numSteps": 32, "minPitch": 21, "maxPitch": 108}}
    config = {"type": "MusicVAE", "dataConverter": converter} | changes
    (folder / "config.json").write_text(json.dumps(config))
