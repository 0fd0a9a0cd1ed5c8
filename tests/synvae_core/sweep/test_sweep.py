"""A sweep trains every cell, goes on where it was stopped, records what fails, and ends in table and plot."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synvae_core.cli import main
from synvae_core.sweep import figure
from synvae_core.sweep.grid import Cell, SweepError, cells, parse_axis
from synvae_core.sweep.plan import make_plan
from synvae_core.sweep.table import Row, as_csv, as_markdown
from synvae_core.training.checkpoint import load_notes
from synvae_core.training.config import RecipeError, VisVaeRecipe, parse_recipe
from tests.synvae_core.tiny import save_noise


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A tiny VisVAE on a folder of noise."""
    data = f"folder:{save_noise(tmp_path / 'pictures', 60)}"
    values = {"task": "visvae", "data": data, "steps": 4, "batch": 8}
    values |= {"model": {"latent": 4, "widths": [2, 2]}, "validate_every": 2, "save_every": 2}
    file = tmp_path / "recipe.yaml"
    file.write_text(json.dumps(values))
    return file


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("beta=0.1:0.5:0.1", ("0.1", "0.2", "0.3", "0.4", "0.5")),
        ("beta=0.1:2.0:0.1", tuple(f"{n / 10:.1f}" for n in range(1, 21))),
        ("beta=1:2:0.4", ("1.0", "1.4", "1.8")),
        ("seed=7, 8,7", ("7", "8")),
        ("learning_rate=1e-3,0.01", ("1e-3", "0.01")),
        ("beta=1:1:1", ("1",)),
    ],
)
def test_an_axis_is_a_range_with_both_ends_or_a_list(text: str, values: tuple[str, ...]) -> None:
    assert parse_axis(text) == (text.partition("=")[0], values)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("beta", "is no axis"),
        ("=1,2", "is no axis"),
        ("beta=", "is no axis"),
        ("beta=1:2", "is no range"),
        ("beta=2:1:0.1", "first <= last"),
        ("beta=1:2:0", "a step above 0"),
        ("beta=1:2:-1", "a step above 0"),
        ("beta=0:1:0.000001", "has more than 10,000 values"),
        ("beta=0:1e999999:1", "has more than 10,000 values"),
        ("beta=a,b", "'a' in 'beta=a,b' is no number"),
        ("beta=1,,2", "'' in 'beta=1,,2' is no number"),
        ("beta=nan", "no finite number"),
        ("beta=0:inf:1", "no finite number"),
    ],
)
def test_other_axes_are_refused_with_what_to_write(text: str, said: str) -> None:
    with pytest.raises(SweepError, match=said):
        parse_axis(text)


@given(
    st.decimals(-100, 100, places=3), st.decimals(0, 50, places=3), st.decimals(1, 20, places=3).filter(bool)
)
def test_a_range_begins_at_its_first_value_and_ends_within_a_step_of_its_last(
    first: Decimal, length: Decimal, step: Decimal
) -> None:
    values = [Decimal(text) for text in parse_axis(f"x={first}:{first + length}:{step}")[1]]
    assert values[0] == first
    assert all(later - earlier == step for earlier, later in pairwise(values))
    assert first + length - step < values[-1] <= first + length


@given(st.text(st.sampled_from("0123456789.:,=eE+-_ naninf"), max_size=25))
def test_any_text_is_an_axis_or_refused(text: str) -> None:
    try:
        key, values = parse_axis(text)
    except SweepError:
        return
    assert key
    assert all(Decimal(value).is_finite() for value in values)


def test_a_grid_is_every_combination_and_names_its_folders() -> None:
    made = cells({"beta": ("0.1", "1"), "model.latent": ("4", "8")})
    assert [cell.name for cell in made] == [
        "beta=0.1,model.latent=4",
        "beta=0.1,model.latent=8",
        "beta=1,model.latent=4",
        "beta=1,model.latent=8",
    ]
    with pytest.raises(SweepError, match="this one has 0"):
        cells({})
    with pytest.raises(SweepError, match="this one has 20,000"):
        cells({"beta": tuple(map(str, range(200))), "seed": tuple(map(str, range(100)))})


def test_a_key_or_value_that_the_recipe_does_not_know_is_refused_before_anything_runs(
    recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sweep"
    assert main(["sweep", str(recipe), "--grid", "betta=1,2", "-o", str(out)]) == 2
    assert "betta: Extra inputs are not permitted" in capsys.readouterr().err
    assert main(["sweep", str(recipe), "--beta=-1:1:1", "-o", str(out)]) == 2
    assert "beta: Input should be greater than or equal to 0" in capsys.readouterr().err
    assert main(["sweep", str(recipe), "-o", str(out)]) == 2
    assert "give --beta 0.1:2.0:0.1, or --grid KEY=VALUES" in capsys.readouterr().err
    assert not out.exists()


def test_another_grid_in_the_same_folder_keeps_the_rows_of_the_first(recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "sweep"
    assert main(["sweep", str(recipe), "--beta", "0.5:1.5:0.5", "-o", str(out)]) == 0
    (out / "beta=1.5" / "latest.safetensors").unlink()
    for name in ("beta=soon", "beta=-1", "learning_rate=1"):
        shutil.copytree(out / "beta=1.0", out / name)
    assert main(["sweep", str(recipe), "--beta", "2,0.5", "-o", str(out), "--json"]) == 0
    with (out / "sweep.csv").open() as file:
        rows = [(row["beta"], row["status"]) for row in csv.DictReader(file)]
    assert rows == [("0.5", "finished"), ("1.0", "finished"), ("2", "finished")]
    assert "| 1.0 | finished |" in (out / "sweep.md").read_text()


def test_a_sweep_trains_its_cells_records_a_failure_and_goes_on_with_what_is_missing(
    recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sweep"
    command = ["sweep", str(recipe), "--beta", "0.5,1", "--grid", "learning_rate=0.01,1e20", "-o", str(out)]
    assert main([*command, "--jobs", "2", "--steps", "3"]) == 1
    printed = capsys.readouterr().out
    with (out / "sweep.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["beta"], row["learning_rate"], row["status"]) for row in rows] == [
        ("0.5", "0.01", "finished"),
        ("0.5", "1e20", "failed"),
        ("1", "0.01", "finished"),
        ("1", "1e20", "failed"),
    ]
    assert "is not finite" in rows[1]["failure"]
    log = (out / "beta=1,learning_rate=0.01/metrics.jsonl").read_text().splitlines()
    assert (
        float(rows[2]["mse"])
        == min((json.loads(line)["validation"] for line in log), key=lambda v: v["loss"])["mse"]
    )
    assert "| 0.5 | 0.01 | finished |" in printed
    assert str(out / "sweep.svg") in printed
    weights = out / "beta=0.5,learning_rate=0.01/latest.safetensors"
    before = weights.stat().st_mtime_ns
    assert main([*command, "--steps", "3"]) == 1
    assert weights.stat().st_mtime_ns == before


def test_another_recipe_is_not_mixed_into_a_sweeps_folder(
    recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = parse_recipe(json.loads(recipe.read_text()))
    make_plan(tmp_path / "sweep", base, cells({"beta": ("1",)})).begin()
    assert main(["sweep", str(recipe), "--steps", "9", "--beta", "1", "-o", str(tmp_path / "sweep")]) == 2
    assert "another recipe (it differs in steps)" in capsys.readouterr().err


def test_ctrl_c_saves_every_cell_and_the_same_command_goes_on(recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "sweep"
    command = [sys.executable, "-m", "synvae_core", "sweep", str(recipe), "--beta", "0.5,1", "-o", str(out)]
    endless = [*command, "--steps", "1000000", "--jobs", "2"]
    process = subprocess.Popen(
        endless,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    logs = [out / f"beta={beta}" / "metrics.jsonl" for beta in ("0.5", "1")]
    deadline = time.monotonic() + 100
    while not all(log.exists() and log.stat().st_size for log in logs):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    printed, errors = process.communicate(timeout=100)
    assert (process.returncode, "the same command goes on" in errors) == (130, True)
    assert "| 0.5 | begun |" in printed
    assert "| 1 | begun |" in printed
    steps = [load_notes(log.with_name("latest.safetensors"))["step"] for log in logs]
    assert min(steps) > 0


def row(beta: str, latent: str, kl: float, mse: float) -> Row:
    cell = Cell((("beta", beta), ("model.latent", latent)))
    return Row(cell, "finished", 4, {"loss": mse + kl, "mse": mse, "kl": kl}, "")


def test_the_tables_have_a_row_for_each_cell() -> None:
    failed = Row(Cell((("beta", "9"), ("model.latent", "4"))), "failed", None, {}, "It broke.")
    rows = [row("0.5", "4", 20.125, 30.5), failed]
    assert as_csv(rows).splitlines() == [
        "beta,model.latent,status,step,loss,mse,kl,failure",
        "0.5,4,finished,4,50.625,30.5,20.125,",
        "9,4,failed,,,,,It broke.",
    ]
    assert as_markdown(rows).splitlines() == [
        "| beta | model.latent | status | step | loss | mse | kl |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| 0.5 | 4 | finished | 4 | 50.62 | 30.5 | 20.12 |",
        "| 9 | 4 | failed |  |  |  |  |",
        "",
        "beta=9,model.latent=4: It broke.",
    ]


def test_the_plot_has_a_line_for_each_second_key_and_repeats_byte_for_byte(
    tmp_path: Path,
) -> None:
    rows = [
        row(b, latent, 30 / float(b), 10 + 9 * float(b)) for latent in ("4", "8") for b in ("0.5", "1", "2")
    ]
    assert list(figure.lines_of(rows)) == ["model.latent 4", "model.latent 8"]
    assert figure.lines_of(rows)["model.latent 8"][1] == ("1", 30.0, 19.0)
    assert figure.save(rows, [tmp_path / "a.svg", tmp_path / "a.png"], "visvae on mnist")
    assert figure.save(rows, [tmp_path / "b.svg"], "visvae on mnist")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"
    assert not figure.save([], [tmp_path / "c.svg"], "nothing")


def test_a_sweep_of_a_data_sets_name_is_one_of_its_visvae(tmp_path: Path) -> None:
    base = parse_recipe({"task": "visvae", "steps": 1})
    plan = make_plan(tmp_path, base, cells({"beta": ("0.1", "2")}))
    found = [recipe.beta for recipe in plan.recipes.values() if isinstance(recipe, VisVaeRecipe)]
    assert found == [0.1, 2.0]
    with pytest.raises(RecipeError, match="steps"):
        make_plan(tmp_path, base, cells({"steps": ("1.5",)}))
