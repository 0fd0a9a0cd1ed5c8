"""Before the data: how many volunteers a study needs, and its preregistration."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from analysis.power import Design, plan
from study.domain import preregistration, studies
from study.models import Session, Study
from tests.world import MakeStudy, answer_all, at_first_trial, signed_in

pytestmark = pytest.mark.django_db

ASKED = {"accuracy": "0.5", "sd_people": "1", "sd_items": "1", "people": "8, 12", "target": "0.8"}


def test_the_plan_is_that_of_the_analysis_for_the_study_as_it_is(make_study: MakeStudy, alice: User) -> None:
    draft, client = make_study("draft", trial_count=6), signed_in(alice)
    assert "Plan the number of volunteers" in client.get(f"/studies/{draft.pk}/").content.decode()
    page = client.get(f"/studies/{draft.pk}/planning/", ASKED).content.decode()
    expected = plan(Design(0.5, 6), (8, 12), studies=400, searched=300)
    assert f"{expected.smallest_t} volunteers reach a power of 0.8 by the t test" in page
    for row in expected.powers:
        assert f"{row.bootstrap.power:.3f} ± {row.bootstrap.standard_error:.3f}" in page
    chart = client.get(f"/studies/{draft.pk}/planning/power.svg", ASKED)
    assert (chart.status_code, chart["Content-Type"]) == (200, "image/svg+xml")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"accuracy": "0.2"}, "which is chance, to below 1"),
        ({"people": "8, many"}, "whole numbers with commas"),
        ({"people": "1, 8"}, "Give numbers from 2 to 300."),
        ({"people": "8, 4000"}, "Give numbers from 2 to 300."),
        ({"target": "1"}, "less than or equal to 0.99"),
        ({"source": "pilot"}, "at least two finished sessions"),
    ],
)
def test_what_cannot_be_simulated_is_said(
    make_study: MakeStudy, alice: User, wrong: dict[str, str], said: str
) -> None:
    draft = make_study("built")
    answer = signed_in(alice).get(f"/studies/{draft.pk}/planning/", ASKED | wrong)
    assert (answer.status_code, said in answer.content.decode()) == (422, True)


def test_a_rehearsal_tells_accuracy_and_spreads(study: Study, alice: User) -> None:
    for wrong in (2, 3, 4):
        visit = at_first_trial(study, mode=Session.Mode.SIMULATED)
        answer_all(visit, right=lambda position, wrong=wrong: position > wrong)  # type: ignore[misc]
    page = signed_in(alice).get(f"/studies/{study.pk}/planning/", ASKED | {"source": "simulated"})
    assert page.status_code == 200
    assert "accuracy 0.5, chance 0.333, 6 trials" in page.content.decode()


def test_the_preregistration_answers_nine_questions_from_the_study(
    make_study: MakeStudy, alice: User
) -> None:
    declared = {
        "exclusion_rules": {"median_ms_at_least": 300}, "planned_volunteers": 40, "looks": 2,
        "stopping_rule": "pocock",
    }  # fmt: skip
    study = studies.publish(make_study("built", **declared), by=alice)
    text = preregistration.text(study)
    assert [line[:5] for line in text.splitlines() if line.startswith("## ")] == [
        f"## {n}." for n in range(1, 10)
    ]
    for said in (
        "No, no data have been collected", "among 3", "each of 6 trials",
        "median response time is under 300 ms", "at 20 (p < 0.0304), 40 (p < 0.0304) volunteers",
        study.content_hash,
    ):  # fmt: skip
        assert said in text
    answer_all(at_first_trial(study))
    assert "Yes, 1 finished." in preregistration.text(study)


def test_the_preregistration_is_shown_downloaded_and_printed(study: Study, alice: User) -> None:
    client = signed_in(alice)
    page = client.get(f"/studies/{study.pk}/preregistration/").content.decode()
    file = client.get(f"/studies/{study.pk}/preregistration/?download")
    assert file["Content-Disposition"] == 'attachment; filename="digits-v1-preregistration.md"'
    assert file.content.decode() == preregistration.text(study)
    assert "No number of volunteers has been declared" in page
    printed = StringIO()
    call_command("preregister", study.code, stdout=printed)
    assert printed.getvalue() == preregistration.text(study)
    with pytest.raises(CommandError, match="There is no study"):
        call_command("preregister", "nowhere")
