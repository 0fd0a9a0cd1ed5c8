"""The whole review of a study, from its answers."""

from collections.abc import Iterable

import numpy as np

from analysis.agreement import fleiss_kappa
from analysis.answers import Answer
from analysis.arrivals import Arrivals
from analysis.counting import Counted, Described, count
from analysis.exclusions import Rules
from analysis.intervals import crossed_bootstrap
from analysis.matrix import AnswerMatrix
from analysis.review.agreeing import agreement
from analysis.review.chance import against_chance, trial_tests, volunteer_tests
from analysis.review.mixed import NOT_ASKED, mixed_model
from analysis.review.places import position_bias
from analysis.review.sections import Exclusions, Headline, Review
from analysis.review.sensitivity import sensitivity
from analysis.review.timing import response_times
from analysis.review.trends import learning, listens
from analysis.sequential import NO_RULE, Declared, Verdict, verdict
from analysis.summary import Bootstrap, Summary, summary_of
from analysis.values import Undefined


def review(
    answers: Iterable[Answer] | AnswerMatrix,
    *,
    seed: int = 1,
    draws: int = 1000,
    exclusions: Rules | None = None,
    condition: str | None = None,
    described: Described = "exclude",
    mixed: bool = False,
    arrivals: Arrivals | None = None,
    sequential: Declared | Undefined = NO_RULE,
) -> Review:
    """Check the answers, leave out whom the rules leave out, and compute everything from the others.

    exclusions  rules declared before the data; without any, only finished sessions are counted
    condition   as in `summarise`; so is `described`
    mixed       whether to fit the mixed model, which needs gpboost and takes longer than all the rest
    arrivals    who came before the first answer, where that is known
    sequential  the rule declared before the data by which the study may end early, or why there is none

    Raises InvalidAnswer, NoAnswers and ConditionNeeded as `summarise` does.
    """
    found = count(answers, exclusions or Rules(), condition, described)
    summary = summary_of(found.matrix, found.left, Bootstrap(draws=draws, seed=seed))
    followed = _followed(sequential, summary)
    return _reviewed(found.matrix, summary, _exclusions(found, summary, arrivals), mixed, followed)


def _followed(declared: Declared | Undefined, summary: Summary) -> Verdict | Undefined:
    if isinstance(declared, Undefined):
        return declared
    accuracy = {score.session: score.accuracy for score in summary.volunteers}
    above = [accuracy[name] - summary.chance for name in declared.order if name in accuracy]
    return verdict(declared.rule, above)


def _reviewed(
    matrix: AnswerMatrix,
    summary: Summary,
    exclusions: Exclusions,
    mixed: bool,
    sequential: Verdict | Undefined,
) -> Review:
    return Review(
        summary=summary,
        exclusions=exclusions,
        chance=against_chance(matrix),
        volunteers=volunteer_tests(matrix),
        trials=trial_tests(matrix),
        agreement=agreement(matrix, summary.kappa, summary.bootstrap),
        sensitivity=sensitivity(summary),
        position=position_bias(matrix),
        learning=learning(matrix),
        listens=listens(matrix),
        times=response_times(matrix),
        mixed=mixed_model(matrix) if mixed else NOT_ASKED,
        sequential=sequential,
        bootstrap=summary.bootstrap,
    )


def _exclusions(found: Counted, summary: Summary, arrivals: Arrivals | None) -> Exclusions:
    counted = Headline(
        volunteers=len(summary.volunteers),
        answers=summary.answers,
        accuracy=summary.accuracy,
        accuracy_interval=summary.accuracy_interval,
        sigma=summary.sigma,
        kappa=summary.kappa,
    )
    chosen, rules, judged = found.chosen, found.rules, found.judged
    others = chosen.complete if rules.finished else np.ones_like(chosen.complete)
    same = bool((judged.kept == others).all())
    without = counted if same else _headline(chosen.only(others), summary.bootstrap)
    return Exclusions(rules, arrivals.stages() if arrivals else (), judged.flow, without, counted)


def _headline(matrix: AnswerMatrix, bootstrap: Bootstrap) -> Headline:
    accuracies = np.sort(matrix.correct.sum(axis=1) / matrix.answered.sum(axis=1))
    draws, seed = bootstrap.draws, bootstrap.seed
    return Headline(
        volunteers=len(matrix.sessions),
        answers=int(matrix.answered.sum()),
        accuracy=float(accuracies.mean()),
        accuracy_interval=crossed_bootstrap(matrix.correct, matrix.answered, draws=draws, seed=seed),
        sigma=float(accuracies.std()),
        kappa=fleiss_kappa(matrix.counts()),
    )
