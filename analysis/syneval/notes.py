"""What SynEval's own script (`collect_results.py`) prints of the same files, where it differs from us."""

from analysis.summary import Summary
from analysis.syneval.reading import Evaluation
from analysis.values import Undefined, counted, is_number


def notes(evaluation: Evaluation, summary: Summary) -> list[str]:
    """Sentences for whoever lays these numbers beside the script's."""
    return [
        "Accuracy and its standard deviation (sigma, dividing by n) are the script's.",
        _kappa(evaluation, summary),
        _per_class(summary),
        _agreement(summary),
        *_unfinished(evaluation),
        *_shape(evaluation),
        "Places on the screen and times were not kept, so nothing can be said of them. All evaluators had "
        "the tasks in one order: what is learnt on the way can't be told from what a task is like.",
    ]


def _kappa(evaluation: Evaluation, summary: Summary) -> str:
    if len(evaluation.classes) > 3:
        return (
            f"Fleiss' kappa: the script counts three options and stops at these {len(evaluation.classes)}; "
            "ours counts all."
        )
    if is_number(summary.kappa):
        return "Fleiss' kappa is the script's: options are stored in the order of the classes."
    return f"Fleiss' kappa: the script prints nan. {summary.kappa}"


def _per_class(summary: Summary) -> str:
    """The script divides by how often a class was chosen, which is precision."""
    printed = ", ".join(f"{score.name} {_two(score.precision)}" for score in summary.classes)
    right = ", ".join(f"{score.name} {_two(score.recall)}" for score in summary.classes)
    return (
        "What the script prints as “accuracy per class” divides by how often the class was chosen: that is "
        f"precision ({printed}). How often the music of a class was recognised is recall ({right})."
    )


def _agreement(summary: Summary) -> str:
    most = max(max(trial.counts) for trial in summary.trials)
    agreed = [trial for trial in summary.trials if max(trial.counts) == most]
    wrong = [trial.trial for trial in agreed if trial.correct < most]
    told = f"The script's “max agreement” ({counted(most, 'evaluator')}, {counted(len(agreed), 'task')})"
    if not wrong:
        return f"{told} counts agreement on right and wrong options alike; here all of it is right."
    return f"{told} counts agreement on wrong options too: task {', '.join(map(str, wrong))}."


def _unfinished(evaluation: Evaluation) -> list[str]:
    if not evaluation.unfinished:
        return []
    files = counted(len(evaluation.unfinished), "unfinished evaluation")
    return [f"{files} ({', '.join(evaluation.unfinished)}) left out of the numbers, as the script does."]


def _shape(evaluation: Evaluation) -> list[str]:
    if len(evaluation.tasks) == 20 and len(evaluation.classes) == 3:
        return []
    return ["The script's plot can only draw 20 tasks of three options."]


def _two(number: float | Undefined) -> str:
    return f"{number:.2f}" if is_number(number) else "nan"
