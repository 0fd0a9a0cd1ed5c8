"""People beside machines, in simulated studies where the truth is known."""

import dataclasses
import itertools
import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.metrics import cohen_kappa_score

from analysis import Answer, Undefined, is_number, summarise
from analysis.cli import main
from analysis.machine.comparison import Beside, beside
from analysis.machine.comparison_json import beside_json, beside_object
from analysis.machine.document import Machine
from analysis.machine.errors import OtherStudy
from analysis.machine.files import machine_json
from analysis.machine.preference import exact_p, preference
from analysis.machine.report import beside_report
from analysis.matrix import to_matrix
from analysis.tables import long_csv
from analysis.values import Interval
from tests.analysis.machine.machines import believing, looking, machine, people

HOME = Path(__file__).parents[3] / "analysis" / "machine"


def compared(answers: list[Answer], found: Machine) -> Beside:
    return beside(answers, summarise(answers), found)


def gradient(found: Machine, ease: list[float]) -> list[list[float]]:
    """The truth with this probability, the other two options sharing the rest."""
    rows = []
    for trial, p in zip(found.trials, ease, strict=True):
        row = [(1 - p) / 2] * 3
        row[trial.true_slot] = p
        rows.append(row)
    return rows


EASE = np.linspace(0.25, 0.99, 20).tolist()


def test_people_who_find_the_same_trials_hard_are_found() -> None:
    found = believing(machine(), gradient(machine(), EASE))
    model = compared(people(found, gradient(found, EASE), n=60), found).listeners[0]
    assert is_number(model.difficulty.rho)
    assert is_number(model.difficulty.p)
    assert model.difficulty.rho < -0.8
    assert model.difficulty.p < 0.001
    assert isinstance(model.difficulty.interval, Interval)
    assert model.difficulty.interval.high < -0.5


def test_people_who_hear_otherwise_are_not() -> None:
    found = believing(machine(), gradient(machine(), EASE))
    other = np.random.default_rng(2).permutation(EASE).tolist()
    p = [
        compared(people(found, gradient(found, other), seed=s), found).listeners[0].difficulty.p
        for s in range(3)
    ]
    assert min(value for value in p if is_number(value)) > 0.02


def test_rho_is_spearmans() -> None:
    found = machine()
    answers = people(found, gradient(found, EASE))
    summary = summarise(answers)
    for each in compared(answers, found).listeners:
        hard = [trial.difficulty(each.listener) for trial in found.trials]
        accuracy = [trial.accuracy for trial in summary.trials]
        assert each.difficulty.rho == pytest.approx(spearmanr(accuracy, hard).statistic)


def test_accuracy_and_confidence_are_the_machines_own() -> None:
    beliefs = [[0.6, 0.3, 0.1]] * 3 + [[0.1, 0.2, 0.7]] * 3
    found = believing(machine(6), beliefs)  # truths 0, 1, 4, 0, 1, 4
    model = compared(people(found, beliefs), found).listeners[0]
    assert (model.correct, model.accuracy) == (2, 1 / 3)
    assert model.confidence == pytest.approx(0.65)


def test_agreement_and_kappa_are_those_of_the_answers() -> None:
    found = machine()
    answers = people(found, gradient(found, EASE))
    by_trial = {trial.trial: trial for trial in found.trials}
    for each in compared(answers, found).listeners:
        theirs = [answer.choice for answer in answers]
        its = [by_trial[answer.trial].choice(each.listener) for answer in answers]
        same = [a == b for a, b in zip(theirs, its, strict=True)]
        assert each.agreement == pytest.approx(np.mean(same))
        assert each.kappa == pytest.approx(cohen_kappa_score(theirs, its))
        assert isinstance(each.agreement_interval, Interval)
        assert each.agreement in each.agreement_interval  # type: ignore[operator]


def test_people_who_err_towards_the_lookalike_are_found_and_others_not() -> None:
    found = machine()
    near = []
    for trial in found.trials:
        row = [0.05] * 3
        row[trial.true_slot] = 0.55
        row[trial.options.index(trial.lookalike() or "")] = 0.4
        near.append(row)
    drawn = compared(people(found, near), found).lookalikes
    assert is_number(drawn.share)
    assert drawn.share == pytest.approx(0.4 / 0.45, abs=0.06)
    assert drawn.chance == pytest.approx(0.5)
    assert is_number(drawn.p)
    assert drawn.p < 0.001
    assert isinstance(drawn.interval, Interval)
    assert drawn.interval.low > 0.6
    even = compared(people(found, gradient(found, [0.55] * 20)), found).lookalikes
    assert is_number(even.p)
    assert even.p > 0.05


def test_one_trial_with_many_answers_is_no_proof() -> None:
    """A binomial test over answers would call this certain; trials move as a whole, so p is 1/2."""
    found = looking(machine(1), [[0, 1, 2]])
    chances = [[0.5, 0.5, 0.0]]
    drawn = compared(people(found, chances, n=100), found).lookalikes
    assert (drawn.share, drawn.p) == (1, 0.5)
    assert drawn.interval == Undefined(
        "This interval resamples volunteers and trials and needs two of each; there are 100 and 1."
    )


@given(st.lists(st.lists(st.integers(0, 6), min_size=2, max_size=3), min_size=1, max_size=5))
def test_the_exact_p_counts_every_way_to_name_the_predicted_option(counts: list[list[int]]) -> None:
    sums = [(sum(ways), 1 / np.prod([len(row) for row in counts])) for ways in itertools.product(*counts)]
    for hits in {0, counts[0][0], max(total for total, _ in sums)}:
        assert exact_p(counts, hits) == pytest.approx(sum(chance for total, chance in sums if total >= hits))


def test_the_preference_test_holds_its_level() -> None:
    """People who favour one wrong picture in each trial, with predictions that know nothing of it."""
    below = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        favoured = rng.integers(1, 3, 20)
        choice = np.where(rng.random((15, 20)) < 0.8, favoured, 3 - favoured)
        guess = rng.integers(1, 3, 20).tolist()
        p = preference(choice, [[1, 2]] * 20, guess, draws=1, seed=1).p
        assert is_number(p)
        below += p <= 0.05
    assert below / 300 < 0.08


def test_with_two_options_there_is_no_wrong_picture_to_prefer() -> None:
    found = machine(6, classes=("a", "b"))
    drawn = compared(people(found, [[0.6, 0.4]] * 6), found)
    assert drawn.lookalikes.trials == 0
    assert "two or more wrong options" in str(drawn.lookalikes.share)


def test_four_options_have_a_chance_of_a_third() -> None:
    found = machine(12, classes=("a", "b", "c", "d"))
    drawn = compared(people(found, [[0.25] * 4] * 12), found)
    assert drawn.lookalikes.chance == pytest.approx(1 / 3)
    assert drawn.listeners[1].preference.chance == pytest.approx(1 / 3)


def test_the_second_choice_of_each_listener_is_tested_too() -> None:
    found = machine()
    second = []
    for trial in found.trials:
        row = [0.02] * 3
        row[trial.true_slot] = 0.58
        row[trial.options.index(trial.second("naive") or "")] = 0.4
        second.append(row)
    naive = compared(people(found, second), found).listeners[1]
    assert is_number(naive.preference.p)
    assert naive.preference.p < 0.001


def test_everybody_right_leaves_words_in_place_of_numbers() -> None:
    found = believing(machine(), [[1 / 3] * 3] * 20)
    answers = people(found, gradient(found, [1.0] * 20))
    model = compared(answers, found).listeners[0]
    assert "answered equally well" in str(model.difficulty.rho)
    assert "prefers no option" in str(model.agreement)
    assert "Nobody chose wrongly" in str(model.preference.share)
    told = beside_object(compared(answers, found))
    assert told["listeners"]["model"]["agreement"] is None
    assert "listeners.model.agreement" in told["undefined"]


def test_one_volunteer_has_numbers_without_intervals_over_people() -> None:
    found = machine()
    answers = people(found, gradient(found, EASE), n=1)
    model = compared(answers, found).listeners[0]
    assert isinstance(model.difficulty.interval, Undefined)
    assert isinstance(model.agreement_interval, Undefined)
    assert is_number(model.agreement)


def test_the_order_of_answers_and_the_names_of_sessions_change_nothing() -> None:
    found = machine()
    answers = people(found, gradient(found, EASE))
    renamed = [dataclasses.replace(a, session=f"x{99 - int(a.session[1:])}") for a in answers[::-1]]
    first, second = (beside_object(compared(some, found)) for some in (answers, renamed))
    assert first == second


def test_answers_laid_out_already_give_the_same() -> None:
    found = machine()
    answers = people(found, gradient(found, EASE))
    laid_out = beside(to_matrix(answers), summarise(answers), found)
    assert beside_object(laid_out) == beside_object(compared(answers, found))


def test_missing_answers_are_left_out() -> None:
    found = machine()
    answers = [a for n, a in enumerate(people(found, gradient(found, EASE))) if n % 33]
    drawn = compared(answers, found)
    assert drawn.trials[0].n < 21
    assert is_number(drawn.listeners[0].agreement)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"trial": 99}, "has not listened to trial 99"),
        ({"truth": "4"}, "other options or another truth in trial 1"),
        ({"option_ids": ("x", "y", "z")}, "other pictures in trial 1"),
    ],
)
def test_another_studys_machine_is_refused(change: dict[str, object], sentence: str) -> None:
    found = machine(1)
    answers = [dataclasses.replace(a, **change) for a in people(found, [[1, 0, 0]])]  # type: ignore[arg-type]
    with pytest.raises(OtherStudy, match=sentence):
        compared(answers, found)


def test_the_json_is_as_its_schema_says_and_the_report_names_the_listeners(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = machine()
    answers = people(found, gradient(found, EASE))
    (tmp_path / "answers.csv").write_text(long_csv(answers))
    (tmp_path / "machine.json").write_text(machine_json(found))
    files = [str(tmp_path / name) for name in ("answers.csv", "machine.json")]
    assert main(["machine", *files, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    schema = json.loads((HOME / "comparison.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(told)
    assert told == json.loads(beside_json(compared(answers, found)))
    assert main(["machine", *files]) == 0
    assert capsys.readouterr().out == beside_report(compared(answers, found))
    assert "The model\n" in beside_report(compared(answers, found))
    assert "The naive listener\n" in beside_report(compared(answers, found))


def test_a_bad_file_is_named_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "answers.csv").write_text(long_csv(people(machine(1), [[1, 0, 0]])))
    (tmp_path / "machine.json").write_text("{}")
    assert main(["machine", *(str(tmp_path / name) for name in ("answers.csv", "machine.json"))]) == 2
    assert "machine.json is not the listening of a machine" in capsys.readouterr().err
