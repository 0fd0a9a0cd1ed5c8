"""What the analysis gets: every answer of one mode, named by classes, and nothing of another mode."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from analysis import Answer, NoAnswers
from analysis.review import review
from analysis.tables import read_long_csv
from study.domain import answering, option_pictures, results, sessions, studies
from study.models import Event, Session, Study
from tests.world import (
    MakeStudy,
    answer_all,
    answer_some,
    at_first_trial,
    describe_all,
    give_stimuli,
    new_client_id,
)

pytestmark = pytest.mark.django_db


def test_unfinished_sessions_without_answers_are_in_neither_count(study: Study) -> None:
    answer_all(at_first_trial(study))
    answer_some(at_first_trial(study), 2)
    at_first_trial(study)
    kinds = results.kinds(study, "live")
    assert kinds == results.Kinds(2, 1, 0, 0)
    assert results.summary(study).unfinished_sessions == kinds.pictures_begun - kinds.pictures_finished


def test_a_table_without_answers_says_that_there_are_none(study: Study, tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(results.long_csv(study))
    assert "option_3_class" in path.read_text()
    with pytest.raises(NoAnswers, match="There are no answers yet"):
        review(read_long_csv(path))


def test_an_answer_holds_what_was_shown_and_chosen(study: Study, visit: Session) -> None:
    shown = visit.presentations.get(position=1)
    Event.objects.create(session=visit, presentation=shown, kind="play", client_id="play-00001")
    Event.objects.create(session=visit, presentation=shown, kind="ended", client_id="ended-0001")
    answering.answer(visit, shown.token, choice=2, client_id=new_client_id(), milliseconds=2100)
    options = shown.trial.options.order_by("slot")
    names = tuple(option.stimulus.class_name for option in options)
    assert results.answers(study) == [
        Answer(
            session=f"s{visit.pk}",
            trial=shown.trial.number,
            options=names,
            truth=names[options.get(is_truth=True).slot],
            choice=names[shown.option_order[2]],
            order=1,
            position=2,
            response_ms=2100,
            plays=1,
            listens=1,
            option_ids=tuple(option.stimulus.source_id for option in options),
            session_complete=False,
            again=False,
        )
    ]


def test_modes_are_never_mixed(study: Study) -> None:
    for mode in Session.Mode:
        answer_all(at_first_trial(study, mode=mode))
    seen = {mode: {answer.session for answer in results.answers(study, mode)} for mode in Session.Mode.values}
    assert [len(each) for each in seen.values()] == [1, 1, 1]
    assert len(set.union(*seen.values())) == 3


def test_an_unknown_mode_is_refused(study: Study) -> None:
    with pytest.raises(results.NoSuchMode):
        results.answers(study, "everything")


def test_the_summary_is_that_of_the_answers(study: Study) -> None:
    answer_all(at_first_trial(study), right=lambda position: position <= 3)
    answer_all(at_first_trial(study))
    at_first_trial(study)
    found = results.summary(study)
    assert (found.accuracy, found.sigma, len(found.volunteers)) == (0.75, 0.25, 2)


def test_no_finished_session_is_said(study: Study) -> None:
    with pytest.raises(results.NoAnswers):
        results.summary(study)
    answering.answer(
        visit := at_first_trial(study),
        visit.presentations.get(position=1).token,
        choice=0,
        client_id=new_client_id(),
    )
    with pytest.raises(results.NoAnswers, match="unfinished"):
        results.summary(study)


def test_pilots_of_an_earlier_build_are_left_out(make_study: MakeStudy, alice: User) -> None:
    draft = make_study(status="built")
    answer_all(at_first_trial(draft, mode=Session.Mode.PILOT))
    assert len(results.answers(draft, "pilot")) == 6
    give_stimuli(draft, alice)
    assert results.answers(draft, "pilot") == []


def test_reading_answers_costs_the_same_for_one_session_and_three(
    study: Study, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(2):
        answer_all(at_first_trial(study))
        with django_assert_num_queries(3):
            results.answers(study)


def test_counts_are_per_mode(study: Study) -> None:
    sessions.start(study)
    at_first_trial(study)
    answer_all(at_first_trial(study))
    assert results.counts(study)["live"] == {"started": 3, "consented": 2, "finished": 1}


def test_tables_have_a_row_per_answer_and_per_session(study: Study) -> None:
    for _ in range(2):
        answer_all(at_first_trial(study))
    long_rows = list(csv.DictReader(io.StringIO(results.long_csv(study))))
    wide_rows = list(csv.DictReader(io.StringIO(results.wide_csv(study))))
    assert (len(long_rows), len(wide_rows)) == (12, 2)
    assert json.loads(results.summary_json(study))["accuracy"] == 1


def test_the_figure_shows_every_trial(study: Study) -> None:
    answer_all(at_first_trial(study))
    assert sorted(option_pictures.thumbnails(study)) == [1, 2, 3, 4, 5, 6]
    svg = results.figure(study)
    assert svg == results.figure(study)
    assert svg.startswith(b"<?xml")
    assert b"<svg" in svg


@pytest.fixture
def described_study(make_study: MakeStudy, alice: User) -> Study:
    """A published study with two sessions by pictures (all right) and one by descriptions (half right)."""
    study = make_study("built", described_options=True)
    describe_all(study, alice)
    study = studies.publish(study, by=alice)
    for _ in range(2):
        answer_all(at_first_trial(study))
    answer_all(at_first_trial(study, described=True), right=lambda position: position <= 3)
    return study


def test_sessions_by_descriptions_are_counted_apart(described_study: Study) -> None:
    found = [results.summary(described_study, described=kind) for kind in ("exclude", "only", "include")]
    assert [(one.accuracy, len(one.volunteers)) for one in found] == [(1, 2), (0.5, 1), (5 / 6, 3)]
    told = json.loads(results.summary_json(described_study))
    assert (told["accuracy"], told["described_sessions"]["count"]) == (1, 1)


def test_the_tables_hold_both_kinds_and_say_which(described_study: Study) -> None:
    rows = csv.DictReader(io.StringIO(results.long_csv(described_study)))
    assert [row["described"] for row in rows] == ["0"] * 12 + ["1"] * 6
    wide = csv.DictReader(io.StringIO(results.wide_csv(described_study)))
    assert [row["described"] for row in wide] == ["0", "0", "1"]


def test_both_kinds_are_counted_from_their_first_answer(described_study: Study) -> None:
    at_first_trial(described_study, described=True)
    assert results.kinds(described_study, "live") == results.Kinds(2, 2, 1, 1)
    answer_some(at_first_trial(described_study, described=True), 1)
    assert results.kinds(described_study, "live") == results.Kinds(2, 2, 2, 1)
    assert results.kinds(described_study, "pilot") == results.Kinds(0, 0, 0, 0)
