"""What a study declared before its data: whom it leaves out, how many it wants, when it may stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from study.models import Study

if TYPE_CHECKING:
    from analysis.exclusions import Rules
    from analysis.sequential import Looks


def rules(study: Study) -> Rules:
    """Return the study's rules of exclusion; without any, unfinished sessions alone are left out."""
    from analysis.exclusions import rules_from_object

    return rules_from_object(study.exclusion_rules)


def looks(study: Study) -> Looks | None:
    """Return the study's sequential rule, or None where no look before the end counts."""
    from analysis.sequential import Looks

    if not study.stopping_rule or study.planned_volunteers is None:
        return None
    return Looks(study.planned_volunteers, study.looks, study.stopping_rule)


def says(study: Study) -> str:
    """Return what is declared, for the list of options."""
    leaves_out = [name for name, value in study.exclusion_rules.items() if value and name != "finished"]
    told = (
        [f"{len(leaves_out)} {'rule' if len(leaves_out) == 1 else 'rules'} of exclusion"]
        if leaves_out
        else []
    )
    if study.planned_volunteers is not None:
        told.append(f"{study.planned_volunteers} volunteers")
    if study.stopping_rule:
        told.append(f"{study.looks} looks")
    return ", ".join(told) or "Nothing declared"
