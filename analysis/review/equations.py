"""Generalised estimating equations: a logistic slope for answers that come in volunteers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, stdtr, stdtrit

from analysis.intervals import LEVEL
from analysis.review.sections import Slope
from analysis.values import Interval, Undefined

Floats = NDArray[np.float64]
_ROUNDS = 100
_SETTLED = 1e-10


def slope(correct: NDArray[np.bool_], known: NDArray[np.bool_], predictor: Floats) -> Slope | Undefined:
    """How the odds of a right answer change with the predictor, from three (n, T) tables.

    Liang & Zeger (1986), Biometrika 73, 13-22: logit link, exchangeable correlation within volunteers, robust
    standard errors; the same as statsmodels' `GEE` with `Binomial()` and `Exchangeable()`. Judged by t with
    n - 2 degrees of freedom: with few volunteers the normal is too sure (Fay & Graubard 2001, Biometrics 57,
    1198-1206).
    """
    rows = known.any(axis=1)
    correct, known, predictor = correct[rows], known[rows], np.where(known, predictor, 0.0)[rows]
    n = len(known)
    values = predictor[known]
    if n < 3:
        return Undefined("A slope over volunteers needs at least three volunteers.")
    if np.ptp(values) == 0:
        return Undefined("It has the same value in every answer, so there is no slope.")
    if correct[known].all() or not correct[known].any():
        return Undefined("All answers are right or all are wrong, so there is no slope.")
    unit = float(values.std())
    fitted = _fit(_Study(correct.astype(float), known, (predictor - values.mean()) / unit))
    if fitted is None:
        return Undefined("The slope does not settle: right and wrong answers are (almost) separated by it.")
    log_odds, se, df = fitted.slope / unit, fitted.se / unit, n - 2
    half = float(stdtrit(df, (1 + LEVEL) / 2)) * se
    low, high = np.exp([log_odds - half, log_odds + half])
    return Slope(
        log_odds=log_odds,
        se=se,
        odds_ratio=float(np.exp(log_odds)),
        interval=Interval(float(low), float(high), "GEE, t with robust standard error", LEVEL),
        p=float(2 * stdtr(df, -abs(log_odds) / se)),
        df=df,
        correlation=fitted.correlation,
        answers=int(known.sum()),
        volunteers=n,
    )


@dataclass(frozen=True)
class _Study:
    """(n, T) each: right (1.0) or not, whether there is an answer, and the standardised predictor."""

    right: Floats
    known: NDArray[np.bool_]
    predictor: Floats


@dataclass(frozen=True)
class _Fitted:
    slope: float
    se: float
    correlation: float


def _fit(study: _Study) -> _Fitted | None:
    """Fisher scoring, the correlation estimated anew in every round; None where it does not settle."""
    beta, correlation = np.zeros(2), 0.0
    share = study.right.sum() / study.known.sum()
    beta[0] = np.log(share / (1 - share))
    for _ in range(_ROUNDS):
        scores, information = _estimating(study, beta, correlation)
        if np.linalg.cond(information) > 1e12:
            return None
        step = np.linalg.solve(information, scores.sum(axis=0))
        beta = beta + step
        if np.abs(beta).max() > 15:
            return None
        correlation = _correlation(study, beta)
        if np.abs(step).max() < _SETTLED:
            return _robust(study, beta, correlation)
    return None


def _robust(study: _Study, beta: Floats, correlation: float) -> _Fitted | None:
    scores, information = _estimating(study, beta, correlation)
    bread = np.linalg.inv(information)
    covariance = bread @ (scores.T @ scores) @ bread
    se = float(np.sqrt(covariance[1, 1]))
    return _Fitted(float(beta[1]), se, correlation) if se > 1e-9 else None


def _estimating(study: _Study, beta: Floats, correlation: float) -> tuple[Floats, Floats]:
    """Each volunteer's share of the estimating equations (n, 2), and the information (2, 2)."""
    mean = expit(beta[0] + beta[1] * study.predictor)
    root = np.where(study.known, np.sqrt(mean * (1 - mean)), 0.0)
    residual = np.where(study.known, study.right - mean, 0.0) / np.where(root > 0, root, 1.0)
    design = np.stack([root, root * study.predictor], axis=2)  # (n, T, 2)
    # The inverse of an exchangeable correlation: (I - weight J) / (1 - correlation)
    m = study.known.sum(axis=1)
    weight = correlation / (1 + (m - 1) * correlation)
    sums = design.sum(axis=1)  # (n, 2)
    scores = np.einsum("ntp,nt->np", design, residual) - (weight * residual.sum(axis=1))[:, None] * sums
    information = np.einsum("ntp,ntq->pq", design, design) - (weight[:, None] * sums).T @ sums
    return scores / (1 - correlation), information / (1 - correlation)


def _correlation(study: _Study, beta: Floats) -> float:
    """Moment estimate from Pearson residuals, kept where the matrix can be inverted."""
    mean = expit(beta[0] + beta[1] * study.predictor)
    residual = np.where(study.known, (study.right - mean) / np.sqrt(mean * (1 - mean)), 0.0)
    m = study.known.sum(axis=1)
    squares, pairs = (residual**2).sum(), (m * (m - 1) / 2).sum()
    if pairs <= 2:
        return 0.0
    scale = squares / (m.sum() - 2)
    products = (residual.sum(axis=1) ** 2 - (residual**2).sum(axis=1)).sum() / 2
    least = -0.99 / max(1, int(m.max()) - 1)
    return float(np.clip(products / (scale * (pairs - 2)), least, 0.99))
