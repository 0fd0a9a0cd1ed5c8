"""BAM in the authors' form: rows by MID, classes by the settings, splits by project."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from synvae_core import data
from synvae_core.data import DataError, Skipped
from synvae_core.data.bam import list_bam
from synvae_core.data.bam_settings import BamSettings, read_settings
from synvae_core.data.polite import Manners
from synvae_core.data.splits import split_of
from tests.synvae_core.data.bam_made import Marks, authors
from tests.synvae_core.data.drawn import save

# MIDs whose order as text is another than as numbers.
IMAGES: dict[int, Marks] = {
    9: {"happy": 1},
    100: {"happy": 1, "peaceful": 1},
    20: {"scary": 1, "oilpaint": 1},
    3: {"happy": 1, "peaceful": 1, "tree": 1},
    111: {"dog": 1},
    5: {"gloomy": 0.5, "scary": 1},
}


def classes(folder: Path, **settings: object) -> dict[str, str]:
    listing = list_bam(folder, settings=BamSettings.model_validate(settings))
    return {i: listing.class_names[n] for i, n in zip(listing.ids, listing.labels, strict=True)}


def test_rows_belong_to_images_by_mid_and_emotions_combine(tmp_path: Path) -> None:
    images = data.load(f"bam:{authors(tmp_path, IMAGES)}")
    assert images.class_names == ("happy", "happy+peaceful", "scary")
    assert images.ids == ("bam-3", "bam-5", "bam-9", "bam-20", "bam-100")
    assert images.labels.tolist() == [1, 2, 0, 2, 1]
    assert images.pixels.shape == (5, 64, 64, 3)
    np.testing.assert_allclose(images.pixels[:, 0, 0, 0] * 255, [3, 5, 9, 20, 100], atol=2)


@pytest.mark.parametrize(
    ("rule", "fifth"), [("negative", "scary"), ("positive", "gloomy+scary"), ("leave_out", None)]
)
def test_an_unsure_label_counts_as_the_settings_say(tmp_path: Path, rule: str, fifth: str | None) -> None:
    assert classes(authors(tmp_path, IMAGES), unsure=rule).get("bam-5") == fifth


def test_an_unsure_label_outside_the_classes_changes_nothing(tmp_path: Path) -> None:
    images: dict[int, Marks] = {1: {"happy": 1, "tree": 0.5}, 2: {"scary": 1}}
    assert classes(authors(tmp_path, images), unsure="leave_out") == {"bam-1": "happy", "bam-2": "scary"}


def test_combinations_and_images_without_a_label_are_left_out_or_kept(tmp_path: Path) -> None:
    folder = authors(tmp_path, IMAGES)
    assert classes(folder, combine=False) == {"bam-5": "scary", "bam-9": "happy", "bam-20": "scary"}
    assert classes(folder, unlabelled="keep")["bam-111"] == "none"
    assert classes(folder, smallest_class=2) == {
        "bam-3": "happy+peaceful",
        "bam-5": "scary",
        "bam-20": "scary",
        "bam-100": "happy+peaceful",
    }


def test_classes_may_be_made_of_other_labels(tmp_path: Path) -> None:
    folder = authors(tmp_path, IMAGES)
    assert classes(folder, classes="content") == {"bam-3": "tree", "bam-111": "dog"}
    assert classes(folder, classes=["content_dog", "emotion_scary"]) == {
        "bam-5": "scary",
        "bam-20": "scary",
        "bam-111": "dog",
    }
    with pytest.raises(DataError, match="no column media_comic; choose from content_bicycle"):
        classes(folder, classes=["media_comic", "media_oilpaint"])


def test_classes_are_the_same_in_every_split(tmp_path: Path) -> None:
    images: dict[int, Marks] = {mid: {"happy": 1} if mid % 3 else {"scary": 1} for mid in range(1, 60)}
    folder = authors(tmp_path, images, size=(8, 8))
    parts = {split: data.load(f"bam:{folder}", split) for split in ("train", "validation", "test")}
    assert {part.class_names for part in parts.values()} == {("happy", "scary")}
    ids = [i for part in parts.values() for i in part.ids]
    assert sorted(ids) == sorted(f"bam-{mid}" for mid in images)
    assert all(split_of(i) == split for split, part in parts.items() for i in part.ids)


def test_images_of_one_project_share_a_split(tmp_path: Path) -> None:
    images: dict[int, Marks] = {mid: {"happy": 1} if mid % 2 else {"scary": 1} for mid in range(1, 41)}
    folder = authors(tmp_path, images, size=(8, 8))
    lines = ["mid,project_id,src,license", *(f"{mid},{mid // 10},," for mid in images)]
    (folder / "modules.csv").write_text("\n".join(lines))
    for mids in (range(1, 10), range(10, 20), range(20, 30), range(30, 40)):
        wanted = {f"bam-{mid}" for mid in mids}
        splits = [s for s in ("train", "validation", "test") if wanted & ids_of(folder, s)]
        assert len(splits) == 1


def ids_of(folder: Path, split: str) -> set[str]:
    try:
        return set(list_bam(folder, split).ids)
    except DataError:  # none of the few projects falls there
        return set()


def test_training_cuts_out_of_the_whole_width_and_testing_out_of_the_middle(tmp_path: Path) -> None:
    folder = authors(tmp_path / "bam", {1: {"happy": 1}, 2: {"scary": 1}})
    ramp = np.repeat(np.arange(0, 256, 2, dtype=np.uint8)[np.newaxis, :, np.newaxis], 64, axis=0)
    for mid in (1, 2):
        save(folder / "img" / f"{mid}.jpg", Image.fromarray(ramp.repeat(3, axis=2)), quality=100)
    streamed = data.stream(f"bam:{folder}")
    np.testing.assert_array_equal(streamed.read([0, 1]), data.load(f"bam:{folder}").pixels)
    assert streamed.read([0])[0, 0, 0, 0] * 255 == pytest.approx(64, abs=2)
    lefts = [streamed.read([0], epoch=epoch)[0, 0, 0, 0] * 255 for epoch in range(100)]
    assert min(lefts) < 12
    assert max(lefts) > 116


def test_settings_in_the_folder_are_followed(tmp_path: Path) -> None:
    folder = authors(tmp_path, IMAGES)
    (folder / "bam.yaml").write_text("classes: content\n")
    assert data.load(f"bam:{folder}").class_names == ("dog", "tree")
    (folder / "bam.yaml").write_text("classess: content\n")
    with pytest.raises(DataError, match=r"bam.yaml is not understood: classess: Extra inputs"):
        data.load(f"bam:{folder}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("unsure: maybe", "unsure: Input should be 'negative', 'positive' or 'leave_out'"),
        ("classes: [emotion_bored]", "there is no label emotion_bored; choose from"),
        ("classes: []", "classes needs at least one column"),
        ("media: [oil]", "there is no label media_oil"),
        ("positive_from: 0.1", "negative_to must be below positive_from"),
        ("download: {a_second: 0}", "download.a_second: Input should be greater than 0"),
        ("download: {hurry: true}", "download.hurry: Extra inputs"),
        ("- a list", "settings: Input should be"),
        ("a: b: c", "is not readable YAML"),
    ],
)
def test_settings_that_are_not_understood_are_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "bam.yaml").write_text(text)
    with pytest.raises(DataError, match=message):
        read_settings(tmp_path / "bam.yaml")


def test_missing_settings_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_settings(tmp_path / "none.yaml")
    (tmp_path / "empty.yaml").write_text("")
    assert read_settings(tmp_path / "empty.yaml") == BamSettings()


def test_images_and_labels_that_do_not_match_are_refused(tmp_path: Path) -> None:
    folder = authors(tmp_path, IMAGES)
    (folder / "img" / "9.jpg").unlink()
    with pytest.raises(DataError, match=r"has 5 images and 6 rows in labels.npy; rows belong to images"):
        data.load(f"bam:{folder}")
    (folder / "labels.npy").unlink()
    with pytest.raises(DataError, match=r"is not BAM: it needs img/<MID>.jpg and labels.npy"):
        data.load(f"bam:{folder}")
    with pytest.raises(DataError, match="is not BAM"):
        data.load(f"bam:{tmp_path / 'nowhere'}")


def test_with_mids_images_may_be_missing(tmp_path: Path) -> None:
    folder = authors(tmp_path, IMAGES)
    np.save(folder / "mids.npy", np.array(sorted(IMAGES)))
    (folder / "img" / "9.jpg").unlink()
    assert "bam-9" not in classes(folder)
    assert classes(folder)["bam-20"] == "scary"
    np.save(folder / "mids.npy", np.array([1, 2]))
    with pytest.raises(DataError, match=r"mids.npy and labels.npy .* do not belong together"):
        data.load(f"bam:{folder}")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros((6, 14)), "is float64 \\(6, 14\\); it must be numbers"),
        (np.zeros(6), "it must be numbers"),
        (np.full((6, 15), "x"), "it must be numbers"),
        (np.full((6, 15), np.nan), "says nan in row 0, column 0; labels are 0, 0.5 or 1"),
        (np.full((6, 15), 2), "says 2 in row 0"),
        (np.array([None]), "cannot be read .* plain NumPy array"),
    ],
)
def test_labels_of_another_kind_are_refused(tmp_path: Path, values: np.ndarray, message: str) -> None:
    folder = authors(tmp_path, IMAGES)
    np.save(folder / "labels.npy", values, allow_pickle=True)
    with pytest.raises(DataError, match=message):
        data.load(f"bam:{folder}")


def test_other_files_and_broken_images_are_named(tmp_path: Path) -> None:
    folder = authors(tmp_path, IMAGES)
    for name in ("Thumbs.db", "007.jpg", "12.png", "1e3.jpg", "²3.jpg"):
        (folder / "img" / name).write_bytes(b"")
    (folder / "img" / ".hidden").write_bytes(b"")
    (folder / "img" / "9.jpg").write_bytes(b"broken")
    images = data.load(f"bam:{folder}")
    assert "bam-9" not in images.ids
    reason = "its name is not a MID, such as 4712.jpg"
    names = ("007.jpg", "12.png", "1e3.jpg", "Thumbs.db", "²3.jpg")
    assert images.skipped[:5] == tuple(Skipped(f"img/{name}", reason) for name in names)
    assert images.skipped[5].file == "img/9.jpg"


def test_a_single_class_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"The 1 images .* make 1 classes of emotion; a study needs two"):
        data.load(f"bam:{authors(tmp_path, {1: {'happy': 1}})}")
    assert data.stream(f"bam:{tmp_path}", fewest_classes=1).class_names == ("happy",)


def test_the_guide_tells_every_setting(repository: Path) -> None:
    guide = (repository / "docs" / "data.md").read_text()
    told = set(re.findall(r"`(\w+)`", guide.partition("| key |")[2]))
    assert {*BamSettings.model_fields, *Manners.model_fields} <= told
