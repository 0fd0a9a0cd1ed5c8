"""The whole review of a study, from its answers."""

from collections.abc import Iterable

import numpy as np

from analysis import conditions
from analysis.agreement import fleiss_kappa
from analysis.answers import Answer
from analysis.errors import NoAnswers
from analysis.exclusions import Judged, Rules, flow_sentences, judge
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
from analysis.summary import Bootstrap, Described, Left, Summary, Unfinished, of_kind, summary_of


def review(
    answers: Iterable[Answer] | AnswerMatrix,
    *,
    seed: int = 1,
    draws: int = 1000,
    exclusions: Rules | None = None,
    condition: str | None = None,
    described: Described = "exclude",
    mixed: bool = False,
) -> Review:
    """Check the answers, leave out whom the rules leave out, and compute everything from the others.

    exclusions  rules declared before the data; without any, only finished sessions are counted
    condition   as in `summarise`; so is `described`
    mixed       whether to fit the mixed model, which needs gpboost and takes longer than all the rest

    Raises InvalidAnswer, NoAnswers and ConditionNeeded as `summarise` does.
    """
    rules, bootstrap = exclusions or Rules(), Bootstrap(draws=draws, seed=seed)
    everything = conditions.laid_out(answers, condition)
    aside = int((everything.described & (everything.complete | (not rules.finished))).sum())
    chosen = everything.only(of_kind(everything, described))
    judged = judge(chosen, rules)
    if not judged.kept.any():
        raise NoAnswers(_nobody(judged, aside if described == "exclude" else 0))
    counted = chosen.only(judged.kept)
    unfinished: Unfinished = "exclude" if rules.finished else "include"
    started = int((~(chosen if rules.finished else counted).complete).sum())
    summary = summary_of(counted, Left(unfinished, started, described, aside), bootstrap)
    return _reviewed(counted, summary, _exclusions(chosen, rules, judged, summary), mixed)


def _nobody(judged: Judged, described: int) -> str:
    if described and not judged.flow[0].remaining:
        return "Every session to count chose by written descriptions of the images; those are counted apart."
    if not judged.flow[0].remaining:
        return "There are no answers yet; a review needs at least one."
    return f"The rules leave nobody to count. {' '.join(flow_sentences(judged.flow))}"


def _reviewed(matrix: AnswerMatrix, summary: Summary, exclusions: Exclusions, mixed: bool) -> Review:
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
        bootstrap=summary.bootstrap,
    )


def _exclusions(chosen: AnswerMatrix, rules: Rules, judged: Judged, summary: Summary) -> Exclusions:
    counted = Headline(
        volunteers=len(summary.volunteers),
        answers=summary.answers,
        accuracy=summary.accuracy,
        accuracy_interval=summary.accuracy_interval,
        sigma=summary.sigma,
        kappa=summary.kappa,
    )
    others = chosen.complete if rules.finished else np.ones_like(chosen.complete)
    same = bool((judged.kept == others).all())
    without = counted if same else _headline(chosen.only(others), summary.bootstrap)
    return Exclusions(rules, judged.flow, without, counted)


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
