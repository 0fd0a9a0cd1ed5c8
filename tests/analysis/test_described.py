"""Sessions that chose among written descriptions took another task: counted apart, and it is said."""

from dataclasses import replace

import pytest

from analysis import AnalysisError, Answer, InvalidAnswer, NoAnswers, summarise
from analysis.figures.alt_text import figure2_alt_text
from analysis.report import report
from analysis.tables import long_csv, read_long_csv, summary_object, wide_csv
from tests.analysis.studies import study


def mixed() -> list[Answer]:
    """Two sessions with images (3 of 4 and 4 of 4 right) and one by descriptions (1 of 4), all finished."""
    answers = study(["0140", "0141", "1111"], "0141")
    return [replace(answer, described=answer.session == "s3") for answer in answers]


@pytest.mark.parametrize(
    ("described", "sessions", "accuracy"),
    [("exclude", ["s1", "s2"], 0.875), ("only", ["s3"], 0.5), ("include", ["s1", "s2", "s3"], 0.75)],
)
def test_each_kind_is_counted_as_asked(described: str, sessions: list[str], accuracy: float) -> None:
    summary = summarise(mixed(), described=described)  # type: ignore[arg-type]
    assert [score.session for score in summary.volunteers] == sessions
    assert summary.accuracy == pytest.approx(accuracy)


def test_nothing_is_mixed_in_unless_asked_and_it_is_said() -> None:
    said = "1 session that chose by written descriptions of the images was left out."
    summary = summarise(mixed())
    assert summary.policy == f"All sessions with answers were finished. {said}"
    assert said in report(summary)
    told = summary_object(summary)["described_sessions"]
    assert told == {"policy": "exclude", "count": 1, "sentence": said}


def test_a_count_of_both_and_a_count_of_descriptions_say_what_they_are() -> None:
    both, only = summarise(mixed(), described="include"), summarise(mixed(), described="only")
    assert both.policy.endswith("1 session that chose by written descriptions of the images was counted "
                                "with the others.")  # fmt: skip
    assert only.policy.endswith("Only sessions that chose by written descriptions of the images are counted.")
    assert "chose in 4 trials by written descriptions" in figure2_alt_text(only)


def test_a_study_without_descriptions_says_nothing_of_them() -> None:
    assert summarise(study(["0140"], "0141")).policy == "All sessions with answers were finished."


def test_unfinished_sessions_are_counted_within_their_kind() -> None:
    answers = [replace(answer, session_complete=answer.session != "s3") for answer in mixed()]
    summary = summarise(answers)
    assert (summary.unfinished_sessions, summary.described_sessions) == (0, 0)
    assert len(summarise(answers, described="only", unfinished="include").volunteers) == 1
    with pytest.raises(NoAnswers, match="unfinished"):
        summarise(answers, described="only")


def test_only_described_sessions_leave_no_headline() -> None:
    answers = [replace(answer, described=True) for answer in mixed()]
    with pytest.raises(NoAnswers, match="written descriptions"):
        summarise(answers)


def test_a_session_is_of_one_kind() -> None:
    first, *others = mixed()
    with pytest.raises(InvalidAnswer, match="images in one answer and descriptions in another"):
        summarise([replace(first, described=True), *others])


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(AnalysisError, match="not 'both'"):
        summarise(mixed(), described="both")  # type: ignore[arg-type]


def test_the_tables_carry_the_kind(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("tables") / "answers.csv"
    path.write_text(long_csv(mixed()))
    assert [answer.described for answer in read_long_csv(path)] == [False] * 8 + [True] * 4
    header, *rows = wide_csv(mixed()).splitlines()
    assert header.split(",")[:3] == ["session_id", "session_complete", "described"]
    assert [row.split(",")[2] for row in rows] == ["0", "0", "1"]


def test_a_table_from_before_descriptions_reads_as_images(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("tables") / "answers.csv"
    path.write_text(
        "session_id,task_id,option_1_class,option_2_class,truth_class,chosen_class\ns1,1,a,b,a,b\n"
    )
    assert [answer.described for answer in read_long_csv(path)] == [False]
