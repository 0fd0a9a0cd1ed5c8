"""A methods and a results paragraph, written from a review alone; equal reviews give equal sentences.

Plain scientific English, numbers as APA style writes them. What the answers do not determine is said with its
reason, or left out where nobody would miss it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from analysis import apa
from analysis.methods import level_of, methods, slope_of
from analysis.review.sections import Coefficient, ExactTest, Review
from analysis.values import Undefined, counted, is_number

SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """Both texts, each one paragraph without line breaks."""

    methods: str
    results: str


def paragraphs(review: Review) -> Paragraphs:
    """Methods and results of a study."""
    return Paragraphs(" ".join(methods(review)), " ".join(_results(review)))


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
        f"By the declared rule the study ended at {told}, {end}: {p}, nominal level {level_of(look)}. "
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
    if len(unanimous) == 1:
        yield f"1 trial had unanimous answers, {'right' if right else 'wrong'} ones."
    elif unanimous:
        yield f"{len(unanimous)} trials had unanimous answers, in {len(right)} of them right ones."


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


def _order_and_plays(review: Review) -> Iterator[str]:
    for trend, per in ((review.learning, "per place in the order"), (review.listens, "per play of the clip")):
        if slope := slope_of(trend):
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
