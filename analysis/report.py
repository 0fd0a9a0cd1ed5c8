"""A summary in words, for a terminal or an e-mail."""

from analysis.summary import Summary
from analysis.values import Interval, Number, Range


def report(summary: Summary) -> str:
    """The numbers of a study as lines of text; what is undefined says why."""
    size = f"{len(summary.volunteers)} volunteers, {len(summary.trials)} trials, {summary.answers} answers."
    headline = [
        ("accuracy", f"{summary.accuracy:.3f}   (chance {summary.chance:.3f})"),
        (
            "95 % interval",
            f"{_range(summary.accuracy_interval)}   new volunteers and trials (crossed bootstrap)",
        ),
        ("t interval", f"{_range(summary.t_interval)}   new volunteers, these trials"),
        ("sigma", f"{summary.sigma:.3f}   (dividing by n)"),
        ("sigma, n - 1", _number(summary.sigma_ddof1)),
        ("Fleiss' kappa", _number(summary.kappa)),
        ("unanimous", _trials(summary)),
    ]
    lines = [f"{size} {summary.policy}", "", *(f"{name:<15}{text}" for name, text in headline)]
    return "\n".join([*lines, "", *_classes(summary)]) + "\n"


def _classes(summary: Summary) -> list[str]:
    width = max(len("class"), *(len(name) for name in summary.class_names)) + 2
    rows = [
        f"{score.name:<{width}}{_number(score.recall):>6}  {_number(score.precision):>9}"
        if score.truths and score.choices
        else f"{score.name:<{width}}recall: {_number(score.recall)} precision: {_number(score.precision)}"
        for score in summary.classes
    ]
    return [f"{'class':<{width}}{'recall':>6}  {'precision':>9}", *rows]


def _trials(summary: Summary) -> str:
    unanimous, right = summary.unanimous, len(summary.unanimously_right)
    if not unanimous:
        return "no trial"
    return f"trials {', '.join(map(str, unanimous))} ({right} of {len(unanimous)} rightly)"


def _number(value: Number) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _range(value: Range) -> str:
    return f"{value.low:.3f} - {value.high:.3f}" if isinstance(value, Interval) else str(value)
