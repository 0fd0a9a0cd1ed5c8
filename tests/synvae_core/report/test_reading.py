"""What a report reads: a run's log and recipe, a model card, an evaluation."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from synvae_core.report.card import card_html
from synvae_core.report.figures import confusion_tables, further_table, metrics_table
from synvae_core.report.history import Run, Series, read_run

PATH = {"mse": 16.43, "accuracy": 0.99}


def row(step: int, loss: float, **more: float) -> str:
    return json.dumps({"step": step, "train": {"loss": loss + 1}, "validation": {"loss": loss} | more})


def test_a_run_is_read_with_its_last_word_on_each_step(tmp_path: Path) -> None:
    lines = [row(10, 5.0), row(20, 9.0), row(20, 4.0, mse=3.0), '{"step": 30, "tr']
    (tmp_path / "metrics.jsonl").write_text("\n".join(lines))
    (tmp_path / "recipe.json").write_text(
        json.dumps({"beta": 0.5, "clip": None, "bfloat16": True, "model": {"kind": "mnist", "widths": None}})
    )
    assert read_run(tmp_path, "mine") == Run(
        "mine",
        (
            Series("loss", ((10, 6.0), (20, 5.0)), ((10, 5.0), (20, 4.0))),
            Series("mse", (), ((20, 3.0),)),
        ),
        {"beta": "0.5", "clip": "none", "bfloat16": "yes", "model": "kind mnist"},
    )


@pytest.mark.parametrize("log", ["", "nonsense", '[1]\n{"step": "one"}\n{"step": 1}', "\udc80"])
def test_a_folder_without_a_run_or_with_nonsense_has_none(tmp_path: Path, log: str) -> None:
    (tmp_path / "metrics.jsonl").write_bytes(log.encode("utf-8", "surrogateescape"))
    (tmp_path / "recipe.json").write_text("[]")
    assert read_run(tmp_path, "mine") is None
    assert read_run(tmp_path / "nowhere", "mine") is None


def test_values_that_are_no_numbers_are_left_out_of_curves(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "validation": {"loss": NaN, "mse": "high"}}\n')
    run = read_run(tmp_path, "mine")
    assert run is not None
    assert run.series == (Series("loss", (), ()), Series("mse", (), ()))


def test_a_card_becomes_html_and_nothing_in_it_becomes_markup() -> None:
    card = (
        "# name <b>\n\n**Bold `code`** and [a link](https://example.org/x).\n\n* one\n* two\n  more\n\n"
        "| | a |\n|---|--:|\n| x | `1|` |\n\n```\nif a < b:\n\n    pass\n```\n"
    )
    html = card_html(card)
    assert html.startswith(
        "<h3>name &lt;b&gt;</h3>\n<p><strong>Bold <code>code</code></strong> and a link.</p>\n<ul><li>one"
    )
    assert '<tr><td></td><th scope="col">a</th></tr>' in html
    assert '<th scope="row">x</th>' in html
    assert "<code>if a &lt; b:\n\n    pass</code>" in html


def test_the_shipped_cards_have_no_markdown_left(repository: Path) -> None:
    cards = sorted((repository / "synvae_core" / "pretrained").glob("*/MODEL_CARD.md"))
    assert len(cards) >= 4
    for card in cards:
        text = re.sub(r"<pre.*?</pre>|<code>.*?</code>", "", card_html(card.read_text()), flags=re.DOTALL)
        assert not re.search(r"\*\*|```|^\||\]\(|^#", text, re.MULTILINE), card


def test_numbers_are_tables_whatever_they_are_called() -> None:
    evaluation = {
        "visvae": PATH,
        "synvae": {"latent": PATH | {"new_figure": 12}, "audible": PATH | {"interval": [0.1, 0.2]}},
        "music": {"onset_accuracy": 0.75},
    }
    assert metrics_table(evaluation).rows == (
        ("Squared error", ("16.4", "16.4", "16.4")),
        ("Accuracy", ("0.990", "0.990", "0.990")),
        ("New figure", ("–", "12", "–")),
    )
    further = further_table(evaluation)
    assert further is not None
    assert further.rows == (("Music: onset accuracy", ("0.750",)),)
    assert further_table({"visvae": PATH}) is None
    assert metrics_table({}).rows == ()


def test_every_confusion_is_a_table() -> None:
    seen = {"confusion": [[5, 1], [0, 1200]], "class_names": ["a", "b"]}
    (table,) = confusion_tables({"visvae": PATH, "synvae": {"audible": {"originals": seen}}})
    assert table.caption == "SynVAE, audible path: Originals"
    assert table.rows == (("a", ("5", "1")), ("b", ("0", "1,200")))
    assert table.columns == ("seen as a", "seen as b")
    assert table.marks == {(0, 0), (1, 1)}
