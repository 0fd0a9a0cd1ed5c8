"""Alice owns the study, Bob works on it, Charlie must see nothing of it: held for every address there is.

An address without a rule here fails the test: decide who may use it before it ships.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from study import permissions
from study.domain import exports
from study.errors import NotAllowed, NotYours
from study.models import Condition, Question, Session, Stimulus, Study
from tests.world import answer_all, at_first_trial

pytestmark = pytest.mark.django_db

PUBLIC = {"alive", "home", "api_schema", "hear", "gallery_list"}
SIGNED_IN = {"account", "study_list", "study_new"}
WORK_ON = {
    "study", "study_edit", "study_build", "study_build_cancel", "study_preview", "study_publish",
    "study_pause", "study_resume", "study_close", "study_version", "study_results", "study_figure",
    "study_long_csv",
    "study_descriptions", "study_wide_csv", "study_summary_json", "study_plan", "study_latents",
    "study_steps", "study_sound", "study_declared", "study_planning", "study_planning_chart",
    "study_preregistration", "study_review_json", "study_results_state", "study_table_csv",
    "study_listening_csv", "study_headphones_csv",
    "study_returning",
    "study_privacy", "api_results", "api_study_answers", "study_conditions", "study_condition_new",
    "study_condition_edit", "study_condition_remove", "study_condition_switch", "study_panel",
    "study_participants",
    "study_languages", "study_texts",
    "study_questions_csv", "study_questions_json", "study_orders_json", "study_visits_csv",
    "study_questions", "study_question_new", "study_question_edit", "study_question_up",
    "study_question_remove",
}  # fmt: skip
WORK_ON |= {"study_gallery_texts"}
WORK_ON |= {
    "study_figures", "study_chart", "study_machine", "study_machine_json", "study_machine_comparison",
}  # fmt: skip
WORK_ON |= {"study_package", "study_package_progress", "study_package_cancel", "study_package_download"}
OWN = {"study_delete", "study_people", "study_people_remove"}
# Galleries and people's own pictures: tests/study/test_galleries.py and test_own_pictures.py say who may.
BY_ADDRESS = {
    "shown", "study_gallery", "exhibit", "exhibit_texts", "own_picture", "own_picture_progress",
    "own_picture_delete",
}  # fmt: skip
# Whoever holds the unguessable token or code may use these; their own tests say what they refuse.
BY_TOKEN = {
    "media", "api_session", "api_answer", "api_events", "volunteer_welcome", "volunteer_consent",
    "headphone_sound", "volunteer_headphones",
    "volunteer_sound", "volunteer_instructions", "volunteer_examples", "volunteer_practice", "volunteer_rest",
    "volunteer_questions", "volunteer_resume", "volunteer_extend", "volunteer_expired", "api_extend",
    "volunteer_withdraw", "volunteer_withdrawn", "volunteer_offline", "volunteer_worker",
    "volunteer_trial", "volunteer_finish", "volunteer_language", "volunteer_thanks", "volunteer_broken",
}  # fmt: skip


def names(resolver: URLResolver) -> Iterator[str]:
    """Yield the name of every address of ours; allauth's are allauth's."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            assert pattern.name, f"{pattern} has no name"
            yield pattern.name
        elif str(pattern.pattern) != "accounts/":
            yield from names(pattern)


def test_every_address_has_a_rule() -> None:
    ruled = [*PUBLIC, *SIGNED_IN, *WORK_ON, *OWN, *BY_TOKEN, *BY_ADDRESS]
    assert sorted(names(get_resolver())) == sorted(ruled)


@pytest.fixture
def finished(study: Study) -> Study:
    """Alice's study with one finished session, so that its results have something to show."""
    visit = answer_all(at_first_trial(study))
    visit.condition = Condition.objects.create(study=study, place=1, name="Everybody")
    visit.save()
    Question.objects.create(study=study, place=1, prompt="Do you play?")
    return study


def address(name: str, study: Study, bob: User) -> str:
    extra: dict[str, dict[str, Any]] = {
        "study_figure": {"suffix": "svg"},
        "study_chart": {"name": "confusion", "suffix": "svg"},
        "study_table_csv": {"key": "trials"},
        "study_people_remove": {"person_pk": bob.pk},
        "study_texts": {"language": "de"},
        **{f"study_question_{act}": {"place": 1} for act in ("edit", "up", "remove")},
        **{
            f"study_condition_{act}": {"condition_pk": study.conditions.get().pk}
            for act in ("edit", "remove", "switch")
        },
    }
    if name == "study_package_download":
        extra[name] = {"export_pk": packed(study)}
    return reverse(name, kwargs={"pk": study.pk} | extra.get(name, {}))


def packed(study: Study) -> int:
    """The number of a package of this study."""
    export = exports.run(exports.request(study, by=study.owner, with_media=False).pk)
    assert export is not None
    return export.pk


def statuses(client: Client, path: str) -> set[int]:
    return {client.get(path).status_code, client.post(path).status_code}


def snapshot(study: Study) -> dict[str, Any]:
    row = Study.objects.filter(pk=study.pk).values().get()
    people = sorted(Study.objects.get(pk=study.pk).collaborators.values_list("username", flat=True))
    arms = [*Condition.objects.filter(study=study).values()]
    counted = {"studies": Study.objects.count(), "sessions": Session.objects.count()}
    return {**row, "people": people, "conditions": arms, **counted}


@pytest.mark.parametrize("name", sorted(WORK_ON | OWN))
def test_charlie_finds_nothing_and_changes_nothing(
    name: str, finished: Study, bob: User, charlie: User, client: Client
) -> None:
    before = snapshot(finished)
    client.force_login(charlie)
    assert statuses(client, address(name, finished, bob)) <= {404, 405}
    assert snapshot(finished) == before


@pytest.mark.parametrize("name", sorted(WORK_ON | OWN))
def test_strangers_are_asked_to_sign_in(name: str, finished: Study, bob: User, client: Client) -> None:
    before = snapshot(finished)
    path = address(name, finished, bob)
    for answer in (client.get(path), client.post(path)):
        to_login = answer.status_code == 302 and answer["Location"].startswith(reverse("account_login"))
        assert to_login or answer.status_code in {403, 405}
    assert snapshot(finished) == before


@pytest.mark.parametrize("name", sorted(OWN))
def test_bob_cannot_delete_or_share(name: str, finished: Study, bob: User, client: Client) -> None:
    before = snapshot(finished)
    client.force_login(bob)
    assert statuses(client, address(name, finished, bob)) <= {403, 405}
    assert snapshot(finished) == before


@pytest.mark.parametrize("name", sorted(WORK_ON))
def test_bob_may_look_at_everything(name: str, finished: Study, bob: User, client: Client) -> None:
    client.force_login(bob)
    answer = client.get(address(name, finished, bob))
    answer.close()  # a download is open until it is read or closed
    assert answer.status_code in {200, 302, 405, 409}  # 409: a published study is not edited
    assert answer.status_code != 302 or "login" not in answer["Location"]


@pytest.mark.parametrize("name", sorted(SIGNED_IN))
def test_pages_without_a_study_ask_to_sign_in(name: str, client: Client, charlie: User) -> None:
    assert client.get(reverse(name)).status_code == 302
    client.force_login(charlie)
    assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_public_pages_are_public(name: str, client: Client) -> None:
    assert client.get(reverse(name)).status_code == 200


def test_the_list_shows_ones_own_studies(study: Study, bob: User, charlie: User, client: Client) -> None:
    for person, seen in ((bob, True), (charlie, False)):
        client.force_login(person)
        assert (study.title in client.get(reverse("study_list")).content.decode()) is seen


def test_a_researchers_media_address_is_theirs(
    study: Study, alice: User, bob: User, charlie: User, client: Client
) -> None:
    from study.domain import media

    stimulus = Stimulus.objects.all()[0]
    for path in (media.stimulus_clip_address(stimulus), media.stimulus_picture_address(stimulus)):
        client.logout()
        assert client.get(path).status_code == 404
        for person, status in ((alice, 200), (bob, 200), (charlie, 404)):
            client.force_login(person)
            assert client.get(path).status_code == status


def test_policies_raise_named_errors(study: Study, alice: User, bob: User, charlie: User) -> None:
    permissions.may_own(alice, study)
    permissions.may_work_on(bob, study)
    with pytest.raises(NotAllowed):
        permissions.may_own(bob, study)
    with pytest.raises(NotYours):
        permissions.may_own(charlie, study)
    with pytest.raises(NotYours):
        permissions.study_for(charlie, study.pk)
