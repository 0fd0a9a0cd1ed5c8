"""The whole report of a tiny model: its files, its words, its sounds; twice the same; safe from its data."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from synvae_core.cli import main
from synvae_core.data import stream
from synvae_core.melody import canonical_tokens
from synvae_core.musicvae.model import MusicVae
from synvae_core.report import ReportError, work, write_report
from synvae_core.report.files import Sounds
from synvae_core.report.gathering import TURNS, gather
from synvae_core.synvae import SynVae
from synvae_core.translator import Translator
from synvae_core.visvae import VisVae, VisVaeConfig, channels_first
from tests.synvae_core.report.subjects import images, subject
from tests.synvae_core.tiny import (
    LATENT,
    MUSICAL,
    save_tiny_classifier,
    save_tiny_corpus,
    save_tiny_synvae,
)

Element = tuple[str, dict[str, str]]


class Elements(HTMLParser):
    """Every element of a page with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.all: list[Element] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, {name: value or "" for name, value in attrs}))

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.all if name == tag]


@pytest.fixture(scope="module")
def steps() -> list[int]:
    """The steps that the report of `index` has counted."""
    return []


@pytest.fixture(scope="module")
def index(tiny_synvae: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[int]) -> Path:
    """The page of a report; not to be changed."""
    return write_report(tmp_path_factory.mktemp("report"), subject(tiny_synvae), steps.append)


@pytest.fixture
def silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that cannot render, for tests that need no sound: rendering takes most of a report's time."""
    monkeypatch.setenv("EARSIGHT_SOUNDFONT", str(tmp_path / "none.sf2"))


def read(index: Path) -> Elements:
    return Elements(index.read_text())


def test_every_picture_and_sound_is_there_and_has_words(index: Path) -> None:
    found = read(index)
    pictures, players = found.named("img"), found.named("audio")
    rolls = [each for each in found.named("svg") if each.get("class") == "roll"]
    assert (len(pictures), len(players), len(rolls)) == (3 * 4 + 4 * 5, 3 + 4 * 5, 3 + 4 * 5)
    assert all(each["alt"] for each in pictures)
    assert all(each["aria-label"].startswith("Piano roll: ") for each in rolls)
    assert len({each["aria-label"] for each in players}) == len(players)
    for each in pictures:
        with Image.open(index.parent / each["src"]) as picture:
            assert picture.size == (280, 280)
    assert {path.name for path in index.parent.rglob("*.png")} == {Path(p["src"]).name for p in pictures}


def test_the_sounds_are_the_melodies_at_the_loudness_of_all_our_clips(index: Path) -> None:
    import pyloudnorm

    files = {each["src"] for each in read(index).named("audio")}
    assert {f"{path.parent.parent.name}/sounds/{path.name}" for path in index.parent.rglob("*.mp3")} == files
    for file in sorted(files)[:3]:
        sound, rate = soundfile.read(index.parent / file)
        assert len(sound) / rate == pytest.approx(5.0)  # two bars and the release
        assert pyloudnorm.Meter(rate).integrated_loudness(sound) == pytest.approx(-23, abs=0.5)


def test_the_page_needs_no_network_and_no_inline_code(index: Path) -> None:
    found = read(index)
    links = [value for _, each in found.all for name, value in each.items() if name in {"src", "href"}]
    assert all(re.match(r"#|data:,|report-[0-9a-f]{12}/", link) for link in links)
    assert not any(name.startswith("on") or name == "style" for _, each in found.all for name in each)
    assert [each.get("src", "").rpartition("/")[2] for each in found.named("script")] == ["report.js"]
    style = (index.parent / found.named("link")[1]["href"]).read_text()
    assert "url(" not in style
    assert "@import" not in style


def test_names_of_classes_stay_text(index: Path) -> None:
    assert "<script>alert" not in index.read_text()
    titles = re.findall(r"<h3 id=\"image-\d\">([^:]+):", index.read_text())
    assert titles == ["dots", "&lt;script&gt;alert(1)&lt;/script&gt;", "quotes&#34; onload=&#34;x"]


def test_headings_form_a_tree(index: Path) -> None:
    levels = [int(tag[1]) for tag, _ in read(index).all if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.usefixtures("silent")
def test_writing_again_gives_the_same_report(tiny_synvae: Path, tmp_path: Path) -> None:
    reports = []
    for name in ("one", "two"):
        write_report(tmp_path / name, subject(tiny_synvae))
        files = (path for path in (tmp_path / name).rglob("*") if path.is_file())
        reports.append({path.relative_to(tmp_path / name): path.read_bytes() for path in files})
        torch.manual_seed(99)  # nothing is drawn from torch's own generator
    assert reports[0] == reports[1]


def test_every_step_is_counted(index: Path, steps: list[int]) -> None:
    rendered = len(list(index.parent.rglob("*.mp3")))  # a melody that occurs twice is rendered once
    before = 9 + 24 + 20 + 2 * 24  # on the paths, to the maps, melodies of traversals, on the maps
    assert (work(24, 3), sum(steps)) == (before + 23, before + rendered)


def test_what_is_shown_is_what_the_model_does(tiny_synvae: Path) -> None:
    made = subject(tiny_synvae)
    translator = made.translator
    shown = gather(images(), translator, None, pictures=3, seed=0)
    assert [view.seen for example in shown.examples for view in example.paths] == [None] * 9
    for example in shown.examples:
        row = images().ids.index(example.id)
        one = images().subset([row])
        assert example.class_name == one.class_names[one.labels[0]]
        assert example.melody == translator.translate(one)[0]
        heard = translator.reconstruct(one)[0]
        np.testing.assert_allclose(example.paths[2].picture, heard, atol=0.5 / 255 + 1e-6)
    with torch.no_grad():
        means = translator.synvae.encode(channels_first(images().pixels))[0].numpy()
    np.testing.assert_allclose(shown.z_v, means, atol=1e-5)
    most = np.argsort(-means.var(axis=0), kind="stable")[:4]
    assert [traversal.dimension for traversal in shown.traversals] == most.tolist()
    base = means[images().ids.index(shown.base_id)]
    for traversal in shown.traversals:
        z = np.repeat(base[np.newaxis], len(TURNS), axis=0)
        z[:, traversal.dimension] = TURNS
        assert [turn.melody for turn in traversal.turns] == translator.melody(z)
        tokens = np.array([turn.melody.tokens for turn in traversal.turns])
        assert (tokens == canonical_tokens(tokens)).all()


@pytest.mark.usefixtures("silent")
def test_a_machine_that_cannot_render_gets_a_page_without_players_that_says_so(
    tiny_synvae: Path, tmp_path: Path
) -> None:
    made = write_report(tmp_path / "out", subject(tiny_synvae))
    assert read(made).named("audio") == []
    assert "There are no players on this page.</strong> The SoundFont" in made.read_text()
    assert len([svg for svg in read(made).named("svg") if svg.get("class") == "roll"]) == 23
    assert list((tmp_path / "out").rglob("*.mp3")) == []


@pytest.mark.usefixtures("silent")
def test_two_images_make_a_report_without_maps(tiny_synvae: Path, tmp_path: Path) -> None:
    made = write_report(tmp_path, subject(tiny_synvae, images=images(2), judge=None))
    assert made.read_text().count("There is no map of fewer than 5 images.") == 2
    assert len(read(made).named("article")) == 2


@pytest.mark.usefixtures("silent")
def test_images_without_classes_are_refused(tiny_synvae: Path, tmp_path: Path) -> None:
    nameless = replace(images(), labels=np.full(24, -1))
    with pytest.raises(ReportError, match="none of these has one"):
        write_report(tmp_path, subject(tiny_synvae, images=nameless))


@pytest.mark.usefixtures("silent")
def test_runs_and_cards_are_shown_where_they_are(tiny_synvae: Path, tmp_path: Path) -> None:
    run, card = tmp_path / "my-run", tmp_path / "CARD.md"
    run.mkdir()
    rows = [{"step": step, "validation": {"loss": 9.0 / step}} for step in (1, 2)]
    (run / "metrics.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (run / "recipe.json").write_text('{"beta": 0.5}')
    card.write_text("# tiny\n\nA **toy**.")
    made = write_report(tmp_path / "out", subject(tiny_synvae, folders=[run, tmp_path], cards=[card, run]))
    text = made.read_text()
    assert "loss in validation goes from 9 at step 1 to 4.5 at step 2" in text
    assert "<dt>beta</dt><dd>0.5</dd>" in text
    assert "<p>A <strong>toy</strong>.</p>" in text


@pytest.fixture
def evaluation(tiny_synvae: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command that evaluates the tiny model on twenty pictures and writes its report into `out`."""
    monkeypatch.setenv("EARSIGHT_DATA", str(tmp_path / "data"))
    save_tiny_corpus(tmp_path / "data")
    for place, digit in enumerate("0123456789" * 2):
        file = tmp_path / "digits" / digit / f"{place}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.random.default_rng(place).integers(0, 255, (28, 28), dtype=np.uint8)).save(file)
    judge = save_tiny_classifier(tmp_path / "judge")
    arguments = ["evaluate", f"folder:{tmp_path / 'digits'}", "--classifier", str(judge)]
    return [*arguments, "--model", str(tiny_synvae), "--report", str(tmp_path / "out")]


@pytest.mark.usefixtures("silent")
def test_the_command_writes_a_report_beside_its_numbers(
    evaluation: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "out" / "index.html"
    assert main([*evaluation, "--report-images", "2"]) == 0
    assert capsys.readouterr().out.endswith(f"The report is {made}; open it in a browser.\n")
    assert len(read(made).named("article")) == 2
    assert main([*evaluation, "--report-images", "3", "--json"]) == 0
    printed = capsys.readouterr()
    assert set(json.loads(printed.out)) >= {"visvae", "synvae", "music"}
    assert f"The report is {made}" in printed.err
    assert len(read(made).named("article")) == 3


def test_a_report_that_fails_at_the_end_costs_no_numbers(
    evaluation: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(sounds: Sounds, folder: Path, step: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Sounds, "write", full)
    assert main([*evaluation, "--json"]) == 2
    printed = capsys.readouterr()
    assert "visvae" in json.loads(printed.out)
    assert "cannot be written to (No space left on device)" in printed.err
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.usefixtures("silent")
def test_colour_pictures_that_are_read_from_disk_are_shown_in_colour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARSIGHT_DATA", str(tmp_path / "data"))  # where they are unpacked
    for place in range(8):
        file = tmp_path / "pictures" / f"class {place % 2}" / f"{place}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40, 50), (250, 30 * place, 10)).save(file)
    net = VisVaeConfig(kind="cifar", latent=LATENT, widths=(2, 3, 4))
    translator = Translator(SynVae(VisVae(net), MusicVae(MUSICAL)), VisVae(net))
    source = stream(f"folder:{tmp_path / 'pictures'}", shape=(32, 32, 3))
    model = save_tiny_synvae(tmp_path / "models")
    about = subject(model, images=source, translator=translator, judge=None, pictures=4)
    made = write_report(tmp_path / "out", about)
    originals = [each["src"] for each in read(made).named("img") if each["src"].endswith("-original.png")]
    ids = re.findall(r"<h3 id=\"image-\d\">class \d: [^<]*?(\d)\.png<", made.read_text())
    shown = [Image.open(made.parent / source) for source in originals]
    assert [picture.size for picture in shown] == [(256, 256)] * 4
    assert [picture.getpixel((9, 9)) for picture in shown] == [(250, 30 * int(id_), 10) for id_ in ids]


def test_a_place_that_cannot_be_is_refused_before_any_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    assert main(["evaluate", "mnist", "--model", "nowhere", "--report", str(tmp_path / "file")]) == 2
    printed = capsys.readouterr()
    assert "is a file, and a report needs a folder" in printed.err
    run = ["--report", str(tmp_path / "out"), "--report-run", str(tmp_path)]
    assert main(["evaluate", "mnist", "--model", "nowhere", *run]) == 2
    assert "holds no training run: there is no metrics.jsonl or recipe.json" in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "mine"
