"""What a chart shows, in words, for whoever can't see it."""

from collections.abc import Sequence

from analysis.scores import TrialScore
from analysis.summary import Summary
from analysis.values import counted


def figure2_alt_text(summary: Summary) -> str:
    """Figure 2 in a few sentences: size, mean, chance, the best and the hardest trials, what was chosen."""
    return " ".join(
        [
            f"Bar chart of what {counted(len(summary.volunteers), 'volunteer')} chose in "
            f"{counted(len(summary.trials), 'trial')}{_by(summary)}: one bar per class of picture "
            f"({', '.join(summary.class_names)}), the correct one hatched and marked.",
            f"Mean accuracy is {percent(summary.accuracy)}, against {percent(summary.chance)} by chance.",
            *_extremes(summary.trials),
            *_misled(summary.trials),
        ]
    )


def _by(summary: Summary) -> str:
    return " by written descriptions" if summary.described == "only" else ""


def percent(share: float) -> str:
    """A share as whole per cent."""
    return f"{100 * share:.0f} %"


def _extremes(trials: Sequence[TrialScore]) -> list[str]:
    if len(trials) < 2:
        return []
    best, worst = max(trial.accuracy for trial in trials), min(trial.accuracy for trial in trials)
    if best == worst:
        return [f"Every trial was answered rightly by {percent(best)}."]
    top, bottom = _named(trials, best), _named(trials, worst)
    return [f"Most were right in {top} ({percent(best)}), fewest in {bottom} ({percent(worst)})."]


def _misled(trials: Sequence[TrialScore]) -> list[str]:
    missed = [trial for trial in trials if max(trial.counts) > trial.correct]
    if not missed:
        return ["The correct picture was never beaten by a wrong one."]
    return [f"A wrong picture was chosen more often than the correct one in {_numbers(missed)}."]


def _named(trials: Sequence[TrialScore], accuracy: float) -> str:
    return _numbers([trial for trial in trials if trial.accuracy == accuracy])


def _numbers(trials: Sequence[TrialScore]) -> str:
    numbers = [str(trial.trial) for trial in trials]
    if len(numbers) > 8:
        return f"{len(numbers)} trials"
    head, last = ", ".join(numbers[:-1]), numbers[-1]
    return f"trials {head} and {last}" if head else f"trial {last}"
