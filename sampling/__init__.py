"""Which images make an unbiased listening study (paper, sections 2.2 and 3).

>>> plan = plan_study(Latents.load("latents.npz"), Design(classes=3), seed=7)   # doctest: +SKIP

Needs numpy alone. Never Django or torch, so that a statistician can check it by itself.
"""

from sampling.choosing import most_distinct_classes
from sampling.design import Design
from sampling.errors import (
    ClassTooSmall,
    DesignError,
    LatentsError,
    PlanError,
    PlanMismatch,
    SamplingError,
)
from sampling.latents import Latents
from sampling.merging import merge_small_classes
from sampling.plan import StudyPlan, Trial
from sampling.planning import plan_study, verify_plan

__all__ = [
    "ClassTooSmall",
    "Design",
    "DesignError",
    "Latents",
    "LatentsError",
    "PlanError",
    "PlanMismatch",
    "SamplingError",
    "StudyPlan",
    "Trial",
    "merge_small_classes",
    "most_distinct_classes",
    "plan_study",
    "verify_plan",
]
