"""The command that turns anybody's melodies into pictures."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from synvae_core.cli import main
from synvae_core.melody.tunes import read_tune
from synvae_core.training.checkpoint import load_tensors
from synvae_core.training.models import StoredReverse, load_reverse, save_model, weights_digest
from tests.synvae_core.tiny import MUSICAL
from tests.synvae_core.tunes_made import ABC, SCALE, midi, track


def test_a_picture_s_melody_becomes_its_reconstruction(tiny_synvae: Path, tmp_path: Path) -> None:
    Image.new("L", (28, 28), 255).save(tmp_path / "white.png")
    model = ["--model", str(tiny_synvae)]
    assert main(["translate", str(tmp_path / "white.png"), "-o", str(tmp_path / "out"), *model]) == 0
    assert main(["translate", str(tmp_path / "out/white.mid"), "-o", str(tmp_path / "back.PNG"), *model]) == 0
    with (
        Image.open(tmp_path / "back.PNG") as back,
        Image.open(tmp_path / "out/white-reconstruction.png") as there,
    ):
        np.testing.assert_array_equal(np.asarray(back), np.asarray(there))


@pytest.fixture
def reverse(tiny_synvae: Path, tmp_path: Path) -> Path:
    """The folder of a tiny SynVAE of melodies, made of the halves of one of images."""
    visual, music = tiny_synvae / "visvae", tiny_synvae.parent / "music"
    stored = StoredReverse(model=MUSICAL, pictures=str(visual), pictures_digest=weights_digest(visual))
    save_model(tmp_path / "reverse", stored, load_tensors(music / "model.safetensors")[0])
    return tmp_path / "reverse"


def test_a_model_of_melodies_imagines_with_its_own_halves_and_takes_no_pictures(
    reverse: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = ["--model", str(reverse), "-o", str(tmp_path / "out")]
    tune = midi(tmp_path / "a.mid", track(SCALE))
    assert main(["translate", str(tune), *model]) == 0
    synvae = load_reverse(reverse)
    heard = torch.tensor(read_tune(tune, 32).melody.tokens[np.newaxis])
    with torch.no_grad():
        expected = synvae.express(synvae.encode(heard)[0])[0, 0]
    with Image.open(tmp_path / "out" / "a.png") as shown:
        seen = np.asarray(shown)[::10, ::10]
    np.testing.assert_array_equal(seen, np.rint(expected.numpy() * 255))
    capsys.readouterr()
    assert main(["translate", str(tmp_path / "out" / "a.png"), *model]) == 2
    assert "was trained to turn melodies into pictures" in capsys.readouterr().err


def test_a_folder_of_melodies_becomes_pictures_and_says_what_was_read(
    tiny_synvae: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "tunes"
    folder.mkdir()
    midi(folder / "a.mid", track(SCALE))
    midi(folder / "b.MIDI", track([(36, 0, 4)], drums=True))
    (folder / "c.abc").write_text(ABC)
    (folder / "notes.txt").write_text("not a tune")
    arguments = ["translate", str(folder), "-o", str(tmp_path / "out"), "--model", str(tiny_synvae)]
    assert main(arguments) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        f"{folder}/a.mid: 8 notes, C4 to G4, 4.0 notes a bar, 4.0 s; bars 1 to 2 of 4",
        f"  {tmp_path}/out/a.png",
        f"{folder}/c.abc: 7 notes, G4 to F#5, 3.5 notes a bar, 4.0 s; bars 1 to 2 of 3",
        f"  {tmp_path}/out/c.png",
    ]
    assert printed.err.splitlines() == [
        f"left out: {folder}/b.MIDI cannot be heard as a melody: it has no melody, only 1 drum note.",
        "  left out: 1 more tune",
    ]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.png", "c.png"]
    assert main([*arguments, "--bar", "3", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)["tunes"][0]
    assert (report["tune"], report["bars"]) == (f"{folder}/a.mid", {"first": 3, "last": 4, "of": 4})


def test_melodies_that_cannot_be_translated_are_refused_in_one_sentence(
    tiny_synvae: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tune = str(midi(tmp_path / "a.mid", track(SCALE)))
    other = str(midi(tmp_path / "b.mid", track(SCALE)))
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    for arguments, sentence in {
        (tune, "picture.png"): "Pictures and melodies cannot be translated at once: leave out picture.png",
        (str(tmp_path / "empty"),): "holds no melodies (.abc, .mid, .midi)",
        (
            tune,
            other,
            "-o",
            "one.png",
        ): "2 melodies become as many pictures: give a folder instead of one.png",
        (tune, "--bar", "9"): "it has 4 bars, and no bar 9",
        (tune, "-o", str(tmp_path / "file" / "a.png")): "a.png cannot be written (File exists)",
    }.items():
        assert main(["translate", *arguments, "--model", str(tiny_synvae)]) == 2
        printed = capsys.readouterr()
        assert sentence in printed.err
        assert (printed.err.count("\n"), printed.out) == (1, "")
