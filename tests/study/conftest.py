"""Every test of the product works on a folder of its own."""

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def _own_folder(product: Settings) -> None:
    """Keep media and settings of a test away from the machine's."""
