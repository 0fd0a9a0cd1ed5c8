"""Conditions are counted apart, and compared by what chance assignment allows to say."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from analysis import Answer, Bootstrap, ConditionNeeded, InvalidAnswer, NoAnswers, compare, summarise
from analysis.cli import main
from analysis.comparison import OtherChances, compare_tables, randomisation_p
from analysis.exclusions import Rules
from analysis.report import comparison_report, report
from analysis.tables import long_csv, read_long_csv, summary_object, wide_csv
from analysis.tables.comparison_json import comparison_object
from analysis.values import Interval, Undefined
from tests.analysis.studies import simulated, study


def arms() -> list[Answer]:
    """Two sessions of Music (3 of 4 and 4 of 4 right) and two of Control (2 of 4 each), all finished."""
    answers = study(["0140", "0141", "1111", "0000"], "0141")
    return [
        replace(answer, condition="Music" if answer.session in {"s1", "s2"} else "Control")
        for answer in answers
    ]


def two_groups(gap: float, people: int = 12, trials: int = 20) -> list[Answer]:
    """Simulated volunteers, of whom those of B get a share of their wrong answers right."""
    rng = np.random.default_rng(3)
    answers = simulated(2 * people, trials)
    return [
        replace(answer, condition="B", choice=answer.truth if rng.random() < gap else answer.choice)
        if int(answer.session[1:]) % 2
        else replace(answer, condition="A")
        for answer in answers
    ]


def test_conditions_are_never_counted_together() -> None:
    with pytest.raises(ConditionNeeded, match=r"2 conditions \(Control, Music\)"):
        summarise(arms())
    assert summarise(arms(), condition="Music").accuracy == 0.875
    assert summarise(arms(), condition="Control").accuracy == 0.375
    with pytest.raises(ConditionNeeded, match="there is Control, Music"):
        summarise(arms(), condition="Silence")


def test_a_single_condition_needs_no_name() -> None:
    only = [answer for answer in arms() if answer.condition == "Music"]
    assert summarise(only) == summarise(arms(), condition="Music")
    assert summarise(study(["0140"], "0141")).condition == ""


def test_a_summary_says_which_condition_it_is() -> None:
    summary = summarise(arms(), condition="Control")
    assert report(summary).startswith("Condition Control: 2 volunteers")
    assert summary_object(summary)["condition"] == "Control"


def test_a_session_is_of_one_condition() -> None:
    first, *others = arms()
    with pytest.raises(InvalidAnswer, match="of one condition in one answer and of another in another"):
        wide_csv([replace(first, condition="Control"), *others])


def test_the_tables_carry_the_condition(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(long_csv(arms()))
    assert read_long_csv(path) == arms()
    header, *rows = wide_csv(arms()).splitlines()
    assert header.split(",")[3] == "condition"
    assert [row.split(",")[3] for row in rows] == ["Music", "Music", "Control", "Control"]


def test_each_condition_stands_beside_the_first() -> None:
    found = compare(arms(), ["Music", "Control", "Silence"])
    assert [summary.condition for summary in found.summaries] == ["Music", "Control"]
    assert found.without_answers == ("Silence",)
    (row,) = found.differences
    assert (row.condition, row.against, row.difference) == ("Control", "Music", -0.5)
    assert row.p == pytest.approx(1 / 3, abs=0.02)  # 2 of the 6 ways to share four people out
    assert compare(arms()).summaries[0].condition == "Control"


def test_a_condition_cannot_be_left_out() -> None:
    with pytest.raises(ConditionNeeded, match="leaves out Control"):
        compare(arms(), ["Music"])


def test_without_finished_sessions_there_is_nothing_to_compare() -> None:
    with pytest.raises(NoAnswers):
        compare([replace(answer, session_complete=False) for answer in arms()])


def test_the_randomisation_test_agrees_with_scipy() -> None:
    rng = np.random.default_rng(5)
    one, other = rng.integers(5, 16, 14) / 20, rng.integers(3, 14, 11) / 20
    theirs = stats.permutation_test(
        (one, other), lambda a, b: abs(a.mean() - b.mean()), alternative="greater", n_resamples=20_000, rng=1
    )
    assert randomisation_p(one, other, 20_000, seed=1) == pytest.approx(theirs.pvalue, abs=0.01)


def hasty_half() -> list[Answer]:
    """The arms, and in each one more session that answers at once and is always wrong."""
    hasty = [
        replace(answer, session=f"hasty-{answer.condition}", choice="4" if answer.truth != "4" else "0",
                response_ms=100)
        for answer in arms()
        if answer.session in {"s1", "s3"}
    ]  # fmt: skip
    return [*(replace(answer, response_ms=1500) for answer in arms()), *hasty]


def test_rules_leave_out_of_a_comparison_whom_they_leave_out_of_each_arm() -> None:
    rules, answers = Rules(median_ms_at_least=1000), hasty_half()
    found = compare(answers, rules=rules, bootstrap=Bootstrap(draws=50))
    alone = [
        summarise(answers, condition=name, rules=rules, bootstrap=Bootstrap(draws=50))
        for name in ("Control", "Music")
    ]
    assert list(found.summaries) == alone
    assert [(len(one.volunteers), one.accuracy) for one in alone] == [(2, 0.375), (2, 0.875)]
    assert found.differences == compare(arms(), bootstrap=Bootstrap(draws=50)).differences
    assert [len(one.volunteers) for one in compare(answers, bootstrap=Bootstrap(draws=50)).summaries] == [
        3,
        3,
    ]
    with pytest.raises(NoAnswers, match="Nobody can be counted"):
        compare(answers, rules=Rules(answers_at_least=5))


def test_the_interval_holds_the_difference_and_is_drawn_again_by_its_seed() -> None:
    answers = two_groups(0.5)
    found = compare(answers, bootstrap=Bootstrap(draws=400))
    (row,) = found.differences
    assert isinstance(row.interval, Interval)
    assert row.interval.low > 0
    assert row.difference in row.interval
    assert row.p < 0.01
    assert compare(answers[::-1], bootstrap=Bootstrap(draws=400)) == found
    (none,) = compare(two_groups(0.0), bootstrap=Bootstrap(draws=400)).differences
    assert isinstance(none.interval, Interval)
    assert 0 in none.interval


def test_one_volunteer_in_a_condition_gives_no_interval() -> None:
    few = [answer for answer in arms() if answer.session != "s1"]
    (row,) = compare(few).differences
    assert isinstance(row.interval, Undefined)
    assert "two of each" in comparison_report(compare(few))


def test_the_command_line_compares(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(long_csv(arms()))
    assert main(["compare", str(path), "--first", "Music", "--draws", "50"]) == 0
    assert "Control less Music: -0.500" in capsys.readouterr().out
    assert main(["summarise", str(path)]) == 2
    assert "count one at a time" in capsys.readouterr().err
    assert main(["summarise", str(path), "--condition", "Music", "--draws", "50"]) == 0
    assert main(["compare", str(path), "--first", "Nobody"]) == 2


def test_the_command_line_compares_after_rules_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, rules = tmp_path / "answers.csv", tmp_path / "rules.json"
    path.write_text(long_csv(hasty_half()))
    rules.write_text('{"median_ms_at_least": 1000}')
    told = ["--rules", str(rules), "--draws", "50", "--json"]
    assert main(["compare", str(path), *told]) == 0
    found = json.loads(capsys.readouterr().out)
    drawn = Bootstrap(draws=50)
    assert found == comparison_object(
        compare(hasty_half(), rules=Rules(median_ms_at_least=1000), bootstrap=drawn)
    )
    assert [one["accuracy"] for one in found["conditions"]] == [0.375, 0.875]
    assert main(["summarise", str(path), "--condition", "Music", *told]) == 0
    assert json.loads(capsys.readouterr().out)["accuracy"] == 0.875


def test_one_condition_is_nothing_to_compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(long_csv(simulated(3, 4)))
    assert main(["compare", str(path)]) == 2
    assert "There is nothing to compare" in capsys.readouterr().err


def test_tables_with_other_numbers_of_options_are_not_compared_by_accuracy() -> None:
    three, four = simulated(12, 12), simulated(12, 12, classes=("0", "1", "4", "7"))
    with pytest.raises(OtherChances) as refusal:
        compare_tables([("three", three), ("four", four)])
    for words in ("chance 0.333, d' ", "chance 0.250, d' "):
        assert words in str(refusal.value)


def two_models(*, same_images: bool) -> list[tuple[str, list[Answer]]]:
    """Two studies whose sessions have the same names; images of the second are the first's or others."""
    ids = {True: ("a.png", "b.png", "c.png"), False: ("x.png", "y.png", "z.png")}
    one = [replace(answer, option_ids=ids[True]) for answer in simulated(12, 10, seed=4)]
    other = [replace(answer, option_ids=ids[same_images]) for answer in simulated(9, 10, seed=5)]
    return [("one", one), ("other", other)]


def test_tables_of_two_models_are_compared_as_other_people() -> None:
    tables = two_models(same_images=True)
    found = compare_tables(tables, bootstrap=Bootstrap(draws=300))
    assert [len(summary.volunteers) for summary in found.summaries] == [12, 9]
    (row,) = found.differences
    one, other = (summarise(answers).accuracy for _, answers in tables)
    assert row.difference == pytest.approx(other - one)
    assert (row.condition, row.against, row.same_trials) == ("other", "one", True)


def test_other_images_are_other_trials_and_drawn_for_each_table() -> None:
    same, apart = (
        compare_tables(two_models(same_images=flag), bootstrap=Bootstrap(draws=2000)).differences[0]
        for flag in (True, False)
    )
    assert not apart.same_trials
    assert isinstance(same.interval, Interval)
    assert isinstance(apart.interval, Interval)
    assert apart.interval != same.interval
    assert apart.difference in apart.interval
    fewer = [("one", simulated(5, 6)), ("other", simulated(5, 4))]
    assert isinstance(compare_tables(fewer).differences[0].interval, Interval)


def test_tables_need_names_of_their_own_and_one_condition_each() -> None:
    with pytest.raises(ConditionNeeded, match="the same name"):
        compare_tables([("a", simulated(2, 2)), ("a", simulated(2, 2))])
    with pytest.raises(ConditionNeeded, match="come from 2 conditions"):
        compare_tables([("a", arms()), ("b", simulated(2, 2))])


def test_the_command_line_compares_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [tmp_path / f"{name}.csv" for name in ("first", "second")]
    for path, (_, answers) in zip(paths, two_models(same_images=False), strict=True):
        path.write_text(long_csv(answers))
    assert main(["compare", *map(str, paths), "--first", "second", "--draws", "50"]) == 0
    told = capsys.readouterr().out
    assert "first less second: " in told
    assert "The two had other trials, so trials are drawn for each of them." in told
    assert main(["compare", *map(str, paths), "--first", "third"]) == 2
    assert "No table is called 'third'; there is first, second." in capsys.readouterr().err
