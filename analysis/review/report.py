"""A review in words, for a terminal."""

from collections.abc import Iterator

from analysis.report import report
from analysis.review.exact import SMALLEST
from analysis.review.sections import (
    Coefficient,
    ExactTest,
    PermutationTest,
    PositionBias,
    ResponseTimes,
    Review,
    Slope,
    StudentTest,
    Trend,
)
from analysis.sequential import Verdict
from analysis.values import Interval, Number, Range, Undefined, is_number

TINY = 1e-300


def review_report(review: Review) -> str:
    """The summary and every section of the review as lines of text; what is undefined says why."""
    parts = [report(review.summary).rstrip("\n").splitlines()]
    parts += [
        list(section(review)) for section in (_exclusions, _chance, _single, _agreement, _others, _mixed)
    ]
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def _exclusions(review: Review) -> Iterator[str]:
    found = review.exclusions
    yield "Who was counted"
    yield from (f"  {sentence}" for sentence in found.sentences)
    if found.without != found.counted:
        ends = _range(found.without.accuracy_interval)
        n = found.without.volunteers
        yield f"  Without these exclusions ({n} volunteers): accuracy {found.without.accuracy:.3f}, {ends}"


def _looks(review: Review) -> Iterator[str]:
    found = review.sequential
    if isinstance(found, Verdict):
        yield _row("looks", found.sentence)


def _chance(review: Review) -> Iterator[str]:
    naive = review.chance.naive
    yield "Against chance, one-sided"
    yield from _looks(review)
    yield _row("t test", _student(review.chance.t))
    yield _row("permutation", _permutation(review.chance.permutation))
    independent = "as if all answers were independent"
    yield _row("naive binomial", f"p {_p(naive.p)}, {_range(naive.wilson)}   {independent}")
    found = review.sensitivity
    if isinstance(found, Undefined):
        yield _row("d'", found.reason)
    else:
        among = f"choice among {found.options}, no bias"
        yield _row("d'", f"{found.value:.3f}, {_range(found.interval)}   {among}")


def _student(t: StudentTest | Undefined) -> str:
    if isinstance(t, Undefined):
        return t.reason
    told = f"t({t.df}) = {t.t:.3f}, p {_p(t.p)}, effect {t.effect:.2f} sd"
    return f"{told}   new volunteers, these trials"


def _permutation(found: PermutationTest | Undefined) -> str:
    if isinstance(found, Undefined):
        return found.reason
    p = f"p {_p(found.p)}" if found.p > SMALLEST else f"p <= {SMALLEST:g}"
    return f"{p}   {found.expected:.3f} right are expected of these answers"


def _single(review: Review) -> Iterator[str]:
    yield "Above chance by exact tests, after Holm's correction"
    for name, tests in (("volunteers", review.volunteers), ("trials", review.trials)):
        yield _row(name, f"{sum(one.p_holm < 0.05 for one in tests)} of {len(tests)}")
    yield _row("best trials", _best(review.trials))


def _best(trials: tuple[ExactTest, ...]) -> str:
    ordered = sorted(trials, key=lambda one: (one.p, one.name))[:5]
    return ", ".join(f"{one.name} ({one.correct}/{one.n}, p {_p(one.p_holm)})" for one in ordered)


def _agreement(review: Review) -> Iterator[str]:
    yield "Agreement, with intervals over new volunteers and trials"
    found = review.agreement
    for name, one in (
        ("Fleiss' kappa", found.kappa),
        ("Kripp. alpha", found.alpha),
        ("Gwet's AC1", found.ac1),
    ):
        yield _row(name, _coefficient(one))


def _coefficient(one: Coefficient) -> str:
    return f"{one.value:.3f}, {_range(one.interval)}" if is_number(one.value) else str(one.value)


def _others(review: Review) -> Iterator[str]:
    yield "Places, order, plays, times"
    yield _row("places", _places(review.position))
    yield _row("order", _trend(review.learning, "per place"))
    yield _row("plays", _trend(review.listens, "per play"))
    yield _row("times", _times(review.times))


def _places(found: PositionBias | Undefined) -> str:
    if isinstance(found, Undefined):
        return found.reason
    test = f"chi-square({found.df}) = {found.chi_square:.2f}, p {_p(found.p)}"
    return f"{' '.join(map(str, found.counts))}   {test}; within volunteers p {_p(found.p_within)}"


def _times(found: ResponseTimes | Undefined) -> str:
    if isinstance(found, Undefined):
        return found.reason
    right, wrong = _number(found.median_correct), _number(found.median_wrong)
    ratio = f"right/wrong {_number(found.ratio, 3)}, {_range(found.interval)}"
    return f"median {found.median:.0f} ms; right {right}, wrong {wrong}; {ratio}"


def _trend(trend: Trend | Undefined, per: str) -> str:
    found: Slope | Undefined = trend if isinstance(trend, Undefined) else trend.slope
    if isinstance(found, Undefined):
        return found.reason
    return f"odds x {found.odds_ratio:.3f} {per}, {_range(found.interval)}, p {_p(found.p)}"


def _mixed(review: Review) -> Iterator[str]:
    yield "Mixed logistic model"
    model = review.mixed
    if isinstance(model, Undefined):
        yield f"  {model.reason}"
        return
    intercept = f"{model.intercept:.3f} (se {model.intercept_se:.3f}), chance {model.chance:.3f}"
    yield _row("intercept", f"{intercept}, z = {model.z:.2f}, p {_p(model.p)}")
    yield _row("order", f"{_number(model.order, 4)} (se {_number(model.order_se, 4)})")
    yield _row(
        "spread", f"volunteers {model.sd_volunteers:.3f}, trials {model.sd_trials:.3f}   {model.package}"
    )


def _row(name: str, text: str) -> str:
    return f"  {name:<15}{text}"


def _number(value: Number, digits: int = 0) -> str:
    return f"{value:.{digits}f}" if is_number(value) else "-"


def _range(value: Range) -> str:
    return f"{value.low:.3f} - {value.high:.3f}" if isinstance(value, Interval) else "no interval"


def _p(p: float) -> str:
    """'= 0.0123', '= 1.2e-08', and what is too small for a float."""
    if p < TINY:
        return f"< {TINY:g}"
    return f"= {p:.4f}" if p >= 0.0001 else f"= {p:.1e}"
