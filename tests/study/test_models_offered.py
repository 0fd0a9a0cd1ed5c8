"""The models that a study may name: shipped ones, folders, and files that were exported."""

from pathlib import Path

import pytest
from pytest_django import Settings

from study.domain import translation
from synvae_core.sharing import export_pair
from tests.synvae_core.tiny import save_tiny_synvae


def test_folders_of_synvaes_and_exported_files_are_offered_and_open(
    product: Settings, tiny_synvae: Path
) -> None:
    save_tiny_synvae(product.MODEL_FOLDERS)  # its music model lies beside it and translates nothing
    export_pair(tiny_synvae, product.MODEL_FOLDERS / "digits.earsight")
    (product.MODEL_FOLDERS / "notes.txt").write_text("not a model")
    assert translation.available_models() == ["mnist", "digits.earsight", "synvae"]
    assert translation.open_translator("digits.earsight").image_shape == (28, 28, 1)


def test_a_damaged_file_fails_with_its_own_sentence(product: Settings) -> None:
    product.MODEL_FOLDERS.mkdir()
    (product.MODEL_FOLDERS / "cut.earsight").write_bytes(b"\x10")
    with pytest.raises(translation.TranslationFailed, match=r"cut\.earsight is damaged"):
        translation.open_translator("cut.earsight")
