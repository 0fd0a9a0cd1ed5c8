"""The results of a study as a researcher sees and downloads them: its modes, the figure, the tables."""

import re

import pytest
from django.contrib.auth.models import User

from study.domain import studies
from study.models import Session, Study
from tests.world import MakeStudy, answer_all, answer_some, at_first_trial, describe_all, signed_in

pytestmark = pytest.mark.django_db


def test_each_mode_has_results_of_its_own(study: Study, alice: User) -> None:
    answer_all(at_first_trial(study))
    answer_all(at_first_trial(study, mode=Session.Mode.SIMULATED), right=lambda position: position % 2 == 0)
    client = signed_in(alice)
    shares = []
    for mode in ("live", "simulated"):
        page = client.get(f"/studies/{study.pk}/results/?mode={mode}").content.decode()
        shares += re.findall(r'headline"><dt>Accuracy</dt><dd class="big">([^<]+)<', page)
    assert shares == ["100.0 %", "50.0 %"]
    assert "Nobody to count yet" in client.get(f"/studies/{study.pk}/results/?mode=pilot").content.decode()
    assert client.get(f"/studies/{study.pk}/results/?mode=all").status_code == 404


@pytest.mark.parametrize(
    ("path", "kind", "begins", "name"),
    [
        ("figure2.svg?download", "image/svg+xml", b"<?xml", "digits-v1-figure2.svg"),
        ("figure2.pdf?download", "application/pdf", b"%PDF", "digits-v1-figure2.pdf"),
        ("figure2.png?download", "image/png", b"\x89PNG", "digits-v1-figure2.png"),
        ("answers-long.csv", "text/csv; charset=utf-8", b"session_id,", "digits-v1-answers-long.csv"),
        ("answers-wide.csv", "text/csv; charset=utf-8", b"session_id,", "digits-v1-answers-wide.csv"),
        ("summary.json", "application/json", b"{", "digits-v1-summary.json"),
    ],
)
def test_downloads_have_their_type_and_name(
    study: Study, alice: User, path: str, kind: str, begins: bytes, name: str
) -> None:
    for wrong in (1, 2):
        answer_all(at_first_trial(study), right=lambda position, wrong=wrong: position > wrong)  # type: ignore[misc]
    response = signed_in(alice).get(f"/studies/{study.pk}/results/{path}")
    assert response.status_code == 200
    assert (response["Content-Type"], response.content[: len(begins)]) == (kind, begins)
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'


def test_a_figure_of_an_unknown_kind_or_without_answers_is_not_found(study: Study, alice: User) -> None:
    client = signed_in(alice)
    assert client.get(f"/studies/{study.pk}/results/figure2.exe").status_code == 404
    assert client.get(f"/studies/{study.pk}/results/figure2.svg").status_code == 404


def test_results_are_shown_without_pictures_that_have_gone(study: Study, alice: User) -> None:
    answer_all(at_first_trial(study))
    client, address = signed_in(alice), f"/studies/{study.pk}/results/"
    assert "missing on the server" not in client.get(address).content.decode()
    whole = client.get(f"{address}figure2.svg").content
    option = study.stimuli.trials.get(number=3).options.get(slot=1)  # type: ignore[union-attr]
    option.stimulus.image.delete(save=False)
    page = client.get(address).content.decode()
    assert page.count(f"missing on the server: {option.stimulus.source_id} (trial 3).") == 2  # note and alt
    figure = client.get(f"{address}figure2.svg")
    assert (figure.status_code, figure.content != whole) == (200, True)


def test_results_say_how_many_sessions_are_left_out(study: Study, alice: User) -> None:
    """Who left before the first answer is in no number but the flow, as in the summary."""
    answer_all(at_first_trial(study))
    address = f"/studies/{study.pk}/results/"
    assert "All sessions were finished." in signed_in(alice).get(address).content.decode()
    visit = at_first_trial(study)
    assert "All sessions were finished." in signed_in(alice).get(address).content.decode()
    answer_some(visit, 1)
    assert "1 unfinished session is left out." in signed_in(alice).get(address).content.decode()


def test_sessions_by_descriptions_have_numbers_of_their_own(make_study: MakeStudy, alice: User) -> None:
    study = make_study("built", described_options=True)
    describe_all(study, alice)
    study = studies.publish(study, by=alice)
    client = signed_in(alice)
    answer_all(at_first_trial(study))
    assert "By descriptions" not in client.get(f"/studies/{study.pk}/results/").content.decode()
    answer_all(at_first_trial(study, described=True), right=lambda position: position <= 3)
    shares, said = [], []
    for kind in ("", "?described=only", "?described=include"):
        page = client.get(f"/studies/{study.pk}/results/{kind}").content.decode()
        shares += re.findall(r'headline"><dt>Accuracy</dt><dd class="big">([^<]+)<', page)
        said += re.findall(r"finished\. ([^<]+by written descriptions[^<]*)<", page)
    assert shares == ["100.0 %", "50.0 %", "75.0 %"]
    assert said == [
        "1 session by written descriptions counted apart.",
        "These sessions chose by written descriptions of the pictures.",
        "1 session of these chose by written descriptions of the pictures.",
    ]
    name = client.get(f"/studies/{study.pk}/results/summary.json?described=only")["Content-Disposition"]
    assert name == 'attachment; filename="digits-v1-by-descriptions-summary.json"'
    assert client.get(f"/studies/{study.pk}/results/?described=all").status_code == 404
