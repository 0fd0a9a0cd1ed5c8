"""A SynVAE in one file: what it plays, what it does not tell, and that a changed file is refused."""

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import save_file

from synvae_core.cli import main
from synvae_core.data import ImageSet
from synvae_core.sharing import digest, export_pair
from synvae_core.training.checkpoint import CheckpointError, load_tensors
from synvae_core.translator import Translator
from tests.synvae_core.tiny import save_tiny_synvae


@pytest.fixture(scope="module")
def shared(tiny_synvae: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny SynVAE as one file; not to be written to."""
    file = tmp_path_factory.mktemp("shared") / "tiny.earsight"
    export_pair(tiny_synvae, file)
    return file


def images_of(count: int) -> ImageSet:
    """Random black and white images."""
    pixels = (np.random.default_rng(0).random((count, 28, 28, 1)) > 0.7).astype(np.float32)
    return ImageSet(pixels, np.zeros(count, dtype=np.int64), ("a",), tuple(map(str, range(count))))


def test_one_file_translates_encodes_and_imagines_as_the_folder_does(tiny_synvae: Path, shared: Path) -> None:
    folder, file = Translator.load(tiny_synvae), Translator.load(str(shared))
    images = images_of(6)
    assert file.translate(images) == folder.translate(images)
    np.testing.assert_array_equal(file.encode(images).z, folder.encode(images).z)
    np.testing.assert_array_equal(file.reconstruct(images), folder.reconstruct(images))
    assert (file.trained_on, file.image_shape, file.seconds) == ("mnist", (28, 28, 1), 4.0)


def test_without_a_visvae_images_lie_where_the_synvae_puts_them(tmp_path: Path) -> None:
    folder = save_tiny_synvae(tmp_path, with_visvae=False)
    export_pair(folder, tmp_path / "alone.safetensors")
    file = Translator.load(tmp_path / "alone.safetensors")
    assert file.visvae is file.synvae.visual
    np.testing.assert_array_equal(file.encode(images_of(2)).z, Translator.load(folder).encode(images_of(2)).z)


def test_a_shared_file_needs_nothing_beside_it_and_tells_no_path(tmp_path: Path) -> None:
    folder = save_tiny_synvae(tmp_path / "secret")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"data": f"folder:{tmp_path}/secret/birds"}))
    export_pair(folder, tmp_path / "model.earsight")
    shutil.rmtree(tmp_path / "secret")
    assert Translator.load(tmp_path / "model.earsight").trained_on == "folder:birds"
    assert b"secret" not in (tmp_path / "model.earsight").read_bytes()


def test_half_precision_is_half_the_size_and_keeps_its_digest(
    tiny_synvae: Path, shared: Path, tmp_path: Path
) -> None:
    export_pair(tiny_synvae, tmp_path / "half.earsight", halve=True)
    tensors, notes = load_tensors(tmp_path / "half.earsight")
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float16}
    assert notes["sha256"] == digest(notes["model"], tensors)
    assert Translator.load(tmp_path / "half.earsight").seconds == 4.0


def rewrite(
    source: Path, target: Path, change: Callable[[dict[str, Any], dict[str, Any]], None], *, sign: bool
) -> None:
    """The file with its notes or tensors changed, and with a digest that fits if it is to be signed."""
    tensors, notes = load_tensors(source)
    change(notes, tensors)
    if sign:
        notes["sha256"] = digest(notes["model"], tensors)
    save_file(tensors, target, {"notes": json.dumps(notes)})


def bigger(notes: dict[str, Any], tensors: dict[str, Any]) -> None:
    notes["model"]["music"]["model"]["encoder"] = [10**6]


def endless(notes: dict[str, Any], tensors: dict[str, Any]) -> None:
    notes["model"]["synvae"]["model"]["latent"] = 10**30


def more(notes: dict[str, Any], tensors: dict[str, Any]) -> None:
    tensors["synvae.extra"] = torch.zeros(1)


def elsewhere(notes: dict[str, Any], tensors: dict[str, Any]) -> None:
    tensors["other.weight"] = torch.zeros(1)


def unknown(notes: dict[str, Any], tensors: dict[str, Any]) -> None:
    notes["model"]["colour"] = "red"


def newer(notes: dict[str, Any], tensors: dict[str, Any]) -> None:
    notes["model"]["format"] = "earsight-synvae-2"


def louder(notes: dict[str, Any], tensors: dict[str, Any]) -> None:
    tensors["synvae.mean.bias"] += 1


def renamed(notes: dict[str, Any], tensors: dict[str, Any]) -> None:
    notes["model"]["synvae"]["data"] = "cifar10"


@pytest.mark.parametrize(
    ("change", "sign", "sentence"),
    [
        (louder, False, r"m\.earsight was changed after it was written: get it again"),
        (renamed, False, r"m\.earsight was changed after it was written: get it again"),
        (
            bigger,
            True,
            r"part music do not fit its configuration: encoder\.layers\.0\.forwards\.kernel is 102x48",
        ),
        (endless, True, "part synvae has sizes that cannot be"),
        (more, True, r"part synvae do not fit its configuration: extra belongs to another model"),
        (elsewhere, True, "holds weights that belong to no part of a SynVAE"),
        (unknown, True, r"model of this version: colour: Extra inputs are not permitted\.$"),
        (newer, True, "has the format earsight-synvae-2, which this version cannot read"),
    ],
)
def test_a_file_that_was_changed_is_refused_in_a_sentence(
    shared: Path,
    tmp_path: Path,
    change: Callable[[dict[str, Any], dict[str, Any]], None],
    sign: bool,
    sentence: str,
) -> None:
    rewrite(shared, tmp_path / "m.earsight", change, sign=sign)
    with pytest.raises(CheckpointError, match=sentence):
        Translator.load(tmp_path / "m.earsight")


def test_part_of_a_model_and_no_model_are_refused(tiny_synvae: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="is not a SynVAE in one file: give one that"):
        Translator.load(tiny_synvae / "model.safetensors")
    (tmp_path / "text.earsight").write_text("no model at all")
    with pytest.raises(CheckpointError, match=r"text\.earsight is damaged or not a safetensors file"):
        Translator.load(tmp_path / "text.earsight")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=4),
    st.sampled_from([1.0, 1.0, 0.999, 0.5, 0.01]),
)
def test_a_damaged_file_is_refused_or_the_same(
    shared: Path, tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[float, int]], keep: float
) -> None:
    whole = shared.read_bytes()
    content = bytearray(whole[: int(len(whole) * keep)])
    for place, value in changes:
        # Half of the changes go into the header, which is a small part of the file.
        content[int(place * (len(content) if value % 2 else min(4000, len(content))))] = value
    file = tmp_path_factory.mktemp("damaged") / "m.earsight"
    file.write_bytes(content)
    with suppress(CheckpointError):
        loaded, good = Translator.load(file), Translator.load(shared)
        assert loaded.translate(images_of(2)) == good.translate(images_of(2))


def test_the_command_writes_the_file_that_translate_opens(
    tiny_synvae: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["export", str(tiny_synvae)]) == 0
    assert capsys.readouterr().out.startswith("synvae.earsight: SynVAE, music model, VisVAE; ")
    with safe_open("synvae.earsight", framework="np") as file:
        names = {name.partition(".")[0] for name in file.keys()}  # noqa: SIM118 - not a dict
    assert names == {"synvae", "music", "visvae"}
    assert main(["export", str(tiny_synvae), "-o", "out/two.safetensors", "--half", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["bytes"] == Path("out/two.safetensors").stat().st_size
    assert capsys.readouterr().err == ""
    assert main(["export", "mnist", "-o", "out/digits.earsight", "--half"]) == 0
    assert "The weights were float16 already: --half changes nothing." in capsys.readouterr().err
    assert main(["export", "nowhere"]) == 2
    assert "There is no model nowhere that translates" in capsys.readouterr().err


def test_a_synvae_without_its_own_music_model_is_not_exported(tmp_path: Path) -> None:
    folder = save_tiny_synvae(tmp_path)
    weights = folder.parent / "music" / "model.safetensors"
    weights.write_bytes(weights.read_bytes() + b" ")
    with pytest.raises(CheckpointError, match="was trained with other weights"):
        export_pair(folder, tmp_path / "m.earsight")
    assert not (tmp_path / "m.earsight").exists()
