"""A plan in words, and as one JSON object."""

import json
from typing import Any

from analysis.power.planning import Plan
from analysis.power.simulation import Share

FORMAT = "earsight.power/1"


def power_json(plan: Plan) -> str:
    """The plan as text, two spaces per level; equal plans give equal text."""
    return json.dumps(power_object(plan), indent=2, allow_nan=False) + "\n"


def power_object(plan: Plan) -> dict[str, Any]:
    """The plan as plain dicts, lists and numbers; a smallest number that was not found is None."""
    design = plan.design
    return {
        "format": FORMAT,
        "design": {
            "accuracy": design.accuracy,
            "chance": design.chance,
            "trials": design.trials,
            "options": design.options,
            "sd_people": design.sd_people,
            "sd_items": design.sd_items,
        },
        "studies": plan.studies,
        "draws": plan.draws,
        "seed": plan.seed,
        "powers": [
            {
                "people": found.people,
                "t_test": _share(found.t_test),
                "crossed_bootstrap": _share(found.bootstrap),
            }
            for found in plan.powers
        ],
        "smallest": {
            "target": plan.target,
            "searched_up_to": plan.searched,
            "t_test": plan.smallest_t,
            "crossed_bootstrap": plan.smallest_bootstrap,
        },
    }


def _share(share: Share) -> dict[str, float]:
    return {"power": share.power, "standard_error": share.standard_error}


def power_report(plan: Plan) -> str:
    """The plan as lines of text for a terminal."""
    lines = [
        assumptions(plan),
        "",
        f"{'volunteers':>10}  {'t test':>14}  {'bootstrap':>14}",
        *(
            f"{found.people:>10}  {_cell(found.t_test):>14}  {_cell(found.bootstrap):>14}"
            for found in plan.powers
        ),
        "",
        *smallest(plan),
    ]
    return "\n".join(lines) + "\n"


def assumptions(plan: Plan) -> str:
    """What was simulated, in two sentences."""
    design = plan.design
    return (
        f"{plan.studies} simulated studies for each number of volunteers: accuracy {design.accuracy:.3g}, "
        f"chance {design.chance:.3f}, {design.trials} trials, spread of volunteers {design.sd_people:.3g} "
        f"and of trials {design.sd_items:.3g} logits, seed {plan.seed}. Power is the share of them that lies "
        "above chance (one-sided, 5 %)."
    )


def smallest(plan: Plan) -> list[str]:
    """The smallest numbers of volunteers, a sentence for each test."""
    asked = (
        (plan.smallest_t, "the t test, which speaks about new volunteers"),
        (plan.smallest_bootstrap, "the crossed bootstrap, which speaks about new volunteers and new trials"),
    )
    return [
        f"{n} volunteers reach a power of {plan.target:g} by {test}."
        if n
        else f"{plan.searched} volunteers do not reach a power of {plan.target:g} by {test}; more trials may."
        for n, test in asked
    ]


def as_sentence(plan: Plan) -> str:
    """What the curve shows, for those who do not see it."""
    points = "; ".join(
        f"{found.people} volunteers {found.t_test.power:.2f} and {found.bootstrap.power:.2f}"
        for found in plan.powers
    )
    return (
        f"Power by number of volunteers, by the t test and by the crossed bootstrap: {points}. "
        + " ".join(smallest(plan))
    )


def _cell(share: Share) -> str:
    return f"{share.power:.3f} ±{share.standard_error:.3f}"
