"""`make table1`: which models it finds, what it measures again, and the page that it writes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scripts.table1 import Settings, make
from scripts.table1_cells import Cell, figures_of, recorded
from scripts.table1_models import find_models
from scripts.table1_page import write_page
from scripts.table1_trainings import TRAININGS, Training, lacking, train
from synvae_core.cli import main as synvae_core
from synvae_core.data import ImageSet
from tests.synvae_core.tiny import save_noise, save_tiny_classifier, save_tiny_synvae

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
    assert missing == []


def test_a_run_in_training_is_named_and_waited_for(tmp_path: Path) -> None:
    run(tmp_path / "runs" / "synvae-mnist", step=40)
    found, missing = find_models(tmp_path / "shipped", tmp_path / "runs")
    assert found == []
    assert missing == ["synvae-mnist is still in training (60 steps are left)."]


def cell(model: str, path: str, mse: float, accuracy: float) -> Cell:
    metrics = {"mse": mse, "kl": 20.0, "p10_sampled": 0.3, "p10_mean": 0.9, "accuracy": accuracy}
    information = {
        "donsker_varadhan": 8.7,
        "demine_bernstein": 5.0,
        "interval": [8.6, 8.9],
        "paper_style": None,
    }
    judged = {"accuracy": 0.9, "confusion": [[4, 1], [0, 5]]}
    extra = {"own_judge": judged, "mutual_information": information if path != "visvae" else None}
    interval = (8.6, 8.9) if path != "visvae" else None
    row, figures = model.split("-seed")[0], figures_of(metrics | extra)
    return Cell(model, row, "mnist", path, figures, interval, "2026-11-22", "1a2b", 10_000)


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
    assert rows[1][1:5] == ["21.00 ± 1.41", "20.00 ± 0.00", ".300 ± .000", ".900 ± .000"]
    assert rows[1][5:8] == [".900 ± .000", ".900 ± .000", ".960 ± .014"]
    assert rows[2][9:11] == ["8.70 (8.60 to 8.90)", "5.00"]
    assert rows[3][1:7] == ["16.43", "24.38", ".31", "", ".99", ""]
    assert rows[4][5:7] == [".96", ""]
    assert "* visvae-cifar is not there." in page
    assert "Recorded before" not in page
    assert recorded(tmp_path / "table1.json") == [cells[2], cells[0], cells[1], cells[3]]


def test_a_page_keeps_the_rows_whose_models_are_not_here_and_says_of_when_they_are(tmp_path: Path) -> None:
    before = [cell(name, "audible", 20.0, 0.95) for name in ("synvae-mnist", "synvae-mnist-seed8")]
    write_page(tmp_path, before, [], "About.")
    now = replace(before[0], figures=before[0].figures | {"mse": 16.0}, day="2026-11-28")
    page = write_page(tmp_path, [now], [], "About.").read_text()
    assert "| synvae-mnist, audible path (2 trainings) | 18.00 ± 2.83 |" in page
    told = "* synvae-mnist-seed8: measured on 22 November 2026 (weights 1a2b), from 10000 training images."
    assert page.split("## Recorded before, not measured now\n\n")[1] == f"{told}\n"
    fewer = replace(now, figures={"mse": 1.0})
    assert write_page(tmp_path, [fewer], [], "About.").read_text().count("18.00 ± 2.83") == 1


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


def test_what_is_not_here_is_named_with_the_command_that_makes_it(models: Path, tmp_path: Path) -> None:
    page = make(models, tmp_path / "runs", tmp_path / "cells", tmp_path, QUICK, digits).read_text()
    gone = page.split("## Not here now\n\n")[1]
    runs = tmp_path / "runs"
    assert (
        f"* synvae-mnist-seed8: `python -m synvae_core train synvae-mnist --set seed=8 --set "
        f"start_from={runs}/visvae-mnist-seed8 -o {runs}/synvae-mnist-seed8` makes it in about 17 minutes."
    ) in gone
    assert "visvae-mnist:" not in gone


def test_every_row_of_the_page_has_its_recipe(repository: Path) -> None:
    known = {cell.model for cell in recorded(repository / "docs" / "table1.json")}
    made = {training.name: training for training in TRAININGS}
    assert known <= made.keys()
    for training in TRAININGS:
        assert training.data(Path("var/runs")) in ("mnist", "cifar10")
        assert 0 < training.minutes < 100


TINY = """
task: visvae
data: folder:{pictures}
model: {{kind: mnist, latent: 4, widths: [2, 3]}}
steps: 4
batch: 8
validate_every: 2
save_every: 2
"""


def test_training_what_is_missing_goes_on_and_stops_with_the_first_that_fails(tmp_path: Path) -> None:
    recipe, runs = tmp_path / "tiny.yaml", tmp_path / "runs"
    recipe.write_text(TINY.format(pictures=save_noise(tmp_path / "pictures", 60)))
    names = ("visvae-mnist-tiny", "visvae-mnist-longer", "visvae-mnist-broken", "visvae-mnist-last")
    settings = ((), ("steps=6",), ("data=folder:{runs}/none",), ())
    trainings = [Training(n, str(recipe), 1, s) for n, s in zip(names, settings, strict=True)]
    assert synvae_core(["train", str(recipe), "-o", str(runs / names[0])]) == 0
    found, _ = find_models(tmp_path, runs)
    wanted = lacking(trainings, {model.name for model in found})
    assert [training.name for training in wanted] == list(names[1:])
    assert train(wanted[:1], runs, synvae_core) == 0
    assert train(wanted[1:], runs, synvae_core) == 2
    assert not (runs / names[3]).exists()
    assert "--resume" in trainings[1].line(runs)


def test_data_is_fetched_first_and_the_time_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[list[str]] = []
    wanted = TRAININGS[-2:]
    assert train(wanted, tmp_path, lambda line: asked.append(line) or 0) == 0  # type: ignore[func-returns-value]
    assert asked[0] == ["fetch", "cifar10"]
    assert [line[1] for line in asked[1:]] == ["visvae-cifar", "synvae-cifar"]
    assert "2 models are to be trained, in about 31 minutes of one core." in capsys.readouterr().out
    assert train(wanted, tmp_path, lambda _: 130) == 130


def test_the_cards_of_shipped_models_say_what_the_table_says(repository: Path) -> None:
    cells = {(cell.model, cell.path): cell.figures for cell in recorded(repository / "docs" / "table1.json")}
    shipped = repository / "synvae_core" / "pretrained"
    drawn, at_means = (figures_told(shipped / "visvae-mnist", column) for column in (2, 3))
    drawn["precision"] += at_means["precision"]
    assert drawn == expected(cells["visvae-mnist", "visvae"])
    for column, path in ((2, "latent"), (3, "audible")):
        assert figures_told(shipped / "synvae-mnist", column) == expected(cells["synvae-mnist", path])


def expected(figures: dict[str, float]) -> dict[str, list[str]]:
    """What a card says of a path."""
    return {
        "squared error": [f"{figures['mse']:.1f}"],
        "KL": [f"{figures['kl']:.1f}"],
        "reconstructions": [f"{figures['originals']:.3f}"[1:]],
        "the same": [f"{1 - 2 * (1 - figures['originals']) / 10:.3f}"[1:]],
        "precision": [f"{figures[key]:.3f}"[1:] for key in ("p10_sampled", "p10_mean")],
    }


def figures_told(folder: Path, column: int) -> dict[str, list[str]]:
    """The figures in a column of a card's table, without what stands in brackets (the paper's)."""
    card = (folder / "MODEL_CARD.md").read_text()
    rows = [line.split("|") for line in card.splitlines() if line.startswith("|")]
    wanted = ("squared error", "KL", "reconstructions", "the same", "precision")
    return {
        start: re.findall(r"[\d.]*\d", re.sub(r"\(.*?\)", "", row[column]))
        for row in rows
        for start in wanted
        if row[1].strip().startswith(start)
    }
