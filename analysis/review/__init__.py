"""What reviewers ask beyond accuracy and kappa: tests, corrections, other coefficients, biases, exclusions.

>>> from analysis.review import review
>>> review(answers, seed=1, draws=1000).chance.permutation.p  # doctest: +SKIP

`analysis.tables.review_json` turns a review into plain values; docs/statistics.md tells why each number is as
it is. Like `analysis`, this loads scipy at first use only.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.review.reviewing import review
    from analysis.review.sections import Review

__all__ = ["Review", "review"]

_HOMES = {"Review": "analysis.review.sections", "review": "analysis.review.reviewing"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'analysis.review' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)
