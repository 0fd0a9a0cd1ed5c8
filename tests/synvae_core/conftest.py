"""Models small enough to translate with in every test."""

from pathlib import Path

import pytest

from tests.synvae_core.tiny import save_tiny_synvae


@pytest.fixture(scope="session")
def tiny_synvae(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny untrained SynVAE; not to be written to."""
    return save_tiny_synvae(tmp_path_factory.mktemp("models"))
