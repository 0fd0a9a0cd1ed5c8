"""The methods paragraph: who took part and what was done with their answers."""

from collections.abc import Iterator

from analysis import apa
from analysis.exclusions import Rules, Stage
from analysis.review.sections import Review, Slope, Trend
from analysis.sequential import NAMES, Look, Verdict
from analysis.values import Interval, Undefined, counted, is_number


def methods(review: Review) -> Iterator[str]:
    """What was done, sentence by sentence: only what these answers were enough for."""
    yield from _who(review)
    yield from _accuracy(review)
    yield from _tests(review)
    yield from _agreement(review)
    if not isinstance(review.sequential, Undefined):
        yield _rule(review.sequential)
    if not isinstance(review.sensitivity, Undefined):
        yield (
            f"Sensitivity d′ was computed for a choice among {_word(review.sensitivity.options)} "
            "alternatives without response bias (Hacker & Ratcliff, 1979)."
        )
    yield from _other_methods(review)


def _accuracy(review: Review) -> Iterator[str]:
    summary = review.summary
    yield "Accuracy is the mean over volunteers of their share of right answers."
    if isinstance(summary.accuracy_interval, Interval):
        yield (
            "Since both volunteers and trials are samples (Clark, 1973), its 95% confidence interval is the "
            f"percentile interval of {apa.count(review.bootstrap.draws)} draws of a crossed bootstrap, in "
            "which volunteers and trials were drawn with replacement independently of each other (Owen, "
            f"2007; seed {review.bootstrap.seed})."
        )
    if is_number(summary.sigma_ddof1):
        yield (
            "Its spread σ is the standard deviation of the volunteers' accuracies, dividing by n; the "
            "estimate dividing by n − 1 is given beside it."
        )


def _tests(review: Review) -> Iterator[str]:
    tests = []
    if not isinstance(review.chance.t, Undefined):
        tests.append("by a one-sided t test over volunteers")
    if not isinstance(review.chance.permutation, Undefined):
        tests.append(
            "by an exact permutation test of the number of right answers, in which the truths were permuted "
            "over the trials of each volunteer while the answers were kept, so that a preference for one "
            "class gains nothing"
        )
    if tests:
        yield f"Accuracy was tested against chance {apa.listed(tests)}."
    single = (
        "Single volunteers and single trials were" if len(review.volunteers) > 1 else "Single trials were"
    )
    yield (
        f"{single} tested by exact one-sided tests against guessing, corrected for their number (Holm, 1979)."
    )


def _agreement(review: Review) -> Iterator[str]:
    found = review.agreement
    named = (
        ("Fleiss' (1971) κ with the classes as categories", found.kappa),
        ("Krippendorff's (2004) α for nominal data", found.alpha),
        ("Gwet's (2008) AC1", found.ac1),
    )
    there = [(name, one) for name, one in named if is_number(one.value)]
    if not there:
        return
    told = f"Agreement among volunteers was measured by {apa.listed([name for name, _ in there])}"
    if any(isinstance(one.interval, Interval) for _, one in there):
        told += (
            ", with percentile intervals over volunteers and trials from the same number of draws, in which "
            "nobody was paired with themself"
        )
    yield f"{told}."


def _who(review: Review) -> Iterator[str]:
    summary = review.summary
    who = f"{counted(len(summary.volunteers), 'volunteer')} answered {counted(len(summary.trials), 'trial')}"
    if summary.condition:
        who = f"In the condition {summary.condition}, {who}"
    gaps = f"; {counted(summary.missing, 'answer')} missing" if summary.missing else ""
    yield f"{who} ({counted(summary.answers, 'answer')} in all{gaps})."
    options = sorted({len(trial.options) for trial in summary.trials})
    among = apa.listed([_word(number) for number in options]).replace(" and ", " or ")
    yield (
        f"Each trial offered {among} images, of which one was the source of the clip, so that guessing is "
        f"right in {100 * summary.chance:.1f}% of answers."
    )
    yield from _excluded(review)
    if summary.described_sessions:
        yield summary.of_described


def _excluded(review: Review) -> Iterator[str]:
    if arrivals := review.exclusions.arrivals:
        yield _arrived(arrivals)
    rules, flow = review.exclusions.rules, review.exclusions.flow
    if rules not in (Rules(), Rules(finished=False)):
        yield f"Rules of exclusion were declared before the data were seen: {_flow(flow)}."
    elif flow[-1].left_out:
        yield f"Unfinished sessions were not counted: {_flow(flow)}."


def _arrived(stages: tuple[Stage, ...]) -> str:
    """'Of 52 who gave consent, 4 were sent away ... and 2 left before the trials; 46 began them.'"""
    first, *others = stages
    left = [f"{stage.left_out} {stage.what}" for stage in others]
    return f"Of {first.remaining} who {first.what}, {apa.listed(left)}; {stages[-1].remaining} began them."


def _flow(flow: tuple[Stage, ...]) -> str:
    """'of 23 sessions with answers, 2 were left out because they did not finish, and 21 were counted'."""
    first, *others = flow
    left = [f"{stage.left_out} because they {stage.what}" for stage in others]
    return (
        f"of {counted(first.remaining, 'session')} with answers, {apa.listed(left)} were left out, and "
        f"{flow[-1].remaining} counted"
    )


def _rule(found: Verdict) -> str:
    levels = [f"{level_of(look)} at {look.volunteers}" for look in found.looks]
    return (
        f"The t test was made at {_word(found.rule.looks)} looks that were declared before the data, with "
        f"bounds after {NAMES[found.rule.bound]} that together keep the one-sided level of 5%: p under "
        f"{apa.listed(levels)} volunteers, in the order in which they finished (Jennison & Turnbull, 2000)."
    )


def level_of(look: Look) -> str:
    """The nominal level of a look, as '.0304'."""
    return f"{look.level:.3g}".removeprefix("0")


def _other_methods(review: Review) -> Iterator[str]:
    if not isinstance(review.position, Undefined):
        yield (
            "Bias towards places on the screen was tested by the χ² of the places chosen and, within "
            "volunteers, by the exact distribution of their squared counts when places are drawn by chance."
        )
    if slope_of(review.learning) or slope_of(review.listens):
        yield (
            "Changes of accuracy along the order of trials and with the number of plays were estimated by "
            "logistic generalized estimating equations with exchangeable correlation within volunteers and "
            "robust standard errors (Liang & Zeger, 1986), judged by t with n − 2 degrees of freedom."
        )
    if not isinstance(review.times, Undefined):
        yield (
            "Response times were not trimmed; right and wrong answers were compared within volunteers on "
            "logarithms."
        )
    if not isinstance(review.mixed, Undefined):
        yield (
            "A logistic mixed model with crossed random intercepts of volunteers and trials was fitted by "
            f"Laplace's approximation ({review.mixed.package}) and its intercept tested against guessing "
            "(Jaeger, 2008)."
        )


def slope_of(trend: Trend | Undefined) -> Slope | None:
    """The slope of a trend, where there is one."""
    return None if isinstance(trend, Undefined) or isinstance(trend.slope, Undefined) else trend.slope


def _word(number: int) -> str:
    """'three' for 3; figures from ten on, as APA writes numbers in sentences."""
    words = ("two", "three", "four", "five", "six", "seven", "eight", "nine")
    return words[number - 2] if 2 <= number <= 9 else str(number)
