"""The released SQLite file: columns by name, labels from any of its three tables."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from synvae_core.data import DataError
from synvae_core.data.bam_settings import COLUMNS, BamSettings
from synvae_core.data.bam_sqlite import Module, Selection, select
from tests.synvae_core.data.bam_made import Marks, release, row

LABELS: dict[int, Marks] = {
    20: {"happy": 1, "oilpaint": 1},
    3: {"scary": 1, "gloomy": 0.5, "watercolor": 1},
    100: {"scary": 1, "oilpaint": 0.5},
    7: {"happy": 1, "comic": 1},
    8: {"happy": 1, "oilpaint": 1},
}
MODULES = [
    {"mid": 20, "src": "http://a.example/20.png", "project_id": 5, "license": "cc-by"},
    {"mid": 3, "src": "http://a.example/3.jpg"},
    {"mid": 100, "src": "http://a.example/100.jpg"},
    {"mid": 7, "src": "http://a.example/7.jpg"},
    {"mid": 8, "src": "http://a.example/8.jpg", "mature_content": 1},
    {"mid": 9, "src": "http://a.example/unlabelled.jpg"},
]


def chosen(path: Path, **settings: object) -> Selection:
    return select(path, BamSettings.model_validate(settings))


@pytest.fixture
def released(tmp_path: Path) -> Path:
    return release(tmp_path / "bam.sqlite", MODULES, LABELS)


@pytest.mark.parametrize("labels", ["automatic", "scores", "crowd", "auto"])
def test_labels_of_any_table_give_the_same_selection(released: Path, labels: str) -> None:
    selection = chosen(released, labels=labels)
    assert selection.modules == (
        Module(3, "", "http://a.example/3.jpg", "cc"),
        Module(20, "5", "http://a.example/20.png", "cc-by"),
    )
    np.testing.assert_array_equal(selection.labels, [row(LABELS[3], COLUMNS), row(LABELS[20], COLUMNS)])
    assert selection.mids.tolist() == [3, 20]


def test_auto_takes_the_first_table_that_is_there(tmp_path: Path) -> None:
    path = release(tmp_path / "bam.sqlite", MODULES, LABELS, kinds=["scores"])
    assert chosen(path, positive_from=0.99, media=[]).labels.max() == 0.5
    with pytest.raises(DataError, match="has no table automatic_labels; see labels"):
        chosen(path, labels="automatic")
    path = release(tmp_path / "none.sqlite", MODULES, LABELS, kinds=[])
    with pytest.raises(DataError, match="has no table automatic_labels or scores or crowd_labels"):
        chosen(path)


def test_thresholds_lie_on_the_sure_side_and_a_missing_score_is_unsure(tmp_path: Path) -> None:
    path = release(tmp_path / "bam.sqlite", [{"mid": 1, "src": "x"}], {1: {}}, kinds=["scores"])
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "UPDATE scores SET emotion_happy=.7, emotion_scary=.3, emotion_gloomy=.5, media_comic=NULL"
        )
    labels = chosen(path, positive_from=0.7, negative_to=0.3, media=[]).labels[0]
    told = dict(zip(COLUMNS, labels.tolist(), strict=True))
    assert (told["emotion_happy"], told["emotion_scary"], told["emotion_gloomy"]) == (1, 0, 0.5)
    assert told["media_comic"] == 0.5


def test_what_the_crowd_was_not_asked_is_unsure(tmp_path: Path) -> None:
    path = release(tmp_path / "bam.sqlite", [{"mid": 1, "src": "x"}], {}, kinds=["crowd"])
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO crowd_labels VALUES (1, 'emotion_happy', 'Positive')")
    told = dict(zip(COLUMNS, chosen(path, media=[]).labels[0].tolist(), strict=True))
    assert told.pop("emotion_happy") == 1
    assert set(told.values()) == {0.5}


def test_media_mature_content_and_a_limit_choose_images(released: Path) -> None:
    assert chosen(released, mature=True).mids.tolist() == [3, 8, 20]
    assert chosen(released, media=["comic"]).mids.tolist() == [7]
    assert chosen(released, media=[]).mids.tolist() == [3, 7, 20, 100]
    few = chosen(released, media=[], limit=2)
    assert len(few.mids) == 2
    assert set(few.mids.tolist()) < set(chosen(released, media=[], limit=3).mids.tolist())
    np.testing.assert_array_equal(few.labels, [row(LABELS[mid], COLUMNS) for mid in few.mids.tolist()])


def test_a_table_without_rows_hides_no_other(tmp_path: Path) -> None:
    path = release(tmp_path / "bam.sqlite", MODULES, LABELS)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DELETE FROM automatic_labels")
    assert chosen(path).mids.tolist() == chosen(path, labels="scores").mids.tolist() == [3, 20]
    with pytest.raises(DataError, match=r"No image .* automatic labels; see labels"):
        chosen(path, labels="automatic")


def test_settings_that_leave_nothing_are_told_with_counts(released: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Nothing in .* fits the settings: 4 images have automatic labels"):
        chosen(released, media=["graphite"])
    path = release(tmp_path / "crowd.sqlite", MODULES, {20: {"happy": 1}, 3: {"scary": 1}}, kinds=["crowd"])
    with pytest.raises(DataError, match=r"2 images have crowd labels, none says oilpaint or watercolor: "):
        chosen(path)
    with pytest.raises(DataError, match=r"set media: \[\] or labels: scores or labels: crowd\.$"):
        chosen(released, media=["graphite"])
    assert chosen(path, media=[]).mids.tolist() == [3, 20]
    path = release(tmp_path / "mature.sqlite", [MODULES[4]], LABELS)
    with pytest.raises(DataError, match="all 1 images with automatic labels are marked as mature content"):
        chosen(path)
    path = release(tmp_path / "unlabelled.sqlite", [MODULES[5]], LABELS)
    with pytest.raises(DataError, match=r"No image in .* has both an address and automatic labels"):
        chosen(path)


@pytest.mark.parametrize("mark", ["true", "TRUE", "t", 1, "1"])
def test_mature_content_is_known_in_any_spelling(tmp_path: Path, mark: object) -> None:
    modules = [
        {"mid": 20, "src": "x", "mature_content": mark},
        {"mid": 3, "src": "y", "mature_content": None},
    ]
    assert chosen(release(tmp_path / "bam.sqlite", modules, LABELS)).mids.tolist() == [3]


def test_a_word_that_is_no_label_is_named(released: Path) -> None:
    with closing(sqlite3.connect(released)) as database, database:
        database.execute("UPDATE automatic_labels SET emotion_happy = 'very' WHERE mid = 20")
    with pytest.raises(DataError, match="labels emotion_happy of 20 with another word than"):
        chosen(released)


def test_files_of_another_kind_say_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"There is no file .*; give the SQLite file of BAM"):
        chosen(tmp_path / "none.sqlite")
    (tmp_path / "text.sqlite").write_text("I am no database, but long enough to be one.")
    with pytest.raises(DataError, match="cannot be read as the released BAM file"):
        chosen(tmp_path / "text.sqlite")
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as database, database:
        database.execute("CREATE TABLE modules (mid int)")
        database.execute("CREATE TABLE automatic_labels (mid int)")
    with pytest.raises(DataError, match="modules has no column src"):
        chosen(tmp_path / "other.sqlite")
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as database, database:
        database.execute("ALTER TABLE modules ADD COLUMN src text")
    with pytest.raises(DataError, match="automatic_labels has no column content_bicycle, content_bird"):
        chosen(tmp_path / "other.sqlite")


def test_the_released_file_is_never_written_to(released: Path) -> None:
    before = released.read_bytes()
    released.chmod(0o444)
    chosen(released)
    assert released.read_bytes() == before
    assert [p.name for p in released.parent.iterdir()] == ["bam.sqlite"]


def test_an_image_that_is_listed_twice_counts_once(released: Path) -> None:
    with closing(sqlite3.connect(released)) as database, database:
        database.execute("INSERT INTO automatic_labels SELECT * FROM automatic_labels WHERE mid = 20")
    assert chosen(released).mids.tolist() == [3, 20]


def test_a_mid_that_is_no_number_is_told(released: Path) -> None:
    with closing(sqlite3.connect(released)) as database, database:
        database.execute("UPDATE modules SET mid = 'twenty' WHERE mid = 20")
        database.execute("UPDATE automatic_labels SET mid = 'twenty' WHERE mid = 20")
    with pytest.raises(DataError, match=r"cannot be read as the released BAM file .*twenty"):
        chosen(released)
