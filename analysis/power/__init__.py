"""How many volunteers a study needs: power by simulation, from a design or from a pilot's answers.

>>> from analysis.power import Design, power
>>> power(Design(accuracy=0.5), 21, studies=100).t_test.power
1.0
"""

from analysis.power.figure import PowerFigure, power_figure
from analysis.power.model import Design, ImpossibleDesign
from analysis.power.planning import Plan, plan
from analysis.power.simulation import Power, Share, power
from analysis.power.spread import Spread, spread
from analysis.power.words import power_json, power_object, power_report

__all__ = [
    "Design",
    "ImpossibleDesign",
    "Plan",
    "Power",
    "PowerFigure",
    "Share",
    "Spread",
    "plan",
    "power",
    "power_figure",
    "power_json",
    "power_object",
    "power_report",
    "spread",
]
