"""Whom the results are asked about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from study.models import Condition, Session

if TYPE_CHECKING:
    from analysis.summary import Described


@dataclass(frozen=True)
class Selection:
    """Sessions of one mode, never mixed, and which of them.

    described  what is done with sessions that chose among written descriptions
    passed     only those that have passed the headphone check
    condition  only those of this condition
    excluded   with the rules that the study declared before its data; False counts all who finished
    """

    mode: str = Session.Mode.LIVE
    described: Described = "exclude"
    passed: bool = False
    condition: Condition | None = None
    excluded: bool = True
