"""Every test of the product works on a folder of its own."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytest_django import Settings

from study.models import Event, Study
from tests.synvae_core.tiny import save_tiny_synvae
from tests.world import MakeStudy, answer_all, answer_some, at_first_trial

SMALL = {
    "model": "synvae",
    "data": "folder:shapes",
    "class_count": 2,
    "examples_per_class": 1,
    "trial_count": 1,
}


@pytest.fixture(autouse=True)
def _own_folder(product: Settings) -> None:
    """Keep media and settings of a test away from the machine's."""


@pytest.fixture(scope="session")
def tiny_synvae(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny untrained SynVAE; not to be written to."""
    return save_tiny_synvae(tmp_path_factory.mktemp("models"))


@pytest.fixture
def pictures(product: Settings) -> Path:
    """Three classes of four pictures of 28 x 28, as a researcher would put them there."""
    folder: Path = product.PICTURE_FOLDERS / "shapes"
    generator = np.random.default_rng(3)
    for place, name in enumerate(("dots", "lines", "rings")):
        (folder / name).mkdir(parents=True)
        for number in range(4):
            grid = 255 * (generator.random((28, 28)) < 0.2 + 0.3 * place)
            Image.fromarray(grid.astype(np.uint8)).save(folder / name / f"{number}.png")
    return folder


@pytest.fixture
def draft(make_study: MakeStudy, pictures: Path, tiny_synvae: Path, product: Settings) -> Study:
    """A draft over the pictures, with a tiny untrained model."""
    product.MODEL_FOLDERS.mkdir()
    (product.MODEL_FOLDERS / "synvae").symlink_to(tiny_synvae)
    return make_study(status="draft", **SMALL)


@pytest.fixture
def translator(product: Settings, tiny_synvae: Path) -> None:
    """The tiny untrained model is what people's own pictures are translated with."""
    product.MODEL_FOLDERS.mkdir(exist_ok=True)
    (product.MODEL_FOLDERS / "tiny").symlink_to(tiny_synvae)
    product.HEAR_MODEL = "tiny"


@pytest.fixture
def answered(study: Study) -> Study:
    """Four live visits, one of them unfinished, one pilot, one simulated."""
    for person in range(3):
        visit = answer_all(at_first_trial(study), lambda position, person=person: position % 3 != person)  # type: ignore[misc]
        shown = visit.presentations.order_by("position")[0]
        Event.objects.create(session=visit, presentation=shown, kind="play", client_id="event-1", seconds=0.5)
    answer_some(at_first_trial(study), 2)
    answer_all(at_first_trial(study, mode="pilot"))
    answer_all(at_first_trial(study, mode="simulated"), lambda position: False)
    return study
