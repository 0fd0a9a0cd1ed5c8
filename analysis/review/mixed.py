"""A logistic mixed model with random volunteers and trials, where the optional package gpboost is there."""

from importlib import import_module
from importlib.util import find_spec
from logging import getLogger
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from analysis.matrix import UNKNOWN, AnswerMatrix
from analysis.review.sections import MixedModel
from analysis.values import Number, Undefined

Floats = NDArray[np.float64]

NOT_ASKED = Undefined("The mixed model was not asked for (python -m analysis review --mixed).")
NOT_INSTALLED = Undefined(
    "The mixed model needs the package gpboost (pip install -r requirements-mixed.txt); R's lme4 fits the "
    "same model from the long table."
)


def mixed_model(matrix: AnswerMatrix) -> MixedModel | Undefined:
    """correct ~ 1 + order + (1 | volunteer) + (1 | trial), logit link; the intercept against guessing.

    Jaeger (2008), Journal of Memory and Language 59, 434-446; random trials as Clark (1973) and Baayen,
    Davidson & Bates (2008) ask. Guessing among k options lies at log(1 / (k - 1)), not at 0.
    """
    reason = _why_none(matrix)
    if reason:
        return Undefined(reason)
    if not find_spec("gpboost"):
        return NOT_INSTALLED
    volunteers, trials = np.nonzero(matrix.answered)
    right = matrix.correct[matrix.answered].astype(float)
    order = _order(matrix)
    columns = [np.ones(len(right))] if order is None else [np.ones(len(right)), order]
    fitted, package = _fitted(np.stack(columns, axis=1), np.stack([volunteers, trials], axis=1), right)
    return _told(fitted, int(matrix.offered[0].sum()), len(right), package)


def _why_none(matrix: AnswerMatrix) -> str | None:
    if len(np.unique(matrix.offered.sum(axis=1))) > 1:
        return "Trials have different numbers of options, so guessing has no single log odds."
    if min(matrix.choice.shape) < 3:
        return "A mixed model needs at least three volunteers and three trials."
    right = matrix.correct[matrix.answered]
    if right.all() or not right.any():
        return "All answers are right or all are wrong, so a mixed model has no estimate."
    return None


def _order(matrix: AnswerMatrix) -> Floats | None:
    """Place of each answer about the middle, or None where the table does not tell or trials keep theirs."""
    order, answered = matrix.told["order"].astype(float), matrix.answered
    if (order[answered] == UNKNOWN).any():
        return None
    own = np.where(answered, order, 0).sum(axis=0) / answered.sum(axis=0)
    if np.allclose(np.where(answered, order, own), own):
        return None
    return np.asarray(order[answered] - order[answered].mean())


def _fitted(design: Floats, groups: NDArray[np.int64], right: Floats) -> tuple[Any, str]:
    gpboost = import_module("gpboost")
    gpboost.register_logger(getLogger("gpboost"))  # it would print among our output
    # One thread gives the same digits on every machine.
    model = gpboost.GPModel(group_data=groups, likelihood="bernoulli_logit", num_parallel_threads=1)
    model.fit(y=right, X=design, params={"trace": False})
    return model, f"gpboost {gpboost.__version__}"


def _told(model: Any, options: int, answers: int, package: str) -> MixedModel:
    coefficients = np.asarray(model.get_coef(std_err=True, format_pandas=False)).reshape(2, -1)
    spreads = np.sqrt(np.asarray(model.get_cov_pars(format_pandas=False)).ravel())
    (intercept, se), chance = coefficients[:, 0], -float(np.log(options - 1))
    without: Number = Undefined("Places of the order are unknown or the same for all, so order is not in it.")
    order, order_se = map(float, coefficients[:, 1]) if coefficients.shape[1] > 1 else (without, without)
    z = float((intercept - chance) / se)
    return MixedModel(
        intercept=float(intercept),
        intercept_se=float(se),
        chance=chance,
        z=z,
        p=float(ndtr(-z)),
        order=order,
        order_se=order_se,
        sd_volunteers=float(spreads[0]),
        sd_trials=float(spreads[1]),
        answers=answers,
        package=package,
    )
