"""What a review holds: one small frozen value for each question that reviewers ask."""

from dataclasses import dataclass

from analysis.exclusions import Rules, Stage, flow_sentences
from analysis.sequential import Verdict
from analysis.summary import Bootstrap, Summary
from analysis.values import Number, Range, Undefined


@dataclass(frozen=True, slots=True)
class StudentTest:
    """Student's t test of the volunteers' accuracies less what chance gives each: new people, these trials.

    p         one-sided: better than chance
    effect    mean distance from chance in standard deviations (Cohen's d of one sample)
    """

    t: float
    df: int
    p: float
    effect: float


@dataclass(frozen=True, slots=True)
class PermutationTest:
    """Truths permuted over each volunteer's trials, answers kept: who prefers a class gains nothing by it.

    expected  share of right answers that these choices have on average over all permutations
    p         one-sided: share of all permutations with at least as many right answers, to 12 decimals
    """

    expected: float
    p: float


@dataclass(frozen=True, slots=True)
class NaiveTest:
    """The exact binomial test over all answers as if each came from a person and an item of its own.

    They do not, so p is too small and the interval too narrow; reported because readers look for it.
    """

    correct: int
    answers: int
    p: float
    wilson: Range


@dataclass(frozen=True, slots=True)
class AgainstChance:
    """Whether the volunteers together do better than guessing."""

    t: StudentTest | Undefined
    permutation: PermutationTest | Undefined
    naive: NaiveTest


@dataclass(frozen=True, slots=True)
class ExactTest:
    """One volunteer's or one trial's right answers against guessing, exactly and one-sided.

    p_holm    corrected for the number of volunteers (or trials) tested, after Holm (1979)
    d_prime   of a volunteer who had the same number of options throughout; else why there is none
    """

    name: str
    correct: int
    n: int
    p: float
    p_holm: float
    d_prime: Number

    @property
    def accuracy(self) -> float:
        return self.correct / self.n


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient of agreement with 95 % intervals, by resampling.

    interval    over new volunteers and new trials
    over_trials over new trials for these very volunteers
    """

    value: Number
    interval: Range
    over_trials: Range


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far volunteers choose alike, right or wrong, beyond what chance makes alike."""

    kappa: Coefficient
    alpha: Coefficient
    ac1: Coefficient


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """d' of the mean accuracy for a choice among `options`, and of both ends of its headline interval.

    corrected  whether all answers were right or wrong, so that (k + 1/2) / (n + 1) stands for the accuracy
    """

    options: int
    value: float
    interval: Range
    corrected: bool


@dataclass(frozen=True, slots=True)
class PositionBias:
    """Whether places on the screen attract choices.

    counts      how often each place was chosen, from place 0
    correct     how often rightly
    chi_square  of these counts against equal ones, with `df` and its p: a bias that volunteers share
    p_within    how unevenly each volunteer chose places (squared counts, summed), against all ways in which
                the places could have been drawn: biases of volunteers, whatever place each of them likes
    """

    counts: tuple[int, ...]
    correct: tuple[int, ...]
    chi_square: float
    df: int
    p: float
    p_within: float


@dataclass(frozen=True, slots=True)
class Slope:
    """A change of the odds of being right, by generalised estimating equations (logit, exchangeable).

    log_odds    per unit of the predictor, with its robust standard error
    correlation within volunteers, of what the predictor leaves over
    p           two-sided, t with volunteers - 2 degrees of freedom
    interval    95 % of the odds ratio
    """

    log_odds: float
    se: float
    odds_ratio: float
    interval: Range
    p: float
    df: int
    correlation: float
    answers: int
    volunteers: int


@dataclass(frozen=True, slots=True)
class Step:
    """Answers at one place of the order, or with one number of plays."""

    value: int
    n: int
    correct: int
    interval: Range

    @property
    def accuracy(self) -> float:
        return self.correct / self.n


@dataclass(frozen=True, slots=True)
class Trend:
    """Accuracy at each value (place in the order, from 1; number of plays) and its slope."""

    steps: tuple[Step, ...]
    slope: Slope | Undefined


@dataclass(frozen=True, slots=True)
class ResponseTimes:
    """Milliseconds from the trial's being ready to the answer, none trimmed.

    ratio     how many times as long a volunteer's right answers take as their wrong ones: geometric mean over
              the `volunteers` who have both, with its 95 % t interval and two-sided p
    """

    answers: int
    median: float
    quartiles: tuple[float, float]
    median_correct: Number
    median_wrong: Number
    ratio: Number
    interval: Range
    p: Number
    volunteers: int


@dataclass(frozen=True, slots=True)
class MixedModel:
    """Logistic mixed model with crossed random volunteers and trials, by Laplace's approximation (gpboost).

    intercept  log odds for an average volunteer and trial (at mid-order), with its standard error
    chance     log odds of guessing, against which it is tested: z, and p one-sided
    order      change of log odds per place, with its standard error, where the order varied
    sd_volunteers, sd_trials  spread of both, on the log odds
    """

    intercept: float
    intercept_se: float
    chance: float
    z: float
    p: float
    order: Number
    order_se: Number
    sd_volunteers: float
    sd_trials: float
    answers: int
    package: str


@dataclass(frozen=True, slots=True)
class Headline:
    """The numbers that are given with and without exclusions."""

    volunteers: int
    answers: int
    accuracy: float
    accuracy_interval: Range
    sigma: float
    kappa: Number


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Who was left out by the rules declared before the data, and what it changes.

    arrivals  from everybody who gave consent to those who began, where that is known
    flow      from everybody who answered to those counted, stage by stage
    without   the numbers of everybody who finished, before any other rule
    counted   the numbers after all rules
    """

    rules: Rules
    arrivals: tuple[Stage, ...]
    flow: tuple[Stage, ...]
    without: Headline
    counted: Headline

    @property
    def sentences(self) -> tuple[str, ...]:
        """Everybody's way from consent, where that is known, to the numbers, one sentence for each stage."""
        came = flow_sentences(self.arrivals) if self.arrivals else ()
        return (*came, *flow_sentences(self.flow))


@dataclass(frozen=True)
class Review:
    """What reviewers ask beyond the summary; equal answers give an equal review, in whatever order they come.

    summary     the numbers of those counted after exclusions
    volunteers  exact test of each volunteer, in alphabetical order of sessions
    trials      exact test of each trial, in the order of trial numbers
    sequential  what the sequential rule says that was declared before the data
    """

    summary: Summary
    exclusions: Exclusions
    chance: AgainstChance
    volunteers: tuple[ExactTest, ...]
    trials: tuple[ExactTest, ...]
    agreement: Agreement
    sensitivity: Sensitivity | Undefined
    position: PositionBias | Undefined
    learning: Trend | Undefined
    listens: Trend | Undefined
    times: ResponseTimes | Undefined
    mixed: MixedModel | Undefined
    sequential: Verdict | Undefined
    bootstrap: Bootstrap
