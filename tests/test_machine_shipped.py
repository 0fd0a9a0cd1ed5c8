"""The machine listeners on digits drawn here, with the models that the product ships."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from analysis.machine.files import machine_json, read_machine
from analysis.machine.measuring import Layout, Measured, listen
from study.domain import translation
from synvae_core.data import ImageSet

DIGITS, EXAMPLES, TRIALS = ("0", "1", "4"), 4, 9


def digits() -> ImageSet:
    """White digits on black, each at another place and size, class by class."""
    rng = np.random.default_rng(1)
    pixels, labels = [], []
    for label, digit in enumerate(DIGITS):
        for _ in range(EXAMPLES + TRIALS):
            size, (x, y) = int(rng.integers(20, 24)), rng.integers(-1, 2, 2)
            image = Image.new("L", (28, 28))
            font = ImageFont.load_default(size=size)
            place = (14 + int(x), 14 + int(y))
            ImageDraw.Draw(image).text(place, digit, fill=255, font=font, anchor="mm", stroke_width=1)
            pixels.append(np.asarray(image, dtype=np.float32)[:, :, np.newaxis] / 255)
            labels.append(label)
    ids = tuple(f"{DIGITS[label]}-{number}" for number, label in enumerate(labels))
    return ImageSet(np.stack(pixels), np.array(labels), DIGITS, ids)


@pytest.mark.django_db
def test_the_shipped_model_recognises_its_own_music() -> None:
    images = digits()
    by_class = [[images.ids[row] for row in np.flatnonzero(images.labels == k)] for k in range(3)]
    plan = Layout(
        DIGITS,
        tuple(tuple(ids[:EXAMPLES]) for ids in by_class),
        tuple((tuple(ids[EXAMPLES + t] for ids in by_class), t % 3) for t in range(TRIALS)),
    )
    translator = translation.open_translator("mnist")
    clips = [melody.to_midi_bytes() for melody in translation.translate(translator, images)]
    found = translation.listen(translator, images, clips)
    assert found.again == len(images)
    measured = Measured(images.ids, found.heard, found.visual, found.features)
    machine = listen(plan, measured, model="mnist")
    right = [trial.choice("model") == trial.truth for trial in machine.trials]
    assert np.mean(right) >= 0.8
    assert machine.sharpness > 0
    assert all(0 < trial.confidence("naive") <= 1 for trial in machine.trials)
    assert read_machine(machine_json(machine).encode()) == machine
