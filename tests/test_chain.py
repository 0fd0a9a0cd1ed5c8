"""The whole chain on tiny models: ten pictures a class to a published result, each step by its real code."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from PIL import Image, ImageDraw
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from study.domain import building, rehearsal, results, studies
from study.domain.rehearsal import Cast
from study.domain.selecting import Selection
from study.models import Session, Stimulus
from synvae_core.training.config import parse_recipe
from synvae_core.training.loop import run
from tests.synvae_core.tiny import save_tiny_corpus
from tests.world import MakeStudy

LOOP = {"batch": 8, "steps": 20, "validate_every": 10, "save_every": 10, "seed": 3, "learning_rate": 0.01}
PICTURE = {"kind": "mnist", "latent": 8, "widths": [4, 4]}
MUSIC = {"steps": 32, "latent": 8, "encoder": [8], "decoder": [8], "bars": 2, "bar_start": "empty"}
CLASSES = ("bars", "discs", "frames")


def draw_pictures(folder: Path) -> str:
    """Ten pictures of each of three shapes, moved a little; returns their data name."""
    generator = np.random.default_rng(5)
    for name in CLASSES:
        (folder / name).mkdir(parents=True)
        for number in range(10):
            picture = Image.new("L", (28, 28))
            x, y = (int(v) for v in generator.integers(0, 6, 2))
            pen, box = ImageDraw.Draw(picture), (4 + x, 4 + y, 18 + x, 18 + y)
            if name == "discs":
                pen.ellipse(box, fill=255)
            elif name == "frames":
                pen.rectangle(box, outline=255, width=2)
            else:
                pen.rectangle((4 + x, 9 + y, 18 + x, 13 + y), fill=255)
            picture.save(folder / name / f"{number:02}.png")
    return f"folder:{folder}"


def train(data: str, folder: Path) -> None:
    """Train the three models for a few steps: the SynVAE's folder, its VisVAE inside."""
    pictures = LOOP | {"data": data, "model": PICTURE}
    run(parse_recipe(pictures | {"task": "visvae"}), folder / "visvae", quiet=True)
    run(parse_recipe(LOOP | {"task": "musicvae", "model": MUSIC}), folder.parent / "music", quiet=True)
    music = {"task": "synvae", "music": str(folder.parent / "music"), "start_from": str(folder / "visvae")}
    run(parse_recipe(pictures | music), folder, quiet=True)


@pytest.mark.django_db(transaction=True)
def test_from_ten_pictures_a_class_to_figure_2(
    make_study: MakeStudy,
    product: Settings,
    live_server: LiveServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EARSIGHT_DATA", str(tmp_path / "data"))
    save_tiny_corpus(tmp_path / "data")
    train(draw_pictures(product.PICTURE_FOLDERS / "shapes"), product.MODEL_FOLDERS / "shapes")

    study = make_study("draft", model="shapes", data="folder:shapes", examples_per_class=2, trial_count=6)
    owner = study.owner
    build = building.run(building.request(study, by=owner).pk)
    assert build is not None
    assert (build.status, build.error) == ("done", "")
    study.refresh_from_db()
    assert study.stimuli is not None
    assert tuple(study.stimuli.class_names) == CLASSES
    assert Stimulus.objects.filter(set=study.stimuli).count() == 3 * (2 + 6)

    study = studies.publish(study, by=owner)
    report = rehearsal.hold(study, live_server.url, Cast(sessions=3, accuracy=0.7, at_once=1))
    assert (report.flawless, report.stored, report.lost) == (True, 18, 0)
    call_command("verify_orders", study.code)

    summary = results.summary(study, Session.Mode.SIMULATED)
    rows = list(csv.DictReader(io.StringIO(results.long_csv(study, Session.Mode.SIMULATED))))
    right = [row["chosen_class"] == row["truth_class"] for row in rows]
    assert len(rows) == 18
    assert summary.accuracy == pytest.approx(np.mean(right))
    with Image.open(
        io.BytesIO(results.figure(study, Selection(Session.Mode.SIMULATED), suffix="png"))
    ) as figure:
        assert min(figure.size) > 300
