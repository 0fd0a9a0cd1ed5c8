"""Published models become ours: the same melodies, from every form they come in, and fit for training."""

import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from synvae_core.cli import main
from synvae_core.importing import ImportFailed, import_musicvae
from synvae_core.musicvae.model import MusicVae
from synvae_core.musicvae.tf_names import VariableError, from_tensorflow, tensorflow_names
from synvae_core.training.models import load_musicvae
from tests.synvae_core.importing.written import (
    FLAT,
    HIERARCHICAL,
    weights,
    write_bundle,
    write_config,
    write_manifest,
)

Values = NDArray[np.float32]
BARS = {"cat_tiny": 2, "hierdec4_tiny": 4}


def same(ours: MusicVae, theirs: MusicVae) -> bool:
    """Whether two networks have the same weights."""
    one, other = ours.state_dict(), theirs.state_dict()
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("name", BARS)
def test_greedy_melodies_of_a_checkpoint_are_the_original_s(name: str, fixtures_dir: Path) -> None:
    recorded = np.load(fixtures_dir / "magenta" / f"{name}_io.npz")
    imported = import_musicvae(fixtures_dir / "magenta" / f"{name}.ckpt", bars=BARS[name])
    melodies = imported.model.play(torch.from_numpy(recorded["z"]))
    np.testing.assert_array_equal(melodies.numpy(), recorded["greedy_ids"])
    mean, _ = imported.model.encode_symbols(torch.from_numpy(recorded["melody_ids"]).long())
    np.testing.assert_allclose(mean.detach().numpy(), recorded["encfull_mu"], atol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "uint8", "uint16"])
@pytest.mark.parametrize("name", BARS)
def test_greedy_melodies_of_a_manifest_are_those_of_its_weights(
    name: str, dtype: str, fixtures_dir: Path, tmp_path: Path
) -> None:
    variables = dict(np.load(fixtures_dir / "magenta" / f"{name}_vars.npz"))
    recorded = np.load(fixtures_dir / "magenta" / f"{name}_io.npz")
    imported = import_musicvae(write_manifest(tmp_path, variables, dtype), bars=BARS[name])
    expected = recorded["greedy_ids"]
    if dtype != "float32":  # other weights, other melodies: those of the weights that were stored
        expected = from_tensorflow(imported.config, _as_stored(variables, dtype)).play(
            torch.from_numpy(recorded["z"])
        )
    melodies = imported.model.play(torch.from_numpy(recorded["z"]))
    np.testing.assert_array_equal(melodies.numpy(), np.asarray(expected))
    close = (melodies.numpy() == recorded["greedy_ids"]).mean()
    assert close > {"float32": 0.999, "uint16": 0.99, "uint8": 0.3}[dtype]


def _as_stored(variables: dict[str, Values], dtype: str) -> dict[str, Values]:
    """Weights after quantisation, computed apart from the reader."""
    levels = np.iinfo(dtype).max
    stored = {}
    for name, values in variables.items():
        low = float(values.min())
        scale = (float(values.max()) - low) / levels or 1.0
        stored[name] = (np.rint((values.astype(np.float64) - low) / scale) * scale + low).astype(np.float32)
    return stored


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """The index of a whole checkpoint of a run, with what only training needs."""
    arrays = weights(FLAT)
    slots = {f"{name}/{slot}": array for name, array in arrays.items() for slot in ("Adam", "Adam_1")}
    others: dict[str, NDArray[np.generic]] = {
        "global_step": np.array(5, dtype=np.int64),
        "beta1_power": np.array(0.9, dtype=np.float32),
        "encoder/mu/bias/ExponentialMovingAverage": np.zeros(6, dtype=np.float32),
    }
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "checkpoint").write_text('model_checkpoint_path: "/home/them/model.ckpt-5"\n')
    write_bundle(folder / "model.ckpt-4", {name: array * 0 for name, array in arrays.items()})
    return write_bundle(folder / "model.ckpt-5", arrays | slots | others, shards=2)


def packed(folder: Path, name: str) -> Path:
    """A tar archive of a folder."""
    with tarfile.open(folder.parent / name, "w:gz" if name.endswith("gz") else "w") as tar:
        tar.add(folder, arcname="some/where")
    return folder.parent / name


def alone(index: Path) -> Path:
    """The folder without its file `checkpoint` and the older model."""
    for path in [*index.parent.glob("model.ckpt-4*"), index.parent / "checkpoint"]:
        path.unlink()
    return index.parent


WAYS: dict[str, Callable[[Path], Path]] = {
    "its index": lambda index: index,
    "its name": lambda index: index.with_suffix(""),
    "a shard": lambda index: index.with_name("model.ckpt-5.data-00000-of-00002"),
    "the folder, by its file checkpoint": lambda index: index.parent,
    "the folder with one checkpoint": alone,
    "tar": lambda index: packed(index.parent, "model.tar"),
    "tar.gz": lambda index: packed(index.parent, "model.tar.gz"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_checkpoint_is_found_however_it_is_given(checkpoint: Path, way: str) -> None:
    imported = import_musicvae(WAYS[way](checkpoint), bars=2)
    assert same(imported.model, from_tensorflow(FLAT, weights(FLAT)))
    assert imported.variables == len(tensorflow_names(FLAT))
    assert len(imported.left_out) == 2 * imported.variables + 2
    assert "encoder/mu/bias/ExponentialMovingAverage" in imported.left_out


def test_a_manifest_is_found_in_an_archive_and_by_its_name(tmp_path: Path) -> None:
    folder = write_manifest(tmp_path / "mel", weights(HIERARCHICAL))
    write_config(folder, dataConverter={"type": "MelodyConverter", "args": {"numSteps": 64}})
    theirs = from_tensorflow(HIERARCHICAL, weights(HIERARCHICAL))
    for path in (folder, folder / "weights_manifest.json", packed(folder, "mel.tgz")):
        imported = import_musicvae(path)
        assert imported.config == HIERARCHICAL
        assert same(imported.model, theirs)


def test_the_wrong_configuration_names_variable_and_both_shapes(checkpoint: Path) -> None:
    kernel = "encoder/cell_0/bidirectional_rnn/fw/multi_rnn_cell/cell_0/lstm_cell/kernel"
    with pytest.raises(VariableError, match=rf"{kernel} has shape \(95, 20\) and not \(602, 2048\)"):
        import_musicvae(checkpoint, config="cat-mel_2bar_small")


def test_a_variable_that_does_not_fit_the_others_is_not_laid_to_a_configuration(tmp_path: Path) -> None:
    arrays = weights(HIERARCHICAL)
    arrays["encoder/sigma/kernel"] = arrays["encoder/sigma/kernel"][:-1]
    folder = write_manifest(tmp_path, arrays)
    with pytest.raises(VariableError, match=r"shape \(9, 6\) and not \(10, 6\): it does not fit the other"):
        import_musicvae(folder, bars=4)


def test_a_missing_variable_and_one_that_is_no_number_are_named(tmp_path: Path) -> None:
    arrays = weights(FLAT)
    arrays["encoder/sigma/bias"][2] = np.nan
    write_bundle(tmp_path / "nan", arrays)
    with pytest.raises(ImportFailed, match="encoder/sigma/bias holds values that are no numbers"):
        import_musicvae(tmp_path / "nan", bars=2)
    del arrays["encoder/sigma/bias"]
    write_bundle(tmp_path / "less", arrays)
    with pytest.raises(VariableError, match="encoder/sigma/bias is missing"):
        import_musicvae(tmp_path / "less", bars=2)


def test_nothing_and_too_much_to_import_are_refused(tmp_path: Path, checkpoint: Path) -> None:
    with pytest.raises(ImportFailed, match=r"There is nothing at .*nowhere: give a TensorFlow checkpoint"):
        import_musicvae(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ImportFailed, match="holds no weights that can be imported"):
        import_musicvae(tmp_path / "empty")
    (tmp_path / "old.ckpt").write_bytes(b"a checkpoint of version 1")
    with pytest.raises(ImportFailed, match=r"old\.ckpt has no index old\.ckpt\.index beside it"):
        import_musicvae(tmp_path / "old.ckpt")
    (checkpoint.parent / "checkpoint").unlink()
    with pytest.raises(ImportFailed, match=r"several models \(model\.ckpt-4\.index, model\.ckpt-5\.index\)"):
        import_musicvae(checkpoint.parent)


@pytest.mark.parametrize(
    "name", ["/tmp/m.index", "../m.index", "a/../../m.index", "a\\..\\m.index", "ä\0.index"]
)
def test_an_archive_that_would_write_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / "bad.tar", "w") as tar:
        member = tarfile.TarInfo(name)
        member.size = 3
        tar.addfile(member, io.BytesIO(b"abc"))
    before = sorted(tmp_path.parent.rglob("m.index"))
    with pytest.raises(ImportFailed, match="would lie outside its folder: do not trust this file"):
        import_musicvae(tmp_path / "bad.tar")
    assert sorted(tmp_path.parent.rglob("m.index")) == before


def test_links_in_an_archive_are_passed_over(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "links.tar", "w") as tar:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            member = tarfile.TarInfo("m.index")
            member.type, member.linkname = kind, "/etc/passwd"
            tar.addfile(member)
    with pytest.raises(ImportFailed, match=r"links\.tar holds no weights"):
        import_musicvae(tmp_path / "links.tar")


def test_an_archive_that_claims_too_much_is_refused_unpacked(tmp_path: Path) -> None:
    member = tarfile.TarInfo("m.index")
    member.size = 2**40
    (tmp_path / "bomb.tar").write_bytes(member.tobuf() + b"\0" * 1024)
    with pytest.raises(ImportFailed, match="unpacks to more than"):
        import_musicvae(tmp_path / "bomb.tar")


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_an_archive_that_is_cut_off_is_refused(checkpoint: Path, keep: float) -> None:
    archive = packed(checkpoint.parent, "model.tar.gz")
    content = archive.read_bytes()
    archive.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(ImportFailed, match=r"model\.tar\.gz is damaged or no tar archive"):
        import_musicvae(archive)


def test_the_command_writes_a_model_of_ours_and_prints_what_it_found(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "music"
    assert main(["import", str(checkpoint), "-o", str(out), "--bars", "2"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == (
        f"{checkpoint}: a TensorFlow checkpoint, a MusicVAE (32 steps, latent 6, encoder 5, decoder 4 + 4; "
        "16 variables, 6,294 parameters)"
    )
    assert printed[1].startswith("  left out: 34 others, such as ")
    assert printed[2].startswith(f"{out}: model.safetensors (SHA-256 ")
    assert same(load_musicvae(out), from_tensorflow(FLAT, weights(FLAT)))
    assert main(["import", str(checkpoint), "-o", str(out), "--bars", "2", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["config"]["steps"], report["published_as"], report["parameters"]) == (32, None, 6294)


def test_the_command_fails_in_one_sentence_and_writes_nothing(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(checkpoint), "-o", str(tmp_path / "music")]) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("python -m synvae_core import: The shapes do not tell how long")
    assert (printed.err.count("\n"), printed.out, (tmp_path / "music").exists()) == (1, "", False)


def test_a_model_of_another_kind_is_not_written_over(
    checkpoint: Path, tiny_synvae: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (tiny_synvae / "model.safetensors").read_bytes()
    assert main(["import", str(checkpoint), "-o", str(tiny_synvae), "--bars", "2"]) == 2
    assert f"{tiny_synvae} holds a synvae: give another folder" in capsys.readouterr().err
    assert (tiny_synvae / "model.safetensors").read_bytes() == before


def test_an_imported_model_is_what_a_synvae_trains_with(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(checkpoint), "-o", str(tmp_path / "music"), "--bars", "2"]) == 0
    for number in range(12):
        path = tmp_path / "pictures" / str(number % 2) / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (28, 28), 20 * number).save(path)
    recipe = {
        "task": "synvae",
        "data": f"folder:{tmp_path / 'pictures'}",
        "music": str(tmp_path / "music"),
        "model": {"kind": "mnist", "latent": 6, "widths": [2, 2]},
        "steps": 1,
        "batch": 4,
    }
    (tmp_path / "recipe.yaml").write_text(json.dumps(recipe))
    assert main(["train", str(tmp_path / "recipe.yaml"), "-o", str(tmp_path / "synvae")]) == 0
    assert "step 1" in capsys.readouterr().out
    picture = str(tmp_path / "pictures" / "0" / "0.png")
    shutil.rmtree(tmp_path / "run")  # the published files are needed no more
    assert main(["translate", picture, "-o", str(tmp_path / "out"), "--model", str(tmp_path / "synvae")]) == 0
