"""Every test of the product works on a folder of its own."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.synvae_core.tiny import save_tiny_synvae


@pytest.fixture(autouse=True)
def _own_folder(product: Settings) -> None:
    """Keep media and settings of a test away from the machine's."""


@pytest.fixture(scope="session")
def tiny_synvae(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny untrained SynVAE; not to be written to."""
    return save_tiny_synvae(tmp_path_factory.mktemp("models"))
