"""No test of data touches the data sets of this machine."""

from pathlib import Path

import pytest

from synvae_core.data import mnist
from tests.synvae_core.data.mnist_made import IMAGE_FILE, LABEL_FILE


@pytest.fixture(autouse=True)
def data_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARSIGHT_DATA", str(tmp_path / "data"))


@pytest.fixture
def tiny_mnist(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The published data set is two tiny files, and nothing of it is on disk yet."""
    monkeypatch.setattr(mnist, "PUBLISHED", (IMAGE_FILE, LABEL_FILE))
    monkeypatch.setitem(mnist.SPLITS, "test", (IMAGE_FILE, LABEL_FILE, slice(0, 10_000)))
    return tmp_path / "data"
