"""Results of a study with conditions: each apart, side by side, never pooled."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from study.domain import conditions, results, studies
from study.models import Condition, Response, Session, Study
from tests.world import MakeStudy, answer_all, at_first_trial, give_stimuli

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(make_study: MakeStudy, alice: User) -> Study:
    """Music against exchanged music, four volunteers: those of Music know all, the others half."""
    draft = make_study(status="draft")
    for name, music in (("Music", "own"), ("Control", "exchanged")):
        conditions.add(draft, by=alice, configuration={"name": name, "music": music})
    give_stimuli(draft, alice)
    study = studies.publish(draft, by=alice)
    for _ in range(4):
        visit = at_first_trial(study)
        knows = visit.condition is not None and visit.condition.name == "Music"
        answer_all(visit, right=lambda position, knows=knows: knows or position % 2 == 0)  # type: ignore[misc]
    return study


def arm(study: Study, name: str) -> Condition:
    return study.conditions.get(name=name)


def test_each_condition_has_its_own_numbers(study: Study) -> None:
    for name, accuracy in (("Music", 1.0), ("Control", 0.5)):
        found = results.summary(study, condition=arm(study, name))
        assert (found.condition, found.accuracy, len(found.volunteers)) == (name, accuracy, 2)


def test_conditions_are_not_pooled(study: Study) -> None:
    with pytest.raises(results.ConditionMissing):
        results.summary(study)


def test_the_comparison_is_against_the_first_of_the_study(study: Study) -> None:
    (row,) = results.comparison(study).differences
    assert (row.condition, row.against, row.difference) == ("Control", "Music", -0.5)


def test_the_comparison_follows_the_declared_rules(study: Study) -> None:
    for name in ("Music", "Control"):
        hasty = study.sessions.filter(condition__name=name).order_by("pk")[0]
        Response.objects.filter(session=hasty).update(milliseconds=200)
    Study.objects.filter(pk=study.pk).update(exclusion_rules={"median_ms_at_least": 1000})
    study.refresh_from_db()
    summaries = {one.condition: one for one in results.comparison(study).summaries}
    assert [len(one.volunteers) for one in summaries.values()] == [1, 1]
    for name, found in summaries.items():
        assert found == results.summary(study, condition=arm(study, name))


def test_the_tables_name_the_condition(study: Study) -> None:
    names = dict(Session.objects.values_list("pk", "condition__name"))
    for table in (results.long_csv(study), results.wide_csv(study)):
        for row in csv.DictReader(io.StringIO(table)):
            assert row["condition"] == names[int(row["session_id"].removeprefix("s"))]


def test_pilots_of_what_a_condition_was_before_are_left_out(make_study: MakeStudy, alice: User) -> None:
    draft = make_study(status="draft")
    changing = conditions.add(draft, by=alice, configuration={"name": "A"})
    give_stimuli(draft, alice)
    answer_all(at_first_trial(draft, mode=Session.Mode.PILOT))
    assert len(results.answers(draft, "pilot")) == 6
    conditions.change(changing, by=alice, configuration={"music": "exchanged"})
    assert results.answers(draft, "pilot") == []


def test_the_page_compares_and_shows_each(study: Study, alice: User, client: Client) -> None:
    client.force_login(alice)
    address = reverse("study_results", args=[study.pk])
    page = client.get(address).content.decode()
    assert "Conditions compared" in page
    assert "−50.0 points" in page
    control = client.get(address, {"condition": arm(study, "Control").pk}).content.decode()
    assert "50.0 %" in control
    assert "clips were exchanged" in control
    assert f"condition={arm(study, 'Control').pk}" in control
    for wrong in ("0", "x", "9" * 30, "-1"):
        assert client.get(address, {"condition": wrong}).status_code == 404


def test_both_tables_of_the_comparison_are_downloaded(study: Study, alice: User, client: Client) -> None:
    client.force_login(alice)
    found = results.comparison(study)
    tables = {}
    for key in ("conditions", "differences"):
        saved = client.get(reverse("study_table_csv", args=[study.pk, key]))
        tables[key] = list(csv.DictReader(io.StringIO(saved.content.decode())))
    assert [(row["Condition"], float(row["Accuracy"])) for row in tables["conditions"]] == [
        ("Music", 1.0),
        ("Control", 0.5),
    ]
    (row,) = tables["differences"]
    assert (row["Condition"], float(row["Difference"]), float(row["p"])) == (
        "Control", found.differences[0].difference, found.differences[0].p,
    )  # fmt: skip


def test_a_study_without_conditions_has_no_table_of_them(
    make_study: MakeStudy, alice: User, client: Client
) -> None:
    client.force_login(alice)
    study = make_study()
    assert client.get(reverse("study_table_csv", args=[study.pk, "differences"])).status_code == 404


def test_the_downloads_are_of_the_condition_asked_for(study: Study, alice: User, client: Client) -> None:
    client.force_login(alice)
    asked = {"condition": str(arm(study, "Control").pk)}
    told = client.get(reverse("study_summary_json", args=[study.pk]), asked)
    assert json.loads(told.content)["condition"] == "Control"
    assert told["Content-Disposition"].endswith('-control-summary.json"')
    figure = client.get(reverse("study_figure", args=[study.pk, "svg"]), asked)
    assert figure.status_code == 200
    assert client.get(reverse("study_summary_json", args=[study.pk])).status_code == 400
    assert client.get(reverse("api_results", args=[study.pk])).status_code == 400
    assert client.get(reverse("api_results", args=[study.pk]), asked).json()["accuracy"] == 0.5
    rows = client.get(reverse("api_study_answers", args=[study.pk])).json()
    assert {row["condition"] for row in rows} == {"Music", "Control"}


def test_nobody_yet_is_said(make_study: MakeStudy, alice: User, client: Client) -> None:
    draft = make_study(status="draft")
    conditions.add(draft, by=alice, configuration={"name": "A"})
    give_stimuli(draft, alice)
    study = studies.publish(draft, by=alice)
    client.force_login(alice)
    assert "Nobody has finished yet" in client.get(reverse("study_results", args=[study.pk])).content.decode()
