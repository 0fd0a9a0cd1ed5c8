from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sampling import Latents, LatentsError
from tests.sampling.blobs import blobs, saved

GOOD = blobs({"a": 2, "b": 3})


def with_value(value: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    z = GOOD.z.astype(np.float64)
    z[3, 1] = value
    return z


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"z": with_value(np.nan)}, "The latent of 'b-01' holds NaN, infinity or a number beyond 1e+100"),
        ({"z": with_value(-np.inf)}, "The latent of 'b-01' holds NaN, infinity or a number beyond 1e+100"),
        ({"z": with_value(1e200)}, "The latent of 'b-01' holds NaN, infinity or a number beyond 1e+100"),
        ({"z": np.zeros(5)}, "but it is float64 of shape (5,)"),
        ({"z": np.zeros((0, 4))}, "but it is float64 of shape (0, 4)"),
        ({"z": np.zeros((5, 0))}, "but it is float64 of shape (5, 0)"),
        ({"z": np.zeros((5, 4), complex)}, "but it is complex128 of shape (5, 4)"),
        ({"labels": np.zeros(4, int)}, "labels has shape (4,) and there are 5 ids"),
        ({"labels": np.zeros((5, 1), int)}, "labels has shape (5, 1) and there are 5 ids"),
        ({"ids": ("a", "b")}, "labels has shape (5,) and there are 2 ids"),
        ({"labels": np.array([0, 0, -1, -1, 1])}, "leave out 2 of them, the first is 'b-00'"),
        (
            {"labels": np.array([0, 0, 1, 1, 2])},
            "The label 2 of 'b-02' has no class name; there are names for 0 to 1",
        ),
        ({"labels": np.array([0, 0, 1, 1, -2])}, "The label -2 of 'b-02' has no class name"),
        ({"labels": np.array([0, 0, 1, 1, 2**64 - 1], np.uint64)}, "of 'b-02' has no class name"),
        ({"labels": np.zeros(5)}, "Labels must be integers, but they are float64"),
        ({"ids": ("x", "x", "y", "z", "x")}, "The id 'x' occurs 3 times"),
        ({"class_names": ("a", "a")}, "The class name 'a' occurs 2 times"),
    ],
)
def test_bad_latents_are_refused_with_a_sentence(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(LatentsError) as refusal:
        replace(GOOD, **change)
    assert sentence in str(refusal.value)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.int8])
def test_any_real_numbers_are_latents(kind: type) -> None:
    assert len(replace(GOOD, z=GOOD.z.astype(kind))) == 5


@pytest.mark.parametrize("kind", [np.uint8, np.int32, np.uint64])
def test_any_integers_are_labels(kind: type) -> None:
    latents = replace(GOOD, labels=GOOD.labels.astype(kind))
    assert latents.counts().tolist() == [2, 3]


def test_latents_survive_their_file(tmp_path: Path) -> None:
    with open(tmp_path / "latents.npz", "wb") as file:
        GOOD.save(file)
    loaded = Latents.load(tmp_path / "latents.npz")
    assert loaded.ids == GOOD.ids
    assert loaded.class_names == GOOD.class_names
    assert loaded.labels.tolist() == GOOD.labels.tolist()
    assert loaded.digest() == GOOD.digest()


@pytest.mark.parametrize(
    "change",
    [
        {"z": with_value(0.5)},
        {"labels": np.array([0, 1, 0, 1, 1])},
        {"ids": ("1", "2", "3", "4", "5")},
        {"class_names": ("b", "a")},
    ],
)
def test_the_digest_notices_any_change(change: dict[str, Any]) -> None:
    assert replace(GOOD, **change).digest() != GOOD.digest()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LatentsError, match=r"There is no file .*none\.npz"):
        Latents.load(tmp_path / "none.npz")


def test_a_missing_array_is_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "some.npz", z=GOOD.z, ids=GOOD.ids, class_names=GOOD.class_names)
    with pytest.raises(LatentsError, match="has no array labels; it needs z, labels, ids, class_names"):
        Latents.load(tmp_path / "some.npz")


def test_a_file_that_is_no_npz_is_refused(tmp_path: Path) -> None:
    text, single, cut = (tmp_path / name for name in ("text.npz", "single.npz", "cut.npz"))
    text.write_text("not numbers")
    with single.open("wb") as file:
        np.save(file, GOOD.z)
    cut.write_bytes(Path(saved(GOOD, str(tmp_path / "whole.npz"))).read_bytes()[:300])
    for path in (text, single, cut, tmp_path):
        with pytest.raises(LatentsError, match=r"cannot be read as an \.npz file of plain arrays"):
            Latents.load(path)


def test_a_file_with_pickled_objects_is_refused(tmp_path: Path) -> None:
    ids = np.array(["a", None, "b", "c", "d"], dtype=object)
    np.savez(tmp_path / "pickled.npz", z=GOOD.z, labels=GOOD.labels, ids=ids, class_names=GOOD.class_names)
    with pytest.raises(LatentsError, match="cannot be read"):
        Latents.load(tmp_path / "pickled.npz")
