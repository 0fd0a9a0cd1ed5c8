"""`make table1`: which models it finds, what it measures again, and the page that it writes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from scripts.table1 import Settings, make
from scripts.table1_models import find_models
from scripts.table1_page import Cell, write_page
from synvae_core.data import ImageSet
from tests.synvae_core.tiny import save_tiny_classifier, save_tiny_synvae

QUICK = Settings(seed=0, full=False, limit=None, train_limit=None)


def run(folder: Path, *, step: int | None = None, steps: int = 100) -> None:
    """A run's folder as training leaves it: finished without a step, else stopped at it."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "recipe.json").write_text(json.dumps({"steps": steps}))
    taken = steps if step is None else step
    rows = [json.dumps({"step": n}) for n in range(taken // 2, taken + 1, max(1, taken // 2))]
    (folder / "metrics.jsonl").write_text("\n".join(rows) + "\n")


def test_runs_that_differ_in_their_seed_share_a_row_and_variants_have_their_own(tmp_path: Path) -> None:
    for name in ("synvae-mnist", "visvae-mnist", "classifier-mnist", "musicvae"):
        run(tmp_path / "shipped" / name)
    for name in ("synvae-mnist", "synvae-mnist-seed8", "synvae-mnist-logits", "synvae-mnist-beta=0.5-seed9"):
        run(tmp_path / "runs" / name)
    run(tmp_path / "runs" / "visvae-birds")
    found, missing = find_models(tmp_path / "shipped", tmp_path / "runs")
    assert {model.name: (model.row, model.kind, model.folder.parent.name) for model in found} == {
        "classifier-mnist": ("classifier-mnist", "classifier", "shipped"),
        "synvae-mnist": ("synvae-mnist", "synvae", "shipped"),
        "visvae-mnist": ("visvae-mnist", "visvae", "shipped"),
        "synvae-mnist-logits": ("synvae-mnist-logits", "synvae", "runs"),
        "synvae-mnist-beta=0.5-seed9": ("synvae-mnist-beta=0.5", "synvae", "runs"),
        "synvae-mnist-seed8": ("synvae-mnist", "synvae", "runs"),
    }
    assert missing == [f"{name}-cifar is not there." for name in ("classifier", "visvae", "synvae")]


def test_a_run_in_training_is_named_and_waited_for(tmp_path: Path) -> None:
    run(tmp_path / "runs" / "synvae-mnist", step=40)
    found, missing = find_models(tmp_path / "shipped", tmp_path / "runs")
    assert found == []
    assert "synvae-mnist is still in training (60 steps are left)." in missing
    assert "synvae-mnist is not there." not in missing


def cell(model: str, path: str, mse: float, accuracy: float) -> Cell:
    metrics = {"mse": mse, "kl": 20.0, "p10_sampled": 0.3, "p10_mean": 0.9, "accuracy": accuracy}
    information = {
        "donsker_varadhan": 8.7,
        "demine_bernstein": 5.0,
        "interval": [8.6, 8.9],
        "paper_style": None,
    }
    extra = {"own_judge": {"accuracy": 0.99}, "mutual_information": information if path != "visvae" else None}
    return Cell(model, model.split("-seed")[0], "mnist", path, metrics | extra)


def test_trainings_are_averaged_and_stand_beside_the_paper(tmp_path: Path) -> None:
    cells = [
        cell("synvae-mnist", "audible", 20.0, 0.95),
        cell("synvae-mnist-seed8", "audible", 22.0, 0.97),
        cell("visvae-mnist", "visvae", 16.0, 0.98),
        cell("synvae-mnist-logits", "audible", 99.0, 0.11),
    ]
    page = write_page(tmp_path, cells, ["visvae-cifar is not there."], "About.").read_text()
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| ")][1:]
    assert [row[0] for row in rows] == [
        "| visvae-mnist",
        "| synvae-mnist, audible path (2 trainings)",
        "| synvae-mnist-logits, audible path",
        "| *the paper's M-VIS*",
        "| *the paper's M-Syn*",
    ]
    assert rows[1][1:6] == ["21.00 ± 1.41", "20.00 ± 0.00", ".300 ± .000", ".900 ± .000", ".960 ± .014"]
    assert rows[2][8:10] == ["8.70 (8.60 to 8.90)", "5.00"]
    assert rows[3][1:3] == ["16.43", "24.38"]
    assert "* visvae-cifar is not there." in page
    kept = json.loads((tmp_path / "table1.json").read_text())
    assert kept["rows"][1]["values"]["mse"] == [20.0, 22.0]
    assert kept["missing"] == ["visvae-cifar is not there."]


def digits(name: str, settings: Settings) -> tuple[ImageSet, None]:
    """A few squares of noise instead of MNIST."""
    pixels = np.random.default_rng(0).random((40, 28, 28, 1), dtype=np.float32)
    return ImageSet(pixels, np.arange(40) % 10, tuple("0123456789"), tuple(map(str, range(40)))), None


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Tiny models under the shipped names."""
    folder = tmp_path / "shipped"
    synvae = save_tiny_synvae(tmp_path / "tiny")
    folder.mkdir()
    synvae.rename(folder / "synvae-mnist")
    (folder / "synvae-mnist" / "visvae").rename(folder / "visvae-mnist")
    save_tiny_classifier(folder / "classifier-mnist")
    return folder


def test_every_path_is_measured_once_and_kept(models: Path, tmp_path: Path) -> None:
    cells = tmp_path / "cells"
    page = make(models, tmp_path / "runs", cells, tmp_path, QUICK, digits).read_text()
    assert sorted(path.name.rsplit("-", 1)[0] for path in cells.iterdir()) == [
        "synvae-mnist-audible",
        "synvae-mnist-latent",
        "visvae-mnist-visvae",
    ]
    before = {path: path.stat().st_mtime_ns for path in cells.iterdir()}
    assert make(models, tmp_path / "runs", cells, tmp_path, QUICK, digits).read_text() == page
    assert {path: path.stat().st_mtime_ns for path in cells.iterdir()} == before
    assert "| visvae-mnist |" in page
    assert "| synvae-mnist, latent path |" in page


def test_what_was_stopped_goes_on_and_other_settings_are_other_cells(models: Path, tmp_path: Path) -> None:
    cells = tmp_path / "cells"
    page = make(models, tmp_path / "runs", cells, tmp_path, QUICK, digits).read_text()
    next(cells.glob("synvae-mnist-audible-*")).unlink()
    assert make(models, tmp_path / "runs", cells, tmp_path, QUICK, digits).read_text() == page
    make(models, tmp_path / "runs", cells, tmp_path, Settings(1, False, None, None), digits)
    assert len(list(cells.iterdir())) == 6


def test_a_model_that_cannot_be_measured_is_a_line_of_the_page(models: Path, tmp_path: Path) -> None:
    (models / "synvae-mnist" / "model.safetensors").write_bytes(b"cut")
    page = make(models, tmp_path / "runs", tmp_path / "cells", tmp_path, QUICK, digits).read_text()
    assert "| visvae-mnist |" in page
    assert "* synvae-mnist: " in page
    (models / "classifier-mnist" / "config.json").unlink()
    page = make(models, tmp_path / "runs", tmp_path / "none", tmp_path, QUICK, digits).read_text()
    assert "* visvae-mnist waits for classifier-mnist." in page
