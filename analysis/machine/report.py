"""The comparison in words, for a terminal or an e-mail."""

from analysis.machine.comparison import Beside, ListenerBeside
from analysis.machine.document import LISTENERS
from analysis.machine.preference import Preference
from analysis.values import Interval, Number, Range, Undefined, counted, is_number, signed


def beside_report(found: Beside) -> str:
    """The numbers as lines of text; what is undefined says why."""
    size = f"{counted(len(found.people.volunteers), 'volunteer')}, {counted(len(found.trials), 'trial')}"
    lines = [f"{size}, beside the model {found.model}. People's accuracy: {found.people.accuracy:.3f}.", ""]
    for each in found.listeners:
        lines += [*_listener(each), ""]
    lines += _preference("Wrong answers on the picture that looks most like the true one", found.lookalikes)
    return "\n".join([*lines, "", *_trials(found)]) + "\n"


def _listener(each: ListenerBeside) -> list[str]:
    name = LISTENERS[each.listener]
    rows = [
        ("accuracy", f"{each.accuracy:.3f}   ({each.correct} of {counted(each.trials, 'trial')})"),
        ("confidence", f"{each.confidence:.3f}"),
        ("difficulty", _correlation(each)),
        ("  95 %", _range(each.difficulty.interval)),
        ("agreement", _number(each.agreement)),
        ("  95 %", _range(each.agreement_interval)),
        ("kappa", _number(each.kappa)),
    ]
    told = [f"  {row:<12}{text}" for row, text in rows]
    return [name.capitalize(), *told, *_preference("  Wrong answers on its second choice", each.preference)]


def _correlation(each: ListenerBeside) -> str:
    rho, p = each.difficulty.rho, each.difficulty.p
    if isinstance(rho, Undefined) or isinstance(p, Undefined):
        return str(rho)
    return f"{signed(rho, 3)}   Spearman's rho with people's accuracy, p = {p:.4f}"


def _preference(what: str, found: Preference) -> list[str]:
    if isinstance(found.share, Undefined):
        return [f"{what}: {found.share}"]
    ends = _range(found.interval)
    return [
        f"{what}: {found.on_predicted} of {found.wrong}, {found.share:.3f} (95 % {ends}); "
        f"by chance {_number(found.chance)}, p = {_number(found.p)}"
    ]


def _trials(found: Beside) -> list[str]:
    """Per trial: people's accuracy, then what each listener chose and how hard it found it."""
    head = f"{'trial':>5}  {'people':>6}  " + "  ".join(f"{name:>6} {'says':<12}" for name in LISTENERS)
    rows = [
        f"{trial.trial:>5}  {trial.accuracy:>6.2f}  "
        + "  ".join(f"{trial.difficulty[name]:>6.2f} {trial.choice[name] or '-':<12}" for name in LISTENERS)
        for trial in found.trials
    ]
    return ["Difficulty of each trial (1 less the probability given to the truth)", head, *rows]


def _number(value: Number) -> str:
    return f"{value:.3f}" if is_number(value) else str(value)


def _range(value: Range) -> str:
    return f"{value.low:.3f} - {value.high:.3f}" if isinstance(value, Interval) else value.reason
