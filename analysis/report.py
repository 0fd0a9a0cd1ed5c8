"""A summary in words, for a terminal or an e-mail."""

from analysis.comparison import Comparison
from analysis.summary import Summary
from analysis.values import Interval, Number, Range, counted, is_number, signed


def report(summary: Summary) -> str:
    """The numbers of a study as lines of text; what is undefined says why."""
    sizes = (
        (len(summary.volunteers), "volunteer"),
        (len(summary.trials), "trial"),
        (summary.answers, "answer"),
    )
    size = ", ".join(counted(number, noun) for number, noun in sizes) + "."
    if summary.condition:
        size = f"Condition {summary.condition}: {size}"
    headline = [
        ("accuracy", f"{summary.accuracy:.3f}   (chance {summary.chance:.3f})"),
        ("95 % interval", _range(summary.accuracy_interval, "new volunteers and trials")),
        ("95 %, t", _range(summary.t_interval, "new volunteers, these trials")),
        ("sigma", f"{summary.sigma:.3f}   (dividing by n)"),
        ("sigma, n - 1", _number(summary.sigma_ddof1)),
        ("Fleiss' kappa", _number(summary.kappa)),
        ("unanimous", _trials(summary)),
    ]
    lines = [f"{size} {summary.policy}", "", *(f"{name:<15}{text}" for name, text in headline)]
    return "\n".join([*lines, "", *_classes(summary)]) + "\n"


def comparison_report(comparison: Comparison) -> str:
    """Every condition's accuracy, and its difference from the first one's, as lines of text."""
    width = max(len("condition"), *(len(summary.condition) for summary in comparison.summaries)) + 2
    lines = [f"{'condition':<{width}}volunteers  accuracy  chance  95 % interval"]
    for summary in comparison.summaries:
        size = f"{len(summary.volunteers):>10}  {summary.accuracy:>8.3f}  {summary.chance:>6.3f}"
        lines.append(f"{summary.condition:<{width}}{size}  {_ends(summary.accuracy_interval)}")
    lines += [f"Nobody is counted in the condition {name}." for name in comparison.without_answers]
    for row in comparison.differences:
        lines += ["", f"{row.condition} less {row.against}: {signed(row.difference, 3)}",
                  f"  95 % interval  {_range(row.interval, 'new volunteers and trials')}",
                  f"  p              {row.p:.4f}   randomisation test, two-sided, these trials"]  # fmt: skip
        if not row.same_trials:
            lines.append("  The two had other trials, so trials are drawn for each of them.")
    return "\n".join(lines) + "\n"


def _ends(found: Range) -> str:
    return f"{found.low:.3f} - {found.high:.3f}" if isinstance(found, Interval) else "-"


def _classes(summary: Summary) -> list[str]:
    """A table of classes, then the reasons for its gaps."""
    width = max(len("class"), *(len(name) for name in summary.class_names)) + 2
    pairs = [(score.name, score.recall, score.precision) for score in summary.classes]
    rows = [f"{name:<{width}}{_cell(recall):>6}  {_cell(precision):>9}" for name, recall, precision in pairs]
    reasons = [str(value) for _, *values in pairs for value in values if not is_number(value)]
    return [f"{'class':<{width}}{'recall':>6}  {'precision':>9}", *rows, *reasons]


def _cell(value: Number) -> str:
    return f"{value:.3f}" if is_number(value) else "-"


def _trials(summary: Summary) -> str:
    unanimous, right = summary.unanimous, len(summary.unanimously_right)
    if not unanimous:
        return "no trial"
    return f"trials {', '.join(map(str, unanimous))} ({right} of {len(unanimous)} rightly)"


def _number(value: Number) -> str:
    return f"{value:.3f}" if is_number(value) else str(value)


def _range(value: Range, speaks_of: str) -> str:
    if isinstance(value, Interval):
        return f"{value.low:.3f} - {value.high:.3f}   {speaks_of} ({value.method})"
    return value.reason
