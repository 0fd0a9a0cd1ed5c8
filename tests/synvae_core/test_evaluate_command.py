"""`evaluate` on the command line, with a tiny model and a folder of pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from synvae_core.cli import main
from synvae_core.metrics import mutual_information, own_judge
from synvae_core.metrics.fitting import Schedule
from tests.synvae_core.tiny import PAINTED, save_tiny_classifier, save_tiny_corpus, save_tiny_synvae


@pytest.fixture
def command(tiny_synvae: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Evaluates 40 pictures of ten classes, beside 240 to learn from, with schedules that are a taste."""
    generator = np.random.default_rng(0)
    for split, each in (("train", 24), ("test", 4)):
        for name in range(10):
            folder = tmp_path / "digits" / split / str(name)
            folder.mkdir(parents=True)
            for i in range(each):
                pixels = (generator.random((28, 28)) < 0.1 + 0.08 * name).astype(np.uint8) * 255
                Image.fromarray(pixels).save(folder / f"{i}.png")
    monkeypatch.setenv("EARSIGHT_DATA", str(tmp_path / "data"))
    save_tiny_corpus(tmp_path / "data")
    judge = save_tiny_classifier(tmp_path / "judge")
    short = Schedule(epochs=1, batch=50)
    monkeypatch.setattr(own_judge, "SCHEDULE", short)
    monkeypatch.setattr("synvae_core.metrics.measuring.MELODY_SCHEDULE", short)
    monkeypatch.setattr("synvae_core.metrics.measuring.CRITIC_SCHEDULE", short)
    monkeypatch.setattr(mutual_information, "PAPER_EPOCHS", 1)
    data = f"folder:{tmp_path / 'digits'}"
    return ["evaluate", data, "--classifier", str(judge), "--model", str(tiny_synvae)]


def test_a_full_evaluation_scores_the_test_split_and_keeps_its_judges(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--full", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["images"] == 40
    assert found["training_images"] >= 200
    audible = found["synvae"]["audible"]
    assert np.sum(audible["own_judge"]["confusion"]) == np.sum(audible["melodies"]["confusion"]) == 40
    information = audible["mutual_information"]
    assert information["interval"][0] <= information["donsker_varadhan"] <= information["interval"][1]
    assert information["paper_style"]["value"] < information["paper_style"]["ceiling"]
    assert found["visvae"]["mutual_information"] is None
    assert len(list((tmp_path / "data" / "judges").iterdir())) == 3


def test_a_full_evaluation_for_people_says_what_melodies_carry(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--full"]) == 0
    printed = capsys.readouterr().out
    for start in (
        "VisVAE, by a judge of its own reconstructions: accuracy ",
        "SynVAE, audible path, I(z_v; z_a): ",
        "Melodies alone: accuracy ",
    ):
        assert sum(line.startswith(start) for line in printed.splitlines()) == 1
    assert "the paper's way" in printed


def test_what_cannot_be_full_is_refused_in_a_sentence(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--full", "--split", "train"]) == 2
    assert "would be learned from and scored" in capsys.readouterr().err
    assert main([*command, "--full", "--train-limit", "150"]) == 2
    assert "there are 150 of 10 and 40: give more, or leave out --full" in capsys.readouterr().err


def test_asking_some_images_alone_tells_its_standard_error(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--split", "test", "--queries", "15", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["visvae"]["precision_mean"]
    assert [(p["n"], p["queries"]) for p in found] == [(1, 15), (5, 15), (10, 15)]
    assert all(p["standard_error"] > 0 for p in found)
    assert main([*command, "--split", "test", "--queries", "15"]) == 0
    assert "15 asked" in capsys.readouterr().out


@pytest.fixture
def digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two random pictures of each of ten classes, their judge, and a corpus of melodies."""
    generator = np.random.default_rng(0)
    for name in "0123456789":
        (tmp_path / "digits" / name).mkdir(parents=True)
        for i in range(2):
            pixels = (generator.random((28, 28)) > 0.8).astype(np.uint8) * 255
            Image.fromarray(pixels).save(tmp_path / "digits" / name / f"{i}.png")
    monkeypatch.setenv("EARSIGHT_DATA", str(tmp_path))
    save_tiny_corpus(tmp_path)
    judge = save_tiny_classifier(tmp_path / "judge")
    return [f"folder:{tmp_path / 'digits'}", "--classifier", str(judge)]


def test_evaluating_prints_every_metric_as_one_object_the_same_each_time(
    tiny_synvae: Path, digits: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["evaluate", *digits, "--model", str(tiny_synvae)]
    assert main([*arguments, "--json"]) == 0
    printed = capsys.readouterr().out
    metrics = json.loads(printed)
    of_a_path = {"mse", "kl", "p10_sampled", "p10_mean", "accuracy"}
    assert set(metrics) == {"visvae", "synvae", "music", "images", "training_images", "seed"}
    assert set(metrics["music"]) == {"onset_accuracy", "density_ratio"}
    paths = (metrics["visvae"], metrics["synvae"]["latent"], metrics["synvae"]["audible"])
    assert all(set(path) > of_a_path for path in paths)
    assert main([*arguments, "--json"]) == 0
    assert capsys.readouterr().out == printed


def test_evaluating_for_people_is_a_table_and_a_limit_takes_fewer_images(
    tiny_synvae: Path, digits: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *digits, "--model", str(tiny_synvae), "--limit", "12"]) == 0
    lines = capsys.readouterr().out.splitlines()
    paths = ["VisVAE", "SynVAE, latent path", "SynVAE, audible path"]
    ends = ["Seen least often on the audible path:", "MusicVAE: onset accuracy"]
    starts = ["", *paths, "P@n of means", *paths, *ends]
    assert all(line.startswith(start) for line, start in zip(lines, starts, strict=True))


def test_as_few_images_as_neighbours_have_everything_but_that_precision(
    tiny_synvae: Path, digits: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["evaluate", *digits, "--model", str(tiny_synvae)]
    assert main([*arguments, "--limit", "10"]) == 0
    printed = capsys.readouterr().out
    assert "P@10 is left out: it asks for 10 neighbours, so give more than 10 images." in printed
    assert "n = 5" in printed
    assert main([*arguments, "--limit", "1", "--json"]) == 0
    path = json.loads(capsys.readouterr().out)["synvae"]["audible"]
    missing = {key: path[key] for key in ("p10_sampled", "p10_mean", "mse_error", "precision_mean")}
    assert missing == {"p10_sampled": None, "p10_mean": None, "mse_error": None, "precision_mean": []}


def test_accuracy_is_told_by_decisions_against_the_rest_as_well(
    tiny_synvae: Path, digits: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["evaluate", *digits, "--model", str(tiny_synvae)]
    assert main([*arguments, "--json"]) == 0
    path = json.loads(capsys.readouterr().out)["visvae"]
    against_rest = 1 - 2 * (1 - path["accuracy"]) / 10
    assert path["judged"]["mean_one_vs_rest_accuracy"] == pytest.approx(against_rest)
    assert main(arguments) == 0
    heading, visvae = capsys.readouterr().out.splitlines()[:2]
    assert heading.endswith("one-vs-rest")
    assert visvae.endswith(f" {against_rest:.3f}")


def test_pictures_of_another_shape_ask_for_a_judge_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_tiny_synvae(tmp_path, visual=PAINTED)
    assert main(["evaluate", "bam:/data/bam", "--model", str(tmp_path / "synvae")]) == 2
    said = capsys.readouterr().err
    assert "train one with 'train classifier-paintings --data bam:/data/bam -o FOLDER'" in said
    assert said.endswith("and give --classifier FOLDER.\n")


@pytest.mark.parametrize("limit", ["0", "-3", "many"])
def test_a_limit_is_a_whole_number_of_at_least_one(limit: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["evaluate", "--limit", limit])
    assert left.value.code == 2
    assert f"'{limit}' is not a whole number of at least 1" in capsys.readouterr().err
