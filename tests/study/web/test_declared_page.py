"""What a study declares before its data: rules of exclusion, volunteers, looks."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from analysis.exclusions import Rules
from analysis.sequential import Looks
from study.domain import declared, studies
from study.models import Study
from tests.world import MakeStudy, signed_in

pytestmark = pytest.mark.django_db

GIVEN = {
    "finished": "on", "median_ms_at_least": "300", "same_place_fewer_than": "15", "listens_at_least": "1",
    "first_visit_only": "on", "planned_volunteers": "40", "stopping_rule": "obrien_fleming", "looks": "4",
}  # fmt: skip


def test_what_is_declared_is_kept_and_read_by_the_analysis(make_study: MakeStudy, alice: User) -> None:
    draft, client = make_study("draft"), signed_in(alice)
    assert client.post(f"/studies/{draft.pk}/declared/", GIVEN).status_code == 302
    draft = Study.objects.get()
    kept = {"median_ms_at_least": 300, "same_place_fewer_than": 15, "listens_at_least": 1,
            "first_visit_only": True}  # fmt: skip
    assert draft.exclusion_rules == kept
    assert declared.rules(draft) == Rules(**kept)  # type: ignore[arg-type]
    assert declared.looks(draft) == Looks(40, 4, "obrien_fleming")
    assert (
        "4 rules of exclusion, 40 volunteers, 4 looks" in client.get(f"/studies/{draft.pk}/").content.decode()
    )
    again = client.get(f"/studies/{draft.pk}/declared/").content.decode()
    assert 'value="300"' in again


def test_nothing_declared_leaves_out_unfinished_sessions_alone(make_study: MakeStudy, alice: User) -> None:
    draft = make_study("draft")
    given = {"finished": "on", "planned_volunteers": "", "stopping_rule": "", "looks": "3"}
    assert signed_in(alice).post(f"/studies/{draft.pk}/declared/", given).status_code == 302
    draft = Study.objects.get()
    assert (draft.exclusion_rules, declared.rules(draft), declared.looks(draft)) == ({}, Rules(), None)
    assert declared.says(draft) == "Nothing declared"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"median_ms_at_least": "0"}, "Give a whole number of at least 1"),
        ({"planned_volunteers": ""}, "A rule with looks needs a number of volunteers."),
        ({"planned_volunteers": "5"}, "Every look needs at least two more volunteers"),
        ({"looks": "9"}, "less than or equal to 5"),
        ({"stopping_rule": "whenever"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_followed_is_refused(
    make_study: MakeStudy, alice: User, wrong: dict[str, str], said: str
) -> None:
    draft = make_study("draft")
    answer = signed_in(alice).post(f"/studies/{draft.pk}/declared/", GIVEN | wrong)
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert Study.objects.get().planned_volunteers is None


def test_a_published_study_declares_nothing_more(study: Study, alice: User) -> None:
    client = signed_in(alice)
    assert client.post(f"/studies/{study.pk}/declared/", GIVEN).status_code == 422
    assert "published and frozen" in client.get(f"/studies/{study.pk}/declared/").content.decode()
    assert Study.objects.get().exclusion_rules == {}


def test_unknown_rules_are_refused_by_the_model_too(make_study: MakeStudy, alice: User) -> None:
    with pytest.raises(studies.StudyInvalid, match="There is no rule 'handsome'"):
        studies.update(make_study("draft"), by=alice, configuration={"exclusion_rules": {"handsome": True}})
