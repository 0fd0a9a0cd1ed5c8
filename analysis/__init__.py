"""Statistics and figures of a study, from its answers alone: no server, no database, no model.

>>> from analysis import Answer, summarise
>>> summarise([Answer("s1", 1, ("0", "1", "4"), truth="4", choice="4")]).accuracy
1.0

Submodules are loaded at first use: matplotlib and scipy are slow to import.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from analysis.answers import Answer
from analysis.conditions import ConditionNeeded
from analysis.errors import AnalysisError, FigureError, InvalidAnswer, NoAnswers, UnreadableTable

if TYPE_CHECKING:
    from analysis.comparison import Comparison, compare
    from analysis.figures.figure2 import Figure2, figure2
    from analysis.summary import Bootstrap, Summary, summarise
    from analysis.values import Interval, Undefined, is_number

__all__ = [
    "AnalysisError",
    "Answer",
    "Bootstrap",
    "Comparison",
    "ConditionNeeded",
    "Figure2",
    "FigureError",
    "Interval",
    "InvalidAnswer",
    "NoAnswers",
    "Summary",
    "Undefined",
    "UnreadableTable",
    "compare",
    "figure2",
    "is_number",
    "summarise",
]

_HOMES = {
    "Comparison": "analysis.comparison",
    "compare": "analysis.comparison",
    "Bootstrap": "analysis.summary",
    "Figure2": "analysis.figures.figure2",
    "Interval": "analysis.values",
    "Summary": "analysis.summary",
    "Undefined": "analysis.values",
    "figure2": "analysis.figures.figure2",
    "is_number": "analysis.values",
    "summarise": "analysis.summary",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'analysis' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)
