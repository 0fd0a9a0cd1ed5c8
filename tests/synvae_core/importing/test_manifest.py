"""Magenta.js folders: three number types, shards cut anywhere, and manifests that lie."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synvae_core.importing import ImportFailed
from synvae_core.importing.manifest import Manifest
from tests.synvae_core.importing.written import quantised, write_config, write_manifest

ARRAYS = {
    "encoder/mu/kernel": np.linspace(-2, 3, 12, dtype=np.float32).reshape(3, 4),
    "encoder/mu/bias": np.array([0.5, -0.25], dtype=np.float32),
    "encoder/scalar": np.array(4, dtype=np.float32),
}


@pytest.mark.parametrize("shard_bytes", [1, 7, 10_000])
def test_weights_are_found_wherever_the_shards_are_cut(tmp_path: Path, shard_bytes: int) -> None:
    manifest = Manifest(write_manifest(tmp_path, ARRAYS, shard_bytes=shard_bytes))
    assert manifest.shapes == {name: array.shape for name, array in ARRAYS.items()}
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(manifest[name], array)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_quantised_weights_are_q_times_scale_plus_min(tmp_path: Path, dtype: str) -> None:
    manifest = Manifest(write_manifest(tmp_path, ARRAYS, dtype))
    for name, array in ARRAYS.items():
        stored, how = quantised(array, dtype)
        by_hand = [float(q) * float(how["scale"]) + float(how["min"]) for q in stored.ravel()]  # type: ignore[arg-type]
        expected = np.array(by_hand, dtype=np.float32).reshape(array.shape)
        np.testing.assert_array_equal(manifest[name], expected)
        assert np.abs(expected - array).max() <= float(how["scale"]) / 2 * 1.001  # type: ignore[arg-type]


def test_half_floats_and_whole_numbers_beside_them_are_understood(tmp_path: Path) -> None:
    weights = [
        {"name": "step", "shape": [], "dtype": "int32"},
        {"name": "w", "shape": [2], "dtype": "float32", "quantization": {"dtype": "float16"}},
    ]
    content = np.array(7, dtype="<i4").tobytes() + np.array([1.5, -2], dtype="<f2").tobytes()
    (tmp_path / "a").write_bytes(content)
    (tmp_path / "weights_manifest.json").write_text(json.dumps([{"paths": ["a"], "weights": weights}]))
    manifest = Manifest(tmp_path)
    assert manifest.shapes == {"w": (2,)}
    np.testing.assert_array_equal(manifest["w"], np.array([1.5, -2], dtype=np.float32))


def test_the_folder_s_own_configuration_is_kept(tmp_path: Path) -> None:
    write_manifest(tmp_path, ARRAYS)
    write_config(tmp_path)
    assert Manifest(tmp_path).config["type"] == "MusicVAE"


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    write_manifest(tmp_path, ARRAYS, shard_bytes=30)
    (tmp_path / "group1-shard2of2").unlink()
    with pytest.raises(ImportFailed, match="The shard group1-shard2of2 is missing"):
        Manifest(tmp_path)


@pytest.mark.parametrize("size", [59, 61])
def test_a_shard_that_is_cut_off_or_belongs_elsewhere_is_refused(tmp_path: Path, size: int) -> None:
    write_manifest(tmp_path, ARRAYS)
    (tmp_path / "group1-shard1of1").write_bytes(b"\0" * size)
    with pytest.raises(ImportFailed, match=f"should have 60 bytes by the manifest and have {size}"):
        Manifest(tmp_path)


def put(*keys: str | int, value: object) -> Callable[[Any], None]:
    """A change deep in a manifest."""

    def change(content: Any) -> None:
        for key in keys[:-1]:
            content = content[key]
        content[keys[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (put(0, "paths", 0, value="../secret"), "would lie outside its folder"),
        (put(0, "paths", 0, value="/etc/passwd"), "would lie outside its folder"),
        (put(0, "paths", 0, value="nul\0"), "would lie outside its folder"),
        (put(0, "paths", 0, value=".."), "would lie outside its folder"),
        (put(0, "paths", value=["a", "a"]), "names the shard a twice"),
        (put(0, "weights", 1, "name", value="encoder/mu/kernel"), "names encoder/mu/kernel twice"),
        (
            put(0, "weights", 0, "dtype", value="complex64"),
            r"0\.weights\.0\.dtype: Input should be 'float32'",
        ),
        (put(0, "weights", 0, "shape", value=[-1]), r"0\.weights\.0\.shape\.0"),
        (put(0, "weights", 0, "shape", value=[2**30] * 8), "should have 7,067,388,259,113,"),
        (put(0, "weights", 0, "quantization", value={"dtype": "int4"}), "quantization.dtype"),
        (put(0, "weights", 0, "quantization", value={"dtype": "uint8", "min": float("nan")}), "finite"),
        (put(0, value={"paths": []}), r"0\.weights: Field required"),
    ],
)
def test_a_manifest_that_cannot_be_is_refused(
    tmp_path: Path, change: Callable[[Any], None], sentence: str
) -> None:
    path = write_manifest(tmp_path, ARRAYS) / "weights_manifest.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(ImportFailed, match=sentence):
        Manifest(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "7", '{"a": 1}'])
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "weights_manifest.json").write_text(text)
    with pytest.raises(ImportFailed, match=r"is not (readable JSON|a manifest)"):
        Manifest(tmp_path)
