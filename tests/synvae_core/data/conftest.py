"""No test of data touches the data sets of this machine."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def data_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARSIGHT_DATA", str(tmp_path / "data"))
