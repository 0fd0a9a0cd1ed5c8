"""The one door to `synvae_core`; everything heavy is imported inside, so that the web process never loads torch."""

from __future__ import annotations

from django.conf import settings

from study.errors import EarsightError


class TranslationFailed(EarsightError):
    """The pictures could not be translated."""


def available_models() -> list[str]:
    """Return the names of the models a study may use: the shipped ones and folders under EARSIGHT_MODELS."""
    own = sorted(path.name for path in settings.MODEL_FOLDERS.glob("*/config.json"))
    return ["mnist", *own]


def available_data() -> list[str]:
    """Return the names of the picture sets a study may use: mnist and folders under EARSIGHT_PICTURES."""
    if not settings.PICTURE_FOLDERS.is_dir():
        return ["mnist"]
    return [
        "mnist",
        *(f"folder:{path.name}" for path in sorted(settings.PICTURE_FOLDERS.iterdir()) if path.is_dir()),
    ]
