from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sampling import Design, Latents, StudyPlan, plan_study
from sampling.__main__ import main
from tests.sampling.blobs import DIGITS, blobs, saved

LATENTS = blobs(DIGITS)


@pytest.fixture
def latents(tmp_path: Path) -> str:
    return saved(LATENTS, str(tmp_path / "latents.npz"))


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return tmp_path / "plan.json"


def test_plan_writes_the_plan_that_the_function_makes(
    latents: str, plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", latents, "--seed", "7", "-o", str(plan)]) == 0
    made = StudyPlan.from_json(plan.read_text())
    assert made == plan_study(LATENTS, Design(), seed=7)
    told = capsys.readouterr().out
    assert told.startswith(f"Plan of seed 7 written to {plan}: 12 examples, 20 trials (truths: '")


def test_every_field_of_the_design_has_an_option(latents: str, plan: Path) -> None:
    options = "--class-names 4 1 --examples-per-class 2 --trials 6 --rule max_min --merge-small --nearest 12"
    assert main(["plan", latents, "--seed", "1", "-o", str(plan), *options.split()]) == 0
    assert StudyPlan.from_json(plan.read_text()).design == Design(
        classes=("4", "1"), examples_per_class=2, trials=6, rule="max_min", merge_small=True, nearest=12
    )
    assert main(["plan", latents, "--seed", "1", "-o", str(plan), "--classes", "5"]) == 0
    assert StudyPlan.from_json(plan.read_text()).design == Design(classes=5)


def test_json_prints_one_object(latents: str, plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["plan", latents, "--seed", "7", "-o", str(plan), "--json"])
    made = StudyPlan.from_json(plan.read_text())
    assert json.loads(capsys.readouterr().out) == {
        "seed": 7,
        "classes": list(made.classes),
        "truths": made.truths,
        "images": 72,
        "design": Design().to_dict(),
        "latents": LATENTS.digest(),
        "plan": str(plan),
    }
    assert main(["verify", str(plan), latents, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verified"] is True


def test_verify_agrees_with_a_plan_and_finds_a_changed_one(
    latents: str, plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["plan", latents, "--seed", "7", "-o", str(plan)])
    assert main(["verify", str(plan), latents]) == 0
    assert "agrees with its seed and latents" in capsys.readouterr().out
    plan.write_text(plan.read_text().replace('"seed": 7', '"seed": 8'))
    assert main(["verify", str(plan), latents]) == 1
    assert capsys.readouterr().err == (
        "sampling: The plan is not what seed 8 gives for its design: examples, trials differ.\n"
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ["--trials", "30"],
            "The study needs 3 classes of at least 34 images, but there are 0 such, too small: '0'",
        ),
        (["--trials", "0"], "trials must be a whole number of at least 1, not 0."),
        (["--seed", "-1"], "The seed must be a whole number from 0 to 9223372036854775807, not -1."),
        (["--class-names", "0", "x"], "There is no class 'x'; there are '0', '1', '2', '3', '4', '5'."),
        (
            ["-o", "/nowhere/plan.json"],
            "The plan cannot be written to /nowhere/plan.json: No such file or directory; "
            "check folder and disk.",
        ),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    latents: str, plan: Path, capsys: pytest.CaptureFixture[str], options: list[str], sentence: str
) -> None:
    assert main(["plan", latents, "--seed", "7", "-o", str(plan), *options]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"sampling: {sentence}")
    assert told.err.count("\n") == 1
    assert not plan.exists()


def test_bad_files_are_one_sentence_and_exit_code_2(
    tmp_path: Path, latents: str, plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    z = LATENTS.z.astype(np.float64)
    np.savez(
        tmp_path / "nan.npz",
        z=z * np.nan,
        labels=LATENTS.labels,
        ids=LATENTS.ids,
        class_names=LATENTS.class_names,
    )
    assert main(["plan", str(tmp_path / "nan.npz"), "--seed", "7", "-o", str(plan)]) == 2
    assert main(["plan", str(tmp_path / "none.npz"), "--seed", "7", "-o", str(plan)]) == 2
    assert main(["verify", str(plan), latents]) == 2
    plan.write_text("{}")
    assert main(["verify", str(plan), latents]) == 2
    assert [line.split(":")[1].split("'")[0].strip() for line in capsys.readouterr().err.splitlines()] == [
        "The latent of",
        f"There is no file {tmp_path}/none.npz; `python -m synvae_core encode` writes one.",
        f"The plan {plan} cannot be read",
        "This is not a plan of version 1; plan the study again.",
    ]


def test_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["plan", "--help"]):
        with pytest.raises(SystemExit):
            main(arguments)
        assert "python -m sampling plan latents.npz --seed 7 -o plan.json" in capsys.readouterr().out


def test_the_module_runs_and_loads_neither_django_nor_torch(latents: str, plan: Path) -> None:
    code = (
        "import runpy, sys\n"
        f"sys.argv = ['sampling', 'plan', {latents!r}, '--seed', '7', '-o', {str(plan)!r}]\n"
        "try: runpy.run_module('sampling', run_name='__main__')\n"
        "except SystemExit as end: assert end.code == 0\n"
        "assert not {'django', 'torch'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
    assert Latents.load(latents).digest() == StudyPlan.from_json(plan.read_text()).latents


def test_verifying_has_examples_in_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["verify", "--help"])
    assert "python -m sampling verify plan.json latents.npz" in capsys.readouterr().out
