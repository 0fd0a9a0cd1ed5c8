"""A methods and a results paragraph, written from a review alone; equal reviews give equal sentences.

Plain scientific English, numbers as APA style writes them. What the answers do not determine is said with its
reason, or left out where nobody would miss it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from analysis import apa
from analysis.exclusions import Rules, Stage
from analysis.review.sections import Coefficient, ExactTest, Review, Slope, Trend
from analysis.sequential import NAMES, Look, Verdict
from analysis.values import Undefined, counted, is_number

SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """Both texts, each one paragraph without line breaks."""

    methods: str
    results: str


def paragraphs(review: Review) -> Paragraphs:
    """Methods and results of a study."""
    return Paragraphs(" ".join(_methods(review)), " ".join(_results(review)))


def _methods(review: Review) -> Iterator[str]:
    yield from _who(review)
    yield (
        "Accuracy is the mean over volunteers of their share of right answers. Since both volunteers and "
        "trials are samples (Clark, 1973), its 95% confidence interval is the percentile interval of "
        f"{apa.count(review.bootstrap.draws)} draws of a crossed bootstrap, in which volunteers and trials "
        "were drawn with replacement independently of each other (Owen, 2007; seed "
        f"{review.bootstrap.seed}). Its spread σ is the standard deviation of the volunteers' accuracies, "
        "dividing by n; the estimate dividing by n − 1 is given beside it."
    )
    yield (
        "Accuracy was tested against chance by a one-sided t test over volunteers and by an exact "
        "permutation test of the number of right answers, in which the truths were permuted over the trials "
        "of each volunteer while the answers were kept, so that a preference for one class gains nothing. "
        "Single volunteers and single trials were tested by exact one-sided tests against guessing, "
        "corrected for their number (Holm, 1979)."
    )
    yield (
        "Agreement among volunteers was measured by Fleiss' (1971) κ with the classes as categories, by "
        "Krippendorff's (2004) α for nominal data and by Gwet's (2008) AC1, with percentile intervals over "
        "volunteers and trials from the same number of draws, in which nobody was paired with themself."
    )
    if not isinstance(review.sequential, Undefined):
        yield _rule(review.sequential)
    if not isinstance(review.sensitivity, Undefined):
        yield (
            f"Sensitivity d′ was computed for a choice among {_word(review.sensitivity.options)} "
            "alternatives without response bias (Hacker & Ratcliff, 1979)."
        )
    yield from _other_methods(review)


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
    levels = [f"{_level(look)} at {look.volunteers}" for look in found.looks]
    return (
        f"The t test was made at {_word(found.rule.looks)} looks that were declared before the data, with "
        f"bounds after {NAMES[found.rule.bound]} that together keep the one-sided level of 5%: p under "
        f"{apa.listed(levels)} volunteers, in the order in which they finished (Jennison & Turnbull, 2000)."
    )


def _level(look: Look) -> str:
    return f"{look.level:.3g}".removeprefix("0")


def _other_methods(review: Review) -> Iterator[str]:
    if not isinstance(review.position, Undefined):
        yield (
            "Bias towards places on the screen was tested by the χ² of the places chosen and, within "
            "volunteers, by the exact distribution of their squared counts when places are drawn by chance."
        )
    if _slope(review.learning) or _slope(review.listens):
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


def _results(review: Review) -> Iterator[str]:
    yield from _accuracy(review)
    yield from _ended(review)
    yield from _against_chance(review)
    yield from _single(review)
    yield from _agreement(review)
    yield from _order_and_plays(review)
    yield from _places_and_times(review)
    yield from _mixed(review)
    yield from _without(review)


def _accuracy(review: Review) -> Iterator[str]:
    summary = review.summary
    told = apa.with_interval("M", summary.accuracy, summary.accuracy_interval)
    spread = f"σ = {apa.share(summary.sigma)}"
    if is_number(summary.sigma_ddof1):
        spread += f" ({apa.share(summary.sigma_ddof1)} dividing by n − 1)"
    yield f"Volunteers chose the right image with an accuracy of {told}, {spread}."
    if isinstance(summary.accuracy_interval, Undefined):
        yield str(summary.accuracy_interval)
    elif not isinstance(summary.t_interval, Undefined):
        yield f"Over these very trials the t interval is {apa.interval(summary.t_interval)}."
    found = review.sensitivity
    if not isinstance(found, Undefined):
        yield f"Sensitivity was {apa.with_interval('d′', found.value, found.interval, bounded=False)}."


def _ended(review: Review) -> Iterator[str]:
    found = review.sequential
    if isinstance(found, Undefined):
        return
    if found.ended_at is None:
        yield f"The declared looks had not ended the study after {counted(found.counted, 'volunteer')}."
        return
    look = found.looks[found.ended_at - 1]
    told = f"look {found.ended_at} of {len(found.looks)}, at {counted(look.volunteers, 'volunteer')}"
    p = "p undefined" if isinstance(look.p, Undefined) else apa.p_value(look.p)
    end = "with a result above chance" if look.found else "without a result above chance"
    yield (
        f"By the declared rule the study ended at {told}, {end}: {p}, nominal level {_level(look)}. "
        "Intervals are not adjusted for the looks."
    )


def _against_chance(review: Review) -> Iterator[str]:
    t, permutation = review.chance.t, review.chance.permutation
    if isinstance(t, Undefined):
        yield str(t)
    else:
        yield (
            f"{_verdict(t.p)} (guessing: {apa.share(review.summary.chance)}), t({t.df}) = {apa.number(t.t)}, "
            f"{apa.p_value(t.p)}, d = {apa.number(t.effect)}."
        )
    if isinstance(permutation, Undefined):
        yield str(permutation)
    else:
        yield (
            f"With truths permuted within volunteers, {apa.share(permutation.expected)} of answers are "
            f"expected to be right; permutation test, {apa.p_value(permutation.p)}."
        )


def _verdict(p: float) -> str:
    return f"Accuracy was {'above' if p < SIGNIFICANT else 'not shown to be above'} chance"


def _single(review: Review) -> Iterator[str]:
    yield (
        f"By exact tests with Holm's correction, {_above(review.volunteers, 'volunteer')} and "
        f"{_above(review.trials, 'trial')} were above chance."
    )
    unanimous, right = review.summary.unanimous, review.summary.unanimously_right
    if unanimous:
        yield f"{counted(len(unanimous), 'trial')} had unanimous answers, {len(right)} of them right ones."


def _above(tests: tuple[ExactTest, ...], noun: str) -> str:
    return f"{sum(one.p_holm < SIGNIFICANT for one in tests)} of {counted(len(tests), noun)}"


def _agreement(review: Review) -> Iterator[str]:
    found = review.agreement
    yield from _coefficient("Fleiss' κ", found.kappa)
    yield from _coefficient("Krippendorff's α", found.alpha)
    yield from _coefficient("Gwet's AC1", found.ac1)


def _coefficient(name: str, found: Coefficient) -> Iterator[str]:
    told = apa.with_interval(name, found.value, found.interval)
    yield told if isinstance(found.value, Undefined) else f"{told}."


def _slope(trend: Trend | Undefined) -> Slope | None:
    return None if isinstance(trend, Undefined) or isinstance(trend.slope, Undefined) else trend.slope


def _order_and_plays(review: Review) -> Iterator[str]:
    for trend, per in ((review.learning, "per place in the order"), (review.listens, "per play of the clip")):
        if slope := _slope(trend):
            ratio = apa.with_interval("OR", slope.odds_ratio, slope.interval, bounded=False)
            told = f"t({slope.df}) = {apa.number(slope.log_odds / slope.se)}, {apa.p_value(slope.p)}"
            yield f"The odds of a right answer changed by {ratio} {per}, {told}."


def _places_and_times(review: Review) -> Iterator[str]:
    places, times = review.position, review.times
    if not isinstance(places, Undefined):
        n = apa.count(sum(places.counts))
        yield (
            f"Places on the screen: χ²({places.df}, N = {n}) = {apa.number(places.chi_square)}, "
            f"{apa.p_value(places.p)}; within volunteers, {apa.p_value(places.p_within)}."
        )
    if not isinstance(times, Undefined):
        seconds = [apa.number(value / 1000, 1) for value in (times.median, *times.quartiles)]
        yield f"The median response took {seconds[0]} s (quartiles {seconds[1]} s and {seconds[2]} s)."
        if is_number(times.p):
            ratio = apa.with_interval("ratio", times.ratio, times.interval, bounded=False)
            yield f"Right answers compared with wrong ones in time: {ratio}, {apa.p_value(times.p)}."


def _mixed(review: Review) -> Iterator[str]:
    model = review.mixed
    if not isinstance(model, Undefined):
        yield (
            f"In the mixed model the intercept was {apa.number(model.intercept)} (SE = "
            f"{apa.number(model.intercept_se)}) on the log odds, against {apa.number(model.chance)} for "
            f"guessing, z = {apa.number(model.z)}, {apa.p_value(model.p)}; standard deviations were "
            f"{apa.number(model.sd_volunteers)} over volunteers, {apa.number(model.sd_trials)} over trials."
        )


def _without(review: Review) -> Iterator[str]:
    without, with_rules = review.exclusions.without, review.exclusions.counted
    if without != with_rules:
        told = apa.with_interval("accuracy", without.accuracy, without.accuracy_interval)
        yield f"Without the exclusions, {counted(without.volunteers, 'volunteer')} had {told}."


def _word(number: int) -> str:
    """'three' for 3; figures from ten on, as APA writes numbers in sentences."""
    words = ("two", "three", "four", "five", "six", "seven", "eight", "nine")
    return words[number - 2] if 2 <= number <= 9 else str(number)
