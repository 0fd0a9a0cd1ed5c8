"""The mixed model: without its package a sentence, with it the estimates of another implementation."""

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

from analysis import Answer, Undefined
from analysis.review import review
from analysis.review.mixed import NOT_ASKED, NOT_INSTALLED
from analysis.review.sections import MixedModel
from tests.analysis.studies import DIGITS, simulated, study
from tests.analysis.test_review import permuted_orders

with_gpboost = pytest.mark.skipif(
    not find_spec("gpboost"), reason="gpboost is not installed (pip install -r requirements-mixed.txt)"
)


def crossed(sessions: int, trials: int) -> list[Answer]:
    """Volunteers and trials with spreads .8 and .6 on the log odds about .4, without a floor."""
    rng = np.random.default_rng(11)
    odds = 0.4 + rng.normal(0, 0.8, (sessions, 1)) + rng.normal(0, 0.6, (1, trials))
    right = rng.random((sessions, trials)) < 1 / (1 + np.exp(-odds))
    return permuted_orders(
        [
            Answer(f"s{row:02}", trial + 1, DIGITS, "0", "0" if right[row, trial] else "1")
            for row in range(sessions)
            for trial in range(trials)
        ]
    )


def test_the_mixed_model_is_fitted_only_where_it_is_asked_for() -> None:
    assert review(simulated(5, 5), draws=50).mixed == NOT_ASKED


@pytest.mark.skipif(bool(find_spec("gpboost")), reason="gpboost is installed")
def test_without_its_package_the_sentence_tells_how_to_get_it() -> None:
    assert review(simulated(5, 5), draws=50, mixed=True).mixed == NOT_INSTALLED


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (study(["01", "00", "00"], "00"), "A mixed model needs at least three volunteers and three trials."),
        (
            study(["000"] * 3, "000"),
            "All answers are right or all are wrong, so a mixed model has no estimate.",
        ),
        (
            [Answer(s, t, tuple("abcd"[: t + 1]), "a", "a") for s in "xyz" for t in (1, 2, 3)],
            "Trials have different numbers of options, so guessing has no single log odds.",
        ),
    ],
)
def test_too_little_for_a_mixed_model_says_why(answers: list[Answer], reason: str) -> None:
    assert review(answers, draws=50, mixed=True).mixed == Undefined(reason)


@with_gpboost
def test_the_mixed_model_agrees_with_that_of_statsmodels() -> None:
    """Their variational means, whose standard errors are known to be too small, so only estimates."""
    import pandas as pd
    from statsmodels.genmod.bayes_mixed_glm import BinomialBayesMixedGLM

    answers = crossed(40, 20)
    found = review(answers, draws=50, mixed=True).mixed
    assert isinstance(found, MixedModel)
    order = np.array([answer.order for answer in answers], dtype=float)
    frame = pd.DataFrame(
        {"right": [float(a.correct) for a in answers], "order": order - order.mean(),
         "who": [a.session for a in answers], "what": [a.trial for a in answers]}
    )  # fmt: skip
    groups = {"who": "0 + C(who)", "what": "0 + C(what)"}
    theirs = BinomialBayesMixedGLM.from_formula("right ~ order", groups, frame).fit_vb()
    assert found.intercept == pytest.approx(theirs.fe_mean[0], abs=0.05)
    assert found.order == pytest.approx(theirs.fe_mean[1], abs=0.01)
    spreads = np.exp(theirs.vcp_mean)
    assert (found.sd_volunteers, found.sd_trials) == pytest.approx(tuple(spreads), abs=0.12)
    assert found.chance == pytest.approx(np.log(0.5))
    assert found.z == pytest.approx((found.intercept - found.chance) / found.intercept_se)


@with_gpboost
def test_one_order_for_all_leaves_order_out(capfd: pytest.CaptureFixture[str]) -> None:
    answers = [replace(answer, order=answer.trial) for answer in crossed(12, 8)]
    found = review(answers, draws=50, mixed=True).mixed
    assert isinstance(found, MixedModel)
    assert isinstance(found.order, Undefined)
    assert capfd.readouterr().out == ""
