"""The sections of the results page: their tables, notes, downloads, and studies of every size."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.contrib.auth.models import User

from study.domain import asking, questions, sessions, studies
from study.models import Session, Study
from study.web import tables
from study.web.notes import NOTES
from tests.crowd import crowd
from tests.world import MakeStudy, answer_all, answer_some, at_first_trial, signed_in

pytestmark = pytest.mark.django_db


def page_of(study: Study, alice: User, query: str = "") -> str:
    answer = signed_in(alice).get(f"/studies/{study.pk}/results/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_table_has_its_caption_its_note_and_a_csv_with_as_many_rows(study: Study, alice: User) -> None:
    crowd(study, 9)
    page, client = page_of(study, alice), signed_in(alice)
    shown = re.findall(r'<table class="data" id="table-([a-z-]+)" data-sortable>', page)
    assert set(shown) == set(tables.TABLES) - {"with-and-without", "looks"}
    for key in shown:
        found = re.search(rf'id="table-{key}" .*?<tbody>(.*?)</tbody>', page, re.DOTALL)
        file = client.get(f"/studies/{study.pk}/results/tables/{key}.csv")
        rows = list(csv.reader(io.StringIO(file.content.decode())))
        assert found is not None
        assert len(rows) == 1 + found[1].count("<tr>")
        assert {len(row) for row in rows} == {len(rows[0])}
        assert file["Content-Disposition"] == f'attachment; filename="digits-v1-{key}.csv"'
    assert page.count('<details class="how">') >= len(shown)
    assert "Owen 2007" in page


def test_a_csv_holds_numbers_and_both_ends_of_intervals(study: Study, alice: User) -> None:
    crowd(study, 9)
    file = signed_in(alice).get(f"/studies/{study.pk}/results/tables/trials.csv").content.decode()
    row = next(csv.DictReader(io.StringIO(file)))
    assert (
        0 <= float(row["95 % interval, low"]) <= float(row["Right"]) <= float(row["95 % interval, high"]) <= 1
    )
    assert 0 <= float(row["p"]) <= float(row["p, Holm"]) <= 1


def test_a_table_that_is_not_there_is_not_found(study: Study, alice: User) -> None:
    client = signed_in(alice)
    assert client.get(f"/studies/{study.pk}/results/tables/trials.csv").status_code == 404
    answer_all(at_first_trial(study))
    assert client.get(f"/studies/{study.pk}/results/tables/secrets.csv").status_code == 404
    assert client.get(f"/studies/{study.pk}/results/tables/with-and-without.csv").status_code == 404


@pytest.mark.parametrize("people", [1, 2, 21])
def test_studies_of_every_size_show_a_whole_page(study: Study, alice: User, people: int) -> None:
    crowd(study, people)
    page = page_of(study, alice)
    assert all(f'id="{name}"' in page for name in ("choices", "guessing", "agreement", "people", "counted"))
    assert "nan" not in re.sub(r"<[^>]+>", " ", page).split()


@pytest.mark.parametrize("accuracy", [0.0, 1.0])
def test_identical_answers_show_reasons_in_place_of_numbers(
    study: Study, alice: User, accuracy: float
) -> None:
    for _ in range(3):
        answer_all(at_first_trial(study), right=lambda position: accuracy == 1)
    page = page_of(study, alice)
    assert f"{100 * accuracy:.1f} %" in page
    assert "All answers are right or all are wrong, so resampling them shows no spread." in page


def test_reasons_stand_in_the_page_for_everybody(study: Study, alice: User) -> None:
    answer_all(at_first_trial(study))
    page = page_of(study, alice)
    visible = re.sub(r"<[^>]+>", " ", page)
    assert "–: " in visible
    assert 'title="' not in page.partition("<main")[2]
    assert ".." not in visible.replace("...", "")


def test_the_headline_has_both_intervals(study: Study, alice: User) -> None:
    crowd(study, 9)
    beside = re.search(r'headline">.*?class="beside">([^<]+)<', page_of(study, alice))
    assert beside is not None
    numbers = re.sub(r"[\d.]+ to [\d.]+ %", "# to # %", beside[1])
    assert numbers == (
        "95 % interval # to # % (crossed bootstrap over volunteers and trials); "
        "for these trials alone # to # % (t over volunteers)"
    )


def test_answers_to_questions_are_a_table_to_sort_and_save(make_study: MakeStudy, alice: User) -> None:
    draft = make_study("built")
    scale = {"kind": "scale", "prompt": "How sure?", "low_label": "not", "high_label": "quite"}
    questions.add(draft, scale, by=alice)
    visit = at_first_trial(studies.publish(draft, by=alice))
    answer_some(visit, visit.presentations.count())
    sessions.finish(asking.answer(visit, {1: "3"}))
    study = visit.study
    assert 'id="table-question-1" data-sortable' in page_of(study, alice)
    saved = signed_in(alice).get(f"/studies/{study.pk}/results/tables/question-1.csv").content.decode()
    counts = {row["Answer"]: row["Times"] for row in csv.DictReader(io.StringIO(saved))}
    assert sum(map(int, counts.values())) == 1
    assert signed_in(alice).get(f"/studies/{study.pk}/results/tables/question-2.csv").status_code == 404


def test_four_options_twelve_trials_and_missing_answers(make_study: MakeStudy, alice: User) -> None:
    study = make_study("built", class_count=4, trial_count=12)
    study = studies.publish(study, by=alice)
    crowd(study, 30, missing=0.03)
    page = page_of(study, alice)
    assert "25.0 %" in page
    assert page.count('<tr><th scope="row">') > 30


def test_many_volunteers_are_shown_in_part_and_downloaded_whole(study: Study, alice: User) -> None:
    crowd(study, tables.MOST_SHOWN + 12, heard=False)
    assert "12 more rows in the CSV." in page_of(study, alice)
    file = signed_in(alice).get(f"/studies/{study.pk}/results/tables/volunteers.csv").content.decode()
    assert len(file.splitlines()) == 1 + tables.MOST_SHOWN + 12


def test_a_running_study_warns_and_tells_when_its_numbers_change(study: Study, alice: User) -> None:
    client = signed_in(alice)
    answer_all(at_first_trial(study))
    assert "Who ends a study when they look good" in page_of(study, alice)
    assert "data-live-address" not in page_of(study, alice, "?mode=simulated")
    address = f"/studies/{study.pk}/results/state.json"
    before = client.get(address).json()
    assert client.get(address).json() == before
    assert before["fingerprint"] in page_of(study, alice)
    answer_all(at_first_trial(study))
    assert client.get(address).json() != before
    studies.close(study, by=alice)
    assert "data-live-address" not in page_of(study, alice)


def test_the_declared_rule_is_followed_in_the_page(make_study: MakeStudy, alice: User) -> None:
    study = make_study("built", planned_volunteers=8, looks=2, stopping_rule="obrien_fleming")
    study = studies.publish(study, by=alice)
    answer_all(at_first_trial(study))
    page = page_of(study, alice)
    assert (
        page.count("the next look is at 4 volunteers, 1 is counted so far") == 2
    )  # at the top and with the tests
    assert "Who ends a study when they look good" not in page


def test_the_looks_stay_after_the_study_has_ended(make_study: MakeStudy, alice: User) -> None:
    study = make_study("built", planned_volunteers=8, looks=2, stopping_rule="obrien_fleming")
    study = studies.publish(study, by=alice)
    for _ in range(4):
        answer_all(at_first_trial(study), right=lambda position: position != 2)
    answer_all(at_first_trial(study))
    studies.close(study, by=alice)
    page = page_of(study, alice)
    assert "The declared rule" in page
    saved = signed_in(alice).get(f"/studies/{study.pk}/results/tables/looks.csv").content.decode()
    (look,) = csv.DictReader(io.StringIO(saved))
    assert (look["Volunteers"], look["Found"]) == ("4", "not above chance")
    assert "no spread to go by" in page


def test_exclusions_can_be_looked_past(make_study: MakeStudy, alice: User) -> None:
    study = make_study("built", exclusion_rules={"answers_at_least": 6, "same_place_fewer_than": 6})
    study = studies.publish(study, by=alice)
    crowd(study, 12)
    after, before = page_of(study, alice), page_of(study, alice, "?exclusions=without")
    assert "The same numbers with and without exclusions." in after
    assert "Everybody who finished is counted here." in before
    assert signed_in(alice).get(f"/studies/{study.pk}/results/?exclusions=some").status_code == 404


def test_paragraphs_stand_ready_to_be_copied(study: Study, alice: User) -> None:
    crowd(study, 9)
    page = page_of(study, alice)
    assert re.search(r'<textarea id="methods-words"[^>]*>[^<]*Accuracy is the mean over volunteers', page)
    assert 'data-copy="results-words"' in page


def test_every_note_names_a_source() -> None:
    assert all(note.text.endswith((".", "dx.")) and note.source for note in NOTES.values())


def test_pilots_have_no_live_warning(study: Study, alice: User) -> None:
    answer_all(at_first_trial(study, mode=Session.Mode.PILOT))
    assert "data-live-address" not in page_of(study, alice, "?mode=pilot")
