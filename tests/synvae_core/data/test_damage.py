"""Files with some bytes changed: read, or refused with a reason, and never anything else."""

from __future__ import annotations

import io
import tarfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from synvae_core.data import DataError
from synvae_core.data.bam import list_bam
from synvae_core.data.bam_settings import BamSettings
from synvae_core.data.bam_sqlite import select
from synvae_core.data.cifar10_archives import read_archive
from synvae_core.data.folder import list_folder
from synvae_core.data.pictures import UnreadablePicture, decode
from synvae_core.data.splits import SPLITS, Split, choose
from tests.synvae_core.data.bam_made import authors, release
from tests.synvae_core.data.drawn import save

FEW = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
Changes = list[tuple[float, int]]
changes = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=12)


def changed(content: bytes, where: Changes) -> bytes:
    """The content with other bytes at these shares of its length."""
    values = bytearray(content)
    for place, value in where:
        values[int(place * len(values))] = value
    return bytes(values)


def picture(kind: str) -> bytes:
    file = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


PICTURES = {kind: picture(kind) for kind in ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "PPM")}


@pytest.mark.parametrize("kind", PICTURES)
@FEW
@given(where=changes, cut=st.floats(0, 1))
def test_a_damaged_picture_is_read_or_refused(
    monkeypatch: pytest.MonkeyPatch, kind: str, where: Changes, cut: float
) -> None:
    monkeypatch.setenv("EARSIGHT_MOST_PIXELS", "1000000")  # a size that is damaged is not worth a minute
    content = changed(PICTURES[kind], where)
    for damaged in (content, content[: int(cut * len(content))]):
        with suppress(UnreadablePicture):
            values = decode(io.BytesIO(damaged), (32, 32, 3), "short_side")
            assert min(values.shape[:2]) == 32
            assert max(values.shape[:2]) <= 128


@FEW
@given(where=changes)
def test_a_damaged_release_is_read_or_refused(tmp_path: Path, where: Changes) -> None:
    whole = tmp_path / "whole.sqlite"
    if not whole.exists():
        release(
            whole, [{"mid": 1, "src": "x"}, {"mid": 2, "src": "y"}], {1: {"oilpaint": 1}, 2: {"oilpaint": 1}}
        )
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(changed(whole.read_bytes(), where))
    with suppress(DataError):
        assert len(select(damaged, BamSettings()).modules) <= 2


@FEW
@given(where=changes)
def test_damaged_labels_are_read_or_refused(tmp_path: Path, where: Changes) -> None:
    labels = tmp_path / "labels.npy"
    if not (tmp_path / "img").exists():
        authors(tmp_path, {1: {"happy": 1}, 2: {"scary": 1}}, size=(4, 4))
        labels.rename(tmp_path / "whole")
    labels.write_bytes(changed((tmp_path / "whole").read_bytes(), where))
    with suppress(DataError):
        assert len(list_bam(tmp_path)) <= 2


@FEW
@given(
    names=st.lists(st.text(min_size=1), min_size=40, max_size=80, unique=True),
    owned=st.lists(st.sampled_from([None, *SPLITS]), min_size=80, max_size=80),
)
def test_every_picture_is_in_one_split(names: list[str], owned: list[Split | None]) -> None:
    rows: list[int] = []
    for split in SPLITS:
        with suppress(DataError):  # none falls there, or a single one into train
            rows += choose(split, names, owned[: len(names)], Path("here")).tolist()
    assert len(rows) == len(set(rows))
    assert len(names) - len(rows) <= 1


@FEW
@given(table=st.text(alphabet=st.sampled_from(list('ab.png,;"\n\r\t\0 é/\\'))), header=st.sampled_from(",;"))
def test_any_labels_csv_is_followed_or_refused(tmp_path: Path, table: str, header: str) -> None:
    save(tmp_path / "a.png")
    (tmp_path / "labels.csv").write_text(f"file{header}label{header}split\n{table}", newline="")
    with suppress(DataError):
        assert set(list_folder(tmp_path).files) <= {"a.png"}


@FEW
@given(where=changes)
def test_a_damaged_archive_of_cifar10_is_refused(tmp_path: Path, where: Changes) -> None:
    archive = tmp_path / "cifar.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        for name in ("package/package.json", "package/test_batch.png", "package/test_lables.json"):
            member = tarfile.TarInfo(name)
            content = PICTURES["PNG"]
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    archive.write_bytes(changed(archive.read_bytes(), where))
    with pytest.raises(DataError, match=r"cifar\.tgz is not an archive of CIFAR-10"):
        read_archive(archive, "test")
