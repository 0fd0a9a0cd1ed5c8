"""The analysis scripts of a package: base R, and a notebook of pandas."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

FILES = Path(__file__).with_name("files")
_CELL = re.compile(r"^# %% (markdown|code)\n", re.MULTILINE)


def r_script() -> str:
    """Return the script that computes the headline numbers in base R."""
    return (FILES / "analysis.R").read_text()


def notebook() -> str:
    """Return the notebook (nbformat 4) that computes them with pandas and compares them."""
    parts = _CELL.split((FILES / "analysis.txt").read_text())[1:]
    cells = [
        _cell(number, kind, text.strip("\n"))
        for number, (kind, text) in enumerate(zip(parts[::2], parts[1::2], strict=True))
    ]
    content = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _cell(number: int, kind: str, text: str) -> dict[str, Any]:
    lines = text.splitlines(keepends=True)
    cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": lines}
    return cell if kind == "markdown" else cell | {"execution_count": None, "outputs": []}
