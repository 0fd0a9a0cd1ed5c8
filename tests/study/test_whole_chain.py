"""From ten pictures per class to Figure 2, with a tiny untrained model and everything else real."""

from pathlib import Path

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from PIL import Image
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from study.domain import building, rehearsal, results, studies
from study.domain.rehearsal import Cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def thirty_pictures(product: Settings) -> Path:
    """Ten pictures of each of three classes: bars, boxes and noise."""
    folder: Path = product.PICTURE_FOLDERS / "thirty"
    generator = np.random.default_rng(5)
    for name in ("bars", "boxes", "noise"):
        (folder / name).mkdir(parents=True)
        for number in range(10):
            grid = np.zeros((40, 40), dtype=np.uint8)
            if name == "bars":
                grid[:, number * 2 : number * 2 + 8] = 255
            elif name == "boxes":
                grid[5 + number : 30, 5 + number : 30] = 255
            else:
                grid = (255 * (generator.random((40, 40)) < 0.5)).astype(np.uint8)
            Image.fromarray(grid).save(folder / name / f"{number}.png")
    return folder


def test_from_pictures_to_figure_2(
    alice: User,
    thirty_pictures: Path,
    tiny_synvae: Path,
    product: Settings,
    live_server: LiveServer,
    tmp_path: Path,
) -> None:
    product.MODEL_FOLDERS.mkdir()
    (product.MODEL_FOLDERS / "tiny").symlink_to(tiny_synvae)
    design = {
        "title": "Shapes",
        "model": "tiny",
        "data": "folder:thirty",
        "examples_per_class": 1,
        "trial_count": 4,
    }
    study = studies.create(by=alice, configuration=design)
    built = building.run(building.request(study, by=alice).pk)
    assert built is not None
    assert (built.status, built.error) == ("done", "")
    study = studies.publish(study, by=alice)

    report = rehearsal.hold(study, live_server.url, Cast(sessions=3, accuracy=0.7))
    assert report.flawless
    assert report.stored == 12
    call_command("verify_orders", study.code)

    summary = results.summary(study, "simulated")
    assert (len(summary.volunteers), len(summary.trials)) == (3, 4)
    assert summary.accuracy == pytest.approx(report.accuracy)
    picture = tmp_path / "figure2.png"
    picture.write_bytes(results.figure(study, "simulated", suffix="png"))
    with Image.open(picture) as figure:
        assert figure.format == "PNG"
        assert min(figure.size) > 300
