"""Training on a researcher's own pictures, in memory or from disk, with one command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from synvae_core.cli import main
from synvae_core.data import ImageSet
from synvae_core.data.image_set import Indices
from synvae_core.training import loop
from synvae_core.training.config import RecipeError, VisVaeRecipe, read_recipe
from synvae_core.training.loop import make_task, run
from synvae_core.training.tasks import VisVaeTask
from tests.synvae_core.training.tiny_recipes import rows_of, tensors_of

SHORT = ["--set", "steps=3", "--set", "batch=8", "--set", "model.latent=4", "--set", "bfloat16=false"]
NARROW = ["--set", "model.widths=[2, 2, 2, 2]"]


@pytest.fixture
def paintings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Colour pictures of two classes and many sizes."""
    monkeypatch.setenv("EARSIGHT_DATA", str(tmp_path / "data"))
    generator = np.random.default_rng(2)
    for index in range(60):
        path = tmp_path / "paintings" / f"class{index % 2}" / f"{index}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        height, width = generator.integers(64, 90, 2)
        Image.fromarray(generator.integers(0, 256, (height, width, 3), dtype=np.uint8)).save(path)
    return tmp_path / "paintings"


@pytest.mark.parametrize("name", ["visvae-paintings", "classifier-paintings"])
def test_one_command_trains_on_a_folder(paintings: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / "run"
    assert main(["train", name, "--data", f"folder:{paintings}", "-o", str(out), *SHORT, *NARROW]) == 0
    config = json.loads((out / "config.json").read_text())
    assert (config["data"], config["model"]["kind"]) == (f"folder:{paintings}", "bam")
    assert [row["step"] for row in rows_of(out)] == [3]


@pytest.mark.parametrize("stream", ["false", "true"])
def test_pictures_without_classes_train_a_model_that_encodes_them(
    paintings: Path, tmp_path: Path, stream: str, capsys: pytest.CaptureFixture[str]
) -> None:
    flat = tmp_path / "flat"
    flat.mkdir()
    for path in paintings.rglob("*.png"):
        path.rename(flat / path.name)
    out, settings = tmp_path / "run", [*SHORT, *NARROW, "--set", f"stream={stream}"]
    assert main(["train", "visvae-paintings", "--data", f"folder:{flat}", "-o", str(out), *settings]) == 0
    assert [row["step"] for row in rows_of(out)] == [3]
    assert main(["train", "classifier-paintings", "--data", f"folder:{flat}", "-o", str(out)]) == 2
    assert "one class 'flat'" in capsys.readouterr().err


def test_a_set_key_changes_the_recipe_and_the_schema_still_holds() -> None:
    recipe = read_recipe("visvae-mnist", ["beta=1.3", "model.kind=bam", "clip=null", "learning_rate=1e-4"])
    assert isinstance(recipe, VisVaeRecipe)
    assert (recipe.beta, recipe.model.kind, recipe.clip, recipe.learning_rate) == (1.3, "bam", None, 1e-4)
    assert recipe.model.latent == 512
    for setting, fault in [
        ("betta=1", "betta: Extra inputs are not permitted"),
        ("model.kid=bam", "model.kid: Extra inputs are not permitted"),
        ("steps=0", "steps: Input should be greater than 0"),
        ("model.kind=paintings", "model.kind: Input should be 'mnist', 'cifar' or 'bam'"),
        ("steps", "'steps' is no setting: write key=value"),
        ("=3", "'=3' is no setting"),
        ("steps=[1", "not readable YAML"),
    ]:
        with pytest.raises(RecipeError, match=fault):
            read_recipe("visvae-mnist", [setting])


def test_an_unknown_key_is_refused_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "visvae-mnist", "--set", "betta=1", "-o", str(tmp_path / "run")]) == 2
    assert "betta: Extra inputs are not permitted" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_pictures_read_from_disk_train_as_those_in_memory(
    visual: VisVaeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARSIGHT_DATA", str(tmp_path / "data"))
    run(visual, tmp_path / "memory", quiet=True)
    run(visual.model_copy(update={"stream": True}), tmp_path / "disk", quiet=True)
    memory, disk = (tensors_of(tmp_path / name / "model.safetensors") for name in ("memory", "disk"))
    assert all(np.array_equal(memory[name], disk[name]) for name in memory)
    assert rows_of(tmp_path / "memory") == rows_of(tmp_path / "disk")


def test_varied_pictures_are_cut_anew_in_each_pass_and_alike_when_repeated(
    paintings: Path, tmp_path: Path
) -> None:
    recipe = read_recipe(
        "visvae-paintings", [f"data=folder:{paintings}", "vary=true", *SHORT[1::2], *NARROW[1:]]
    )

    task = make_task(recipe)
    assert isinstance(task, VisVaeTask)
    chosen = torch.arange(4)
    first, again, later, plain = (task.train.batch(chosen, epoch) for epoch in (0, 0, 1, None))
    assert torch.equal(first, again)
    assert not torch.equal(first, later)
    assert torch.equal(plain, task.train.batch(chosen))
    assert first.shape == (4, 3, 64, 64)


def test_a_recipe_and_its_data_that_do_not_fit_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "visvae-paintings", "--data", "mnist", "-o", str(tmp_path / "run")]) == 2
    assert "28x28x1" in capsys.readouterr().err


@pytest.mark.parametrize("pictures", [0, 1, 3])
def test_a_folder_with_too_few_pictures_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], pictures: int
) -> None:
    folder = tmp_path / "few" / "only"
    folder.mkdir(parents=True)
    for number in range(pictures):
        Image.new("RGB", (64, 64)).save(folder / f"{number}.png")
    assert (
        main(["train", "visvae-paintings", "--data", f"folder:{tmp_path}/few", "-o", str(tmp_path / "r")])
        == 2
    )
    printed = capsys.readouterr().err
    print(printed)
    assert len(printed.splitlines()) == 1
    assert f"{tmp_path}/few" in printed
    assert not (tmp_path / "r").exists()


class Remembered(ImageSet):
    """Images that write down what was expected and what was read, as if they came from disk."""

    def __init__(self, source: ImageSet) -> None:
        super().__init__(source.pixels, source.labels, source.class_names, source.ids)
        self.__dict__["calls"] = []

    def read(self, indices: Indices, *, epoch: int | None = None) -> NDArray[np.float32]:
        self.__dict__["calls"].append(("read", tuple(np.asarray(indices).tolist()), epoch))
        return super().read(indices, epoch=epoch)

    def prefetch(self, indices: Indices, *, epoch: int | None = None) -> None:
        self.__dict__["calls"].append(("expect", tuple(np.asarray(indices).tolist()), epoch))


@pytest.mark.parametrize("parts", [1, 3])
def test_each_part_is_expected_while_the_one_before_is_computed(
    visual: VisVaeRecipe, tmp_path: Path, parts: int
) -> None:
    state = loop._begin(visual.model_copy(update={"accumulate": parts}), tmp_path / "run", resume=False)
    assert isinstance(state.task, VisVaeTask)
    source = state.task.train.source
    assert isinstance(source, ImageSet)
    remembered = Remembered(source)
    state.task.train.source, state.task.train.held = remembered, None
    for _ in range(visual.steps):
        loop._train_step(state)
    calls = remembered.__dict__["calls"]
    reads = [call[1:] for call in calls if call[0] == "read"]
    assert [call[1:] for call in calls if call[0] == "expect"] == reads[1:]
    assert [kind for kind, *_ in calls] == ["expect", "read"] * (len(reads) - 1) + ["read"]
    assert len(reads) == visual.steps * parts
