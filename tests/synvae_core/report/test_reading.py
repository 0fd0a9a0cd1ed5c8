"""What a report reads: a run's log and recipe, a model card, an evaluation."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from synvae_core.metrics.evaluate import SynVaeMetrics
from synvae_core.metrics.mutual_information import MutualInformation
from synvae_core.report.card import card_html
from synvae_core.report.figures import confusion_tables, metrics_table
from synvae_core.report.history import Run, Series, read_run
from tests.synvae_core.report.subjects import EVALUATION, NAMES, PATH, SEEN


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


PIECES = ["# ", "* ", "- ", "| ", "|---|", "```", "**", "`", "[a](b)", "<b>", "&", "word", " ", "\n", "\n\n"]
OURS = r"</?(h[3-6]|p|ul|li|strong|code|pre|div|table|tr|td|th)( [a-z-]+=\"[^\"<>]*\")*>"


@given(some.lists(some.sampled_from(PIECES), max_size=30).map("".join) | some.text(max_size=60))
def test_no_card_breaks_the_page_or_loses_its_words(text: str) -> None:
    html = card_html(text)
    plain = re.sub(OURS, "", html)
    assert "<" not in plain
    assert ">" not in plain
    assert html.count("<p>") == html.count("</p>")
    if "```" not in text and "|" not in text:  # the words after ``` name a language, and rules draw lines
        assert plain.count("word") == text.count("word")


def test_the_shipped_cards_have_no_markdown_left(repository: Path) -> None:
    cards = sorted((repository / "synvae_core" / "pretrained").glob("*/MODEL_CARD.md"))
    assert len(cards) >= 4
    for card in cards:
        text = re.sub(r"<pre.*?</pre>|<code>.*?</code>", "", card_html(card.read_text()), flags=re.DOTALL)
        assert not re.search(r"\*\*|```|^\||\]\(|^#", text, re.MULTILINE), card


def test_figures_that_paths_have_are_rows() -> None:
    three = ("VisVAE", "SynVAE, latent path", "SynVAE, audible path")
    seen = "0.750 (0.301 to 0.954)"
    table = metrics_table(EVALUATION)
    assert table.columns == three
    assert table.rows == (
        ("Squared error", ("20.0 ± 0.3",) * 3),
        ("KL, nats", ("12.5",) * 3),
        ("P@1, means", ("0.750",) * 3),
        ("P@10, means", ("0.500 ± 0.010",) * 3),
        ("P@1, drawn", ("0.750",) * 3),
        ("Accuracy, judge of originals", (seen,) * 3),
        ("Mean one-vs-rest accuracy, judge of originals", ("0.833",) * 3),
    )


def test_figures_that_only_some_paths_have_are_dashes_elsewhere() -> None:
    known = MutualInformation(2.5, (2.4, 2.6), 2.3, (2.2, 2.4), 0.01, 0.1, 1.9, 2.1, 20.0, (9, 9, 9))
    audible = replace(PATH, melodies=SEEN, own_judge=SEEN, mutual_information=known)
    full = replace(EVALUATION, synvae=SynVaeMetrics(PATH, audible))
    assert metrics_table(full).rows[-6:] == (
        ("Accuracy, judge of own reconstructions", ("–", "–", "0.750 (0.301 to 0.954)")),
        ("Mean one-vs-rest accuracy, judge of originals", ("0.833",) * 3),
        ("Mean one-vs-rest accuracy, judge of own reconstructions", ("–", "–", "0.833")),
        ("Accuracy from melodies alone", ("–", "–", "0.750 (0.301 to 0.954)")),
        ("I(z_v; z_a), nats", ("–", "–", "2.50 (2.40 to 2.60)")),
        ("I(z_v; z_a), at least (95 %)", ("–", "–", "2.10")),
    )
    captions = [table.caption for table in confusion_tables(full)]
    assert captions[2:] == [
        "SynVAE, audible path: what a classifier of originals sees",
        "SynVAE, audible path: what a classifier of this path’s own reconstructions sees",
        "SynVAE, audible path: what a classifier of melodies alone hears",
    ]


def test_a_confusion_is_a_table_with_its_diagonal_marked() -> None:
    table = confusion_tables(EVALUATION)[0]
    assert table.columns == NAMES
    assert [cells for _, cells in table.rows] == [("1", "0", "0"), ("0", "1", "0"), ("1", "0", "1")]
    assert table.marks == {(0, 0), (1, 1), (2, 2)}
