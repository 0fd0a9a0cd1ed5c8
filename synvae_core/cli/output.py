"""What commands print: one JSON object or lines for people on stdout, progress on stderr."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from collections.abc import Mapping
from typing import Any

from tqdm import tqdm


def print_json(value: Any) -> None:
    """One JSON object; dataclasses become objects, and numbers that JSON has not become null."""
    print(json.dumps(_plain(value), indent=2))


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _plain(dataclasses.asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def progress_bar(total: int, unit: str) -> tqdm[None]:
    """A bar on stderr, with rate and time left; none where stderr is no terminal."""
    return tqdm(total=total, unit=unit, file=sys.stderr, disable=None, leave=False)
