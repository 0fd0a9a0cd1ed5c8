"""What the results page says in sentences beside its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.values import Interval, Undefined
from study.web.numbers import ends, percent

if TYPE_CHECKING:
    from analysis.review import Review
    from analysis.review.sections import Slope
    from analysis.values import Number, Range


def sentences(review: Review) -> dict[str, str]:
    """Return a sentence or two for each section, or why it has none."""
    return {
        "sensitivity": _sensitivity(review),
        "rule": _rule(review),
        "places": _places(review),
        "learning": _learning(review),
        "listens": _listens(review),
        "times": _times(review),
        "mixed": _mixed(review),
    }


def p_words(p: Number) -> str:
    """Return a probability as papers write it."""
    if isinstance(p, Undefined):
        return str(p)
    return f"p = {p:.4f}" if p >= 0.0001 else "p < 0.0001"


def _range(found: Range, digits: int = 2) -> str:
    if not isinstance(found, Interval):
        return str(found)
    return f"95 % interval {found.low:.{digits}f} to {found.high:.{digits}f}"


def _sensitivity(review: Review) -> str:
    found = review.sensitivity
    if isinstance(found, Undefined):
        return str(found)
    value = f"d′ for a choice among {found.options}: {found.value:.2f}"
    corrected = " All answers were right or wrong, so it is corrected." if found.corrected else ""
    if isinstance(found.interval, Undefined):
        return f"{value}. {found.interval}{corrected}"
    return f"{value}, {_range(found.interval)}.{corrected}"


def _rule(review: Review) -> str:
    """Say what the declared sequential rule says, or why it is not followed; nothing where there is none."""
    from analysis.sequential import NO_RULE

    found = review.sequential
    if found == NO_RULE:
        return ""
    return str(found) if isinstance(found, Undefined) else found.sentence


def _places(review: Review) -> str:
    found = review.position
    if isinstance(found, Undefined):
        return str(found)
    return (
        f"Whether some places were liked better, by all together: χ²({found.df}) = {found.chi_square:.2f}, "
        f"{p_words(found.p)}; by single volunteers: {p_words(found.p_within)}."
    )


def _learning(review: Review) -> str:
    if isinstance(review.learning, Undefined):
        return str(review.learning)
    return _slope(review.learning.slope, "With each trial")


def _listens(review: Review) -> str:
    if isinstance(review.listens, Undefined):
        return str(review.listens)
    return _slope(review.listens.slope, "With each play more")


def _slope(slope: Slope | Undefined, per: str) -> str:
    if isinstance(slope, Undefined):
        return str(slope)
    return (
        f"{per} the odds of being right are multiplied by {slope.odds_ratio:.3f} "
        f"({_range(slope.interval, 3)}, {p_words(slope.p)})."
    )


def _times(review: Review) -> str:
    found = review.times
    if isinstance(found, Undefined):
        return str(found)
    low, high = found.quartiles
    spread = (
        f"Half of the {found.answers} answers took up to {found.median / 1000:.1f} s, the middle half "
        f"{low / 1000:.1f} to {high / 1000:.1f} s."
    )
    if isinstance(found.ratio, Undefined):
        return f"{spread} {found.ratio}"
    return (
        f"{spread} Right answers take {found.ratio:.2f} times as long as wrong ones "
        f"({_range(found.interval)}, {p_words(found.p)}, {found.volunteers} volunteers)."
    )


def _mixed(review: Review) -> str:
    found = review.mixed
    if isinstance(found, Undefined):
        return str(found)
    return (
        f"Log odds of being right for an average volunteer and trial: {found.intercept:.3f} (standard error "
        f"{found.intercept_se:.3f}), against {found.chance:.3f} by guessing: z = {found.z:.2f}, "
        f"{p_words(found.p)}. Spread of volunteers {found.sd_volunteers:.2f}, of trials "
        f"{found.sd_trials:.2f}."
    )


def announced(review: Review) -> str:
    """Return what is said when the numbers of the page have changed."""
    summary = review.summary
    return (
        f"Updated: {len(summary.volunteers)} counted, accuracy {percent(summary.accuracy)}, "
        f"{ends(summary.accuracy_interval, 1)}."
    )
