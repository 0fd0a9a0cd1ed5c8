"""What is known of the models that made a study's music: their cards, configurations and recipes."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from study.domain import translation
from study.errors import EarsightError

FILES = ("MODEL_CARD.md", "config.json", "recipe.json")
logger = logging.getLogger(__name__)


def of(models: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield path in the package and text of each paper of these models; of one that has gone a sentence."""
    for model in models:
        folder = f"models/{Path(model).stem}"
        try:
            parts = translation.parts(model)
        except EarsightError as error:
            logger.warning("The cards of %s are not packed: %s", model, error)
            yield f"{folder}/MISSING.md", f"The server has no model {model} any more.\n"
            continue
        if not parts:
            yield f"{folder}/SHARED.md", f"{model} came as one file, which holds no card.\n"
        for part, source in parts.items():
            yield from _papers(source, f"{folder}/{part}")


def _papers(source: Path, folder: str) -> Iterator[tuple[str, str]]:
    for name in FILES:
        path = source / name
        if path.is_file():
            text = path.read_text()
            yield f"{folder}/{name}", _without_paths(text) if name.endswith(".json") else text


def _without_paths(text: str) -> str:
    """Leave the paths of this machine behind: of each only its last name goes with the package."""
    return json.dumps(_named(json.loads(text)), indent=1, ensure_ascii=False) + "\n"


def _named(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _named(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_named(each) for each in value]
    if isinstance(value, str) and value.removeprefix("folder:").startswith("/"):
        return value.removesuffix("/").rpartition("/")[2]
    return value
