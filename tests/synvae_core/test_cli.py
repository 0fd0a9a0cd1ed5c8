"""The command line: what it writes and prints, and that every failure is one sentence and a code."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pretty_midi
import pytest
import soundfile
from PIL import Image, ImageDraw

from synvae_core.cli import main
from synvae_core.cli.app import parser
from synvae_core.cli.familiarity import unfamiliar

COMMANDS = ("fetch", "corpus", "train", "sweep", "evaluate", "encode", "translate", "import", "export")


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A white stroke on black, as a digit would be."""
    image = Image.new("L", (280, 280))
    ImageDraw.Draw(image).line((80, 60, 200, 60, 110, 220), fill=255, width=24)
    image.save(tmp_path / "seven.png")
    return tmp_path / "seven.png"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])
    assert left.value.code == 0
    assert f"examples:\n  python -m synvae_core {command}" in capsys.readouterr().out


def test_an_unknown_command_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["sing"])
    assert left.value.code == 2
    assert "invalid choice: 'sing'" in capsys.readouterr().err


def test_translating_writes_midi_flac_mp3_and_pictures_and_says_what_it_heard(
    tiny_synvae: Path, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["translate", str(picture), "-o", str(out), "--model", str(tiny_synvae)]) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "seven-reconstruction.png",
        "seven-seen.png",
        "seven.flac",
        "seven.mid",
        "seven.mp3",
    ]
    assert [soundfile.info(out / f"seven.{kind}").duration for kind in ("flac", "mp3")] == [5.0, 5.0]
    assert pretty_midi.PrettyMIDI(str(out / "seven.mid")).instruments[0].notes
    with Image.open(out / "seven-reconstruction.png") as drawn:
        assert drawn.size == (280, 280)
    printed = capsys.readouterr()
    assert printed.out.startswith(f"{picture}: ")
    assert " notes a bar, 4.0 s" in printed.out
    assert "note:" not in printed.err


def test_translating_as_json_gives_one_object_with_one_entry_per_picture(
    tiny_synvae: Path, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [
        "translate",
        str(picture),
        str(picture),
        "-o",
        str(tmp_path),
        "--model",
        str(tiny_synvae),
        "--json",
    ]
    assert main(arguments) == 0
    pictures = json.loads(capsys.readouterr().out)["pictures"]
    assert [Path(entry["files"]["mid"]).name for entry in pictures] == ["seven.mid", "seven-2.mid"]
    assert all(Path(file).is_file() for entry in pictures for file in entry["files"].values())
    assert pictures[0]["heard"] == pictures[1]["heard"]
    assert pictures[0]["heard"]["notes"] > 0
    assert pictures[0]["clip"] == {"seconds": 5.0, "lufs": pytest.approx(-23, abs=0.1)}


def test_a_picture_that_is_no_stroke_on_black_is_translated_with_a_note(
    tiny_synvae: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("RGB", (90, 60), "white").save(tmp_path / "white.jpg")
    arguments = ["translate", str(tmp_path / "white.jpg"), "-o", str(tmp_path), "--model", str(tiny_synvae)]
    assert main(arguments) == 0
    assert "so try --invert" in capsys.readouterr().err
    assert main([*arguments, "--invert"]) == 0
    assert "almost nothing is left" in capsys.readouterr().err
    with Image.open(tmp_path / "white-seen.png") as seen:
        assert np.asarray(seen).max() == 0


def test_pictures_are_familiar_by_their_ink_and_margin() -> None:
    pixels = np.zeros((28, 28, 1), dtype=np.float32)
    pixels[8:20, 13:16] = 1
    assert unfamiliar(pixels) is None
    pixels[:, 13:16] = 1
    pixels[0:2] = 1
    assert "handwritten digits" in str(unfamiliar(pixels))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["fetch", "imagenet"], "There is nothing to fetch for 'imagenet'"),
        (["corpus", "--bars", "0"], "A window has at least 1 bar"),
        (["train", "no-such-recipe"], "There is no recipe no-such-recipe"),
        (["encode", "mnist", "--model", "nowhere"], "There is no model"),
        (["translate", "missing.jpg", "--model", "nowhere"], "There is no model"),
    ],
)
def test_a_failure_is_one_sentence_and_exit_code_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith(f"python -m synvae_core {arguments[0]}: {sentence}")
    assert (printed.err.count("\n"), printed.out) == (1, "")


def test_a_picture_that_is_missing_or_no_picture_is_named(
    tiny_synvae: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "fake.png").write_text("no picture")
    for name in ("fake.png", "missing.png"):
        assert (
            main(["translate", str(tmp_path / name), "-o", str(tmp_path), "--model", str(tiny_synvae)]) == 2
        )
        assert f"{name} cannot be used" in capsys.readouterr().err


def test_ctrl_c_ends_with_130_and_no_traceback(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    os.mkfifo(recipe)
    command = [sys.executable, "-m", "synvae_core", "train", str(recipe), "-o", str(tmp_path / "run")]

    # A job in the background hands down an ignored Ctrl-C, which a terminal does not.
    def as_in_a_terminal() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=as_in_a_terminal) as process:
        writer = os.open(recipe, os.O_WRONLY)  # returns when the command has begun to read
        process.send_signal(signal.SIGINT)
        try:
            _, said = process.communicate(timeout=120)
        finally:
            process.kill()
            os.close(writer)
    assert process.returncode == 130
    assert said.strip() == "python -m synvae_core train: stopped."


def test_parsing_loads_nothing_slow() -> None:
    code = (
        "import sys, synvae_core.cli.app as app; app.parser(); "
        "print([m for m in ('torch', 'note_seq', 'scipy', 'soundfile') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_command_takes_json() -> None:
    required = {
        "train": ["r"],
        "sweep": ["r", "-o", "f"],
        "encode": ["d"],
        "translate": ["p"],
        "import": ["s", "-o", "f"],
        "export": ["m"],
    }
    for command in COMMANDS:
        assert parser().parse_args([command, *required.get(command, []), "--json"]).json


def test_a_place_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("EARSIGHT_DATA", str(tmp_path / "file"))
    assert main(["corpus", "--bars", "1"]) == 2
    place = tmp_path / "file" / "downloads"
    sentence = (
        f"python -m synvae_core corpus: {place}: Not a directory; check folder and disk, then repeat.\n"
    )
    if "abc2midi is missing" not in (said := capsys.readouterr().err):
        assert said == sentence


def test_an_error_that_quotes_several_lines_is_told_in_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "recipe.yaml").write_text("task: visvae\n  steps: [1")
    assert main(["train", str(tmp_path / "recipe.yaml"), "-o", str(tmp_path / "run")]) == 2
    said = capsys.readouterr().err
    assert (said.count("\n"), "is not readable YAML" in said) == (1, True)
    assert not (tmp_path / "run").exists()


def test_a_translation_that_cannot_be_finished_leaves_nothing(
    tiny_synvae: Path, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    (out / "seven.mid").mkdir(parents=True)  # in the way of the melody
    arguments = ["translate", str(picture), "-o", str(out), "--model", str(tiny_synvae)]
    assert main(arguments) == 2
    assert f"{out} cannot be written to (Is a directory); choose another folder." in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == ["seven.mid"]
