"""What a study's numbers are computed from, as whoever has its package reads it from the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from study.domain import declared, enrolment, machine, reviews
from study.domain.selecting import Selection
from study.models import Condition, Study

if TYPE_CHECKING:
    from analysis.matrix import AnswerMatrix
    from analysis.package.inputs import Inputs


def inputs(study: Study, mode: str, given: AnswerMatrix) -> Inputs:
    """Return it; `given` holds the answers as the package's own table has them."""
    from analysis.package.inputs import Inputs

    arms: dict[str, Condition | None] = {arm.name: arm for arm in study.conditions.order_by("place")}
    each = arms or {"": None}
    came = {name: enrolment.arrivals(study, Selection(mode, condition=arm)) for name, arm in each.items()}
    heard = {name: machine.listening(study, arm) for name, arm in each.items()}
    return Inputs(
        answers=given,
        rules=declared.rules(study),
        order=tuple(arms),
        arrivals={name: found for name, found in came.items() if found},
        sequential=reviews.sequential(study, Selection(mode)),
        machines={name: found for name, found in heard.items() if found},
    )
