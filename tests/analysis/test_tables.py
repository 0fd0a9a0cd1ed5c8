"""Tables and JSON: whole values there and back, safe in spreadsheets, readable by pandas."""

import csv
import json
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import analysis.tables
from analysis import Answer, InvalidAnswer, UnreadableTable, summarise
from analysis.tables import (
    long_csv,
    long_csv_lines,
    read_long_csv,
    summary_json,
    summary_object,
    trials_csv,
    wide_csv,
)
from analysis.tables.cells import guarded, unguarded
from analysis.tables.long_reader import answers_in
from tests.analysis.studies import DIGITS, simulated, studies, study

FULL = Answer(
    "s1",
    5,
    DIGITS,
    "0",
    "1",
    2,
    0,
    1500,
    3,
    ("id-a", "id-b", "id-c"),
    session_complete=False,
    described=True,
    condition="Control",
    listens=2,
    headphones=False,
    again=True,
)
BARE = Answer("s2", 6, ("x", "y"), "y", "y")


def test_the_long_table_has_one_row_per_answer() -> None:
    assert long_csv([FULL, BARE]) == (
        "session_id,session_complete,described,condition,trial_index,task_id,"
        "option_1_class,option_1_id,option_2_class,option_2_id,option_3_class,option_3_id,"
        "truth_class,truth_option,chosen_class,chosen_option,chosen_position,correct,rt_ms,n_plays,"
        "n_listens,headphones_passed,again\n"
        "s1,0,1,Control,2,5,0,id-a,1,id-b,4,id-c,0,id-a,1,id-b,0,0,1500,3,2,0,1\n"
        "s2,1,0,,,6,x,,y,,,,y,,y,,,1,,,,,\n"
    )


@pytest.mark.parametrize("saved_by", ["us", "a spreadsheet in Germany", "a spreadsheet with tabs"])
def test_the_long_table_reads_back_whole(tmp_path: Path, saved_by: str) -> None:
    text = long_csv([FULL, BARE])
    separator = {"a spreadsheet in Germany": ";", "a spreadsheet with tabs": "\t"}.get(saved_by, ",")
    mark = "" if saved_by == "us" else "\ufeff"
    path = tmp_path / "answers.csv"
    path.write_text(mark + text.replace(",", separator), encoding="utf-8", newline="")
    assert read_long_csv(path) == [FULL, BARE]


texts = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1, max_size=8)
nasty = texts | st.builds(str.__add__, st.sampled_from("=+-@\t\r\n'＝,;\""), texts)


@st.composite
def any_answers(draw: st.DrawFn) -> Answer:
    options = tuple(draw(st.lists(nasty, min_size=2, max_size=4, unique=True)))
    ids = draw(st.just(()) | st.tuples(*[nasty] * len(options)))
    numbers = st.none() | st.integers(0, 10**9)
    return Answer(
        session=draw(nasty),
        trial=draw(st.integers(-5, 10**6)),
        options=options,
        truth=draw(st.sampled_from(options)),
        choice=draw(st.sampled_from(options)),
        order=draw(st.none() | st.integers(1, 99)),
        position=draw(st.none() | st.integers(0, len(options) - 1)),
        response_ms=draw(numbers),
        plays=draw(numbers),
        option_ids=ids,
        session_complete=draw(st.booleans()),
    )


@given(st.lists(any_answers(), min_size=1, max_size=4))
def test_any_answers_read_back_whole(answers: list[Answer]) -> None:
    assert list(answers_in(long_csv(answers))) == answers


@given(nasty)
def test_guarded_text_never_starts_a_formula_and_comes_back(text: str) -> None:
    assert not guarded(text).startswith(tuple("=+-@\t\r\n＝＋－＠"))
    assert unguarded(guarded(text)) == text


def test_no_cell_of_any_table_starts_a_formula() -> None:
    evil = "=HYPERLINK(1)"
    answers = [Answer(f"@{n}", n, (evil, "+1"), evil, "+1", option_ids=("-1", "\tx")) for n in (1, 2)]
    for table in (long_csv(answers), wide_csv(answers), trials_csv(summarise(answers))):
        cells = [cell for row in csv.reader(StringIO(table)) for cell in row]
        assert [cell for cell in cells if cell.startswith(tuple("=+-@\t\r"))] == []


def test_lines_stream_the_same_table() -> None:
    lines = list(long_csv_lines(iter([FULL, BARE]), options=3))
    assert len(lines) == 3
    assert "".join(lines) == long_csv([FULL, BARE])


def test_pandas_reads_the_long_table_and_finds_the_same_accuracy() -> None:
    answers = simulated(8, 9)
    frame = pd.read_csv(StringIO(long_csv(answers)))
    summary = summarise(answers)
    assert frame.groupby("session_id").correct.mean().mean() == pytest.approx(summary.accuracy)
    assert frame.groupby("session_id").correct.mean().std() == pytest.approx(summary.sigma_ddof1)
    by_trial = frame.groupby("task_id").correct.mean().tolist()
    assert by_trial == pytest.approx([trial.accuracy for trial in summary.trials])


HEADER, FIRST = "session_id,task_id,option_1_class,option_2_class,truth_class,chosen_class", "s,1,a,b,a,b"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "",
            "This is not a long table of answers; it lacks the columns session_id, task_id, truth_class, "
            "chosen_class, option_1_class, option_2_class.",
        ),
        (
            f"{HEADER.replace('truth_class', 'truth')}\n{FIRST}\n",
            "This is not a long table of answers; it lacks the columns truth_class.",
        ),
        (f"{HEADER},task_id\n{FIRST},1\n", "The column task_id is there twice."),
        (
            f"{HEADER}\n{FIRST}\ns,two,a,b,a,b\n",
            "Line 3, column task_id: the cell is 'two', not a whole number.",
        ),
        (f"{HEADER}\ns,,a,b,a,b\n", "Line 2, column task_id: the cell is empty."),
        (f"{HEADER}\ns,1,a,b,a\n", "Line 2, column chosen_class: the cell is empty."),
        (f"{HEADER}\n{FIRST},more\n", "Line 2 has more cells than the header."),
        (f"{HEADER},rt_ms\n{FIRST},1.5\n", "Line 2, column rt_ms: the cell is '1.5', not a whole number."),
        (
            f"{HEADER},session_complete\n{FIRST},maybe\n",
            "Line 2, column session_complete: the cell is 'maybe', not 1 or 0.",
        ),
        (
            f"{HEADER},correct\n{FIRST},1\n",
            "Line 2, column correct: the cell says '1', but 'b' was chosen and 'a' is the truth.",
        ),
        (f'{HEADER}\n"s,1,a,b,a,b\n', "Line 2 is not CSV: unexpected end of data."),
    ],
)
def test_a_table_that_makes_no_sense_is_refused_by_line_and_column(text: str, sentence: str) -> None:
    with pytest.raises(UnreadableTable) as refusal:
        list(answers_in(text))
    assert str(refusal.value) == sentence


def test_the_smallest_table_is_enough_and_extra_columns_are_ignored() -> None:
    text = f"study_id,{HEADER},rt_ms\nx,{FIRST},12.0\n"
    assert list(answers_in(text)) == [Answer("s", 1, ("a", "b"), "a", "b", response_ms=12)]


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableTable, match=r"can't be opened: No such file or directory\."):
        read_long_csv(tmp_path / "none.csv")
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    with pytest.raises(UnreadableTable, match=r"other\.csv: This is not a long table of answers"):
        read_long_csv(other)
    picture = tmp_path / "picture.csv"
    picture.write_bytes(b"\x89PNG\xff\xd8")
    with pytest.raises(UnreadableTable, match=r"is not UTF-8 text; save it as CSV \(UTF-8\)\."):
        read_long_csv(picture)


def test_the_wide_table_has_one_row_per_volunteer() -> None:
    answers = [*study(["01", "4 "], "00"), Answer("a", 1, DIGITS, "0", "0", session_complete=False)]
    assert wide_csv(answers) == (
        "session_id,session_complete,described,condition,n_answered,n_correct,accuracy,"
        "task_1_chosen,task_1_correct,task_2_chosen,task_2_correct\n"
        "a,0,0,,1,1,1.0,0,1,,\n"
        "s1,1,0,,2,1,0.5,0,1,1,0\n"
        "s2,1,0,,1,0,0.0,4,0,,\n"
    )


def test_the_table_of_trials_has_what_the_bars_show() -> None:
    answers = [Answer(s, 1, ("a", "b"), "a", c) for s, c in (("s", "a"), ("t", "b"))]
    answers.append(Answer("s", 2, ("b", "c"), "b", "b"))
    assert trials_csv(summarise(answers)).splitlines() == [
        "task_id,truth_class,n,n_correct,accuracy,accuracy_low,accuracy_high,unanimous,"
        "share_a,n_a,share_b,n_b,share_c,n_c",
        "1,a,2,1,0.5,0.09453120573423074,0.9054687942657693,0,0.5,1,0.5,1,,",
        "2,b,1,1,1.0,0.20654931437723745,1.0,0,,,1.0,1,0.0,0",
    ]


SCHEMA = json.loads((Path(analysis.tables.__file__).parent / "summary.schema.json").read_text("utf-8"))


@given(studies())
def test_every_summary_is_json_by_its_schema_without_nan(answers: list[Answer]) -> None:
    def refuse(constant: str) -> Any:
        raise AssertionError(constant)

    summary = summarise(answers, unfinished="include")
    numbers = json.loads(summary_json(summary), parse_constant=refuse)
    jsonschema.Draft202012Validator(SCHEMA).validate(numbers)
    assert numbers == summary_object(summary)
    assert set(numbers["undefined"]) == set(_nulls(numbers))


def _nulls(numbers: dict[str, Any]) -> list[str]:
    """Keys of all nulls, written as in `undefined`."""
    top = [key for key, value in numbers.items() if value is None]
    classes = [
        f"per_class.{score['class']}.{key}"
        for score in numbers["per_class"]
        for key in score
        if score[key] is None
    ]
    return top + classes


def test_the_numbers_of_a_small_study_as_json() -> None:
    numbers = summary_object(summarise(study(["0140", "0100"], "0141")))
    assert numbers["per_trial"][2] == {
        "trial": 3,
        "truth": "4",
        "n": 2,
        "correct": 1,
        "accuracy": 0.5,
        "accuracy_interval": {
            "low": pytest.approx(0.0945, abs=1e-4),
            "high": pytest.approx(0.9055, abs=1e-4),
            "level": 0.95,
            "method": "Wilson score",
        },
        "shares": {"0": 0.5, "1": 0.0, "4": 0.5},
        "counts": {"0": 1, "1": 0, "4": 1},
        "unanimous": False,
    }
    assert numbers["confusion"] == {
        "0": {"0": 2, "1": 0, "4": 0},
        "1": {"0": 2, "1": 2, "4": 0},
        "4": {"0": 1, "1": 0, "4": 1},
    }
    assert numbers["unfinished_sessions"] == {
        "policy": "exclude",
        "count": 0,
        "sentence": "All sessions with answers were finished.",
    }


def test_equal_answers_in_another_order_give_equal_text() -> None:
    answers = simulated(6, 5)
    assert summary_json(summarise(answers[::-1])) == summary_json(summarise(answers))


def test_tables_refuse_impossible_answers_like_the_summary() -> None:
    with pytest.raises(InvalidAnswer):
        wide_csv([replace(BARE, choice="z")])
