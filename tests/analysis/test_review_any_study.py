"""Any study has a review: from one volunteer to thousands, in any order, by any names."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import analysis.tables
from analysis import Answer
from analysis.review import Review, review
from analysis.sequential import Declared, Looks
from analysis.tables import review_json
from analysis.values import Interval
from tests.analysis.studies import simulated, studies, study
from tests.analysis.test_review import PAPER, permuted_orders

SCHEMA = json.loads((Path(analysis.tables.__file__).parent / "review.schema.json").read_text("utf-8"))


def some_missing(answers: list[Answer]) -> list[Answer]:
    return [answer for index, answer in enumerate(answers) if index % 33]


@pytest.mark.parametrize(
    "answers",
    [
        simulated(1, 20),
        simulated(2, 2),
        study(["0140"] * 5, "0140"),
        study(["0000"] * 5, "0000"),
        study(["1111"] * 5, "0000"),
        some_missing(PAPER),
        permuted_orders(simulated(11, 12, classes="abcd")),
        [Answer("s", 1, ("a", "b"), "a", "a"), Answer("s", 2, ("a", "b", "c", "d"), "a", "b")],
    ],
)
def test_any_study_has_a_review_whose_json_explains_every_null(answers: list[Answer]) -> None:
    told = review_json(review(answers, draws=50))
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    jsonschema.Draft202012Validator(SCHEMA).validate(told)
    assert set(_nulls(told)) - set(told["undefined"]) <= {
        f"exclusions.rules.{rule}" for rule in ("answers_at_least", "median_ms_at_least",
        "same_place_fewer_than", "plays_at_least", "listens_at_least")
    }  # fmt: skip
    assert all(reason.endswith((".", ").")) for reason in told["undefined"].values())


def test_a_declared_rule_is_in_the_json_with_every_look() -> None:
    declared = Declared(Looks(40, 2, "obrien_fleming"), tuple(f"s{row}" for row in range(21)))
    told = review_json(review(simulated(21, 20), draws=50, sequential=declared))
    jsonschema.Draft202012Validator(SCHEMA).validate(told)
    found = told["sequential"]
    assert (found["counted"], found["over"], found["ended_at"]) == (21, True, 1)
    assert [look["found"] for look in found["looks"]] == [True, False]
    assert told["undefined"]["sequential.looks.1.p"] == "Not so many are counted yet."
    alone = review_json(review(simulated(21, 20), draws=50))
    assert (alone["sequential"], alone["undefined"]["sequential"]) == (None, "No sequential rule is given.")


def _nulls(value: object, path: str = "") -> list[str]:
    if value is None:
        return [path]
    pairs: Sequence[tuple[object, object]] = ()
    if isinstance(value, dict):
        pairs = [*value.items()]
    elif isinstance(value, list):
        pairs = [
            (one["name"] if isinstance(one, dict) and "name" in one else place, one)
            for place, one in enumerate(value)
        ]
    return [null for key, one in pairs for null in _nulls(one, f"{path}.{key}".strip("."))]


def test_thousands_of_volunteers_are_reviewed() -> None:
    found = review(permuted_orders(simulated(5000, 20)), draws=100)
    assert len(found.volunteers) == 5000
    assert isinstance(found.agreement.kappa.interval, Interval)


@given(studies(), st.randoms(use_true_random=False))
def test_no_storage_order_changes_any_number(answers: list[Answer], random: Random) -> None:
    shuffled = [
        replace(answer, options=tuple(random.sample(answer.options, len(answer.options))))
        for answer in answers
    ]
    random.shuffle(shuffled)
    assert _numbers(review(shuffled, draws=30)) == _numbers(review(answers, draws=30))


@given(studies(), st.permutations("wxyz"))
def test_other_names_of_classes_change_no_number(answers: list[Answer], letters: Sequence[str]) -> None:
    new = dict(zip("abcd", letters, strict=True))
    renamed = [
        replace(
            answer,
            options=tuple(new[name] for name in answer.options),
            truth=new[answer.truth],
            choice=new[answer.choice],
        )
        for answer in answers
    ]
    assert _numbers(review(renamed, draws=30)) == _numbers(review(answers, draws=30))


def _numbers(found: Review) -> object:
    """Every number, to 9 digits: sums over classes may be rounded otherwise in another order."""
    return _rounded(review_json(found))


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value
