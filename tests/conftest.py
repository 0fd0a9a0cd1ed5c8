"""What every test shares: one thread for the numeric libraries, and the way to the recorded fixtures."""

import os
import sys
from pathlib import Path

import pytest

pytest_plugins = ["tests.world"]  # the people and studies of the product's tests

REPOSITORY = Path(__file__).resolve().parent.parent

# Set before torch or numpy start their thread pools: tests are small and machines are shared.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(variable, "1")


@pytest.fixture(autouse=True)
def one_torch_thread() -> None:
    """Keeps torch on one thread, in the tests that have loaded it."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.get_num_threads() != 1:
        torch.set_num_threads(1)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The repository's root folder."""
    return REPOSITORY


@pytest.fixture(scope="session")
def fixtures_dir() -> Path:
    """The folder of arrays recorded from the original models, kept beside the repository: shared/fixtures."""
    folder = REPOSITORY.parent / "shared" / "fixtures"
    if not folder.is_dir():
        pytest.skip(f"recorded fixtures are not at {folder}")
    return folder
