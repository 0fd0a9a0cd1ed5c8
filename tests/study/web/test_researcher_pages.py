"""The researcher's pages as plain requests: who sees what and what buttons do."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from study.domain import conditions
from study.models import Build, Session, Study
from tests.world import MakeStudy, answer_all, at_first_trial, give_stimuli, signed_in

pytestmark = pytest.mark.django_db

PAGES = [
    "",
    "edit/",
    "preview/",
    "plan.json",
    "latents.npz",
    "results/",
    "results/figure2.svg",
    "results/answers-long.csv",
    "results/summary.json",
]
BUTTONS = [
    "build/",
    "build/cancel/",
    "publish/",
    "pause/",
    "resume/",
    "close/",
    "version/",
    "delete/",
    "people/",
]


@pytest.mark.parametrize("page", PAGES)
def test_strangers_are_sent_to_sign_in_and_charlie_sees_nothing(
    study: Study, charlie: User, page: str
) -> None:
    path = f"/studies/{study.pk}/{page}"
    assert Client().get(path)["Location"] == f"/accounts/login/?next={path}"
    assert signed_in(charlie).get(path).status_code == 404


@pytest.mark.parametrize("button", BUTTONS)
def test_charlie_can_press_nothing(study: Study, charlie: User, button: str) -> None:
    assert signed_in(charlie).post(f"/studies/{study.pk}/{button}").status_code == 404
    study.refresh_from_db()
    assert (study.status, study.builds.count(), Study.objects.count()) == ("published", 1, 1)


def test_bob_works_on_the_study_but_cannot_share_or_delete_it(study: Study, bob: User, charlie: User) -> None:
    client = signed_in(bob)
    assert client.post(f"/studies/{study.pk}/pause/").status_code == 302
    assert client.post(f"/studies/{study.pk}/people/", {"name": "charlie"}).status_code == 403
    assert client.post(f"/studies/{study.pk}/people/{bob.pk}/remove/").status_code == 403
    assert client.post(f"/studies/{study.pk}/delete/").status_code == 403
    study.refresh_from_db()
    assert (study.status, list(study.collaborators.all())) == ("paused", [bob])


def test_the_list_shows_ones_own_studies_and_counts_live_volunteers(
    study: Study, alice: User, charlie: User
) -> None:
    answer_all(at_first_trial(study))
    answer_all(at_first_trial(study, mode=Session.Mode.PILOT))
    page = signed_in(alice).get("/studies/").content.decode()
    assert "Digits" in page
    assert "1 volunteer<" in page
    assert "Digits" not in signed_in(charlie).get("/studies/").content.decode()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Type the user name or e-mail address of the person to add."),
        (255 * "a", "Nobody with this name or address has an account here."),
    ],
)
def test_a_colleague_who_cannot_be_found_is_told_in_a_sentence(
    study: Study, alice: User, name: str, sentence: str
) -> None:
    said = signed_in(alice).post(f"/studies/{study.pk}/people/", {"name": name}, follow=True)
    assert sentence in said.content.decode()


def test_build_and_cancel(
    make_study: MakeStudy,
    alice: User,
    django_capture_on_commit_callbacks: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[int] = []
    monkeypatch.setattr("study.tasks.enqueue_build", sent.append)
    study, client = make_study("draft"), signed_in(alice)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        client.post(f"/studies/{study.pk}/build/")
    build = Build.objects.get()
    assert sent == [build.pk]
    said = client.post(f"/studies/{study.pk}/build/", follow=True).content.decode()
    assert "This study is already being built." in said
    assert 'hx-trigger="every 1s"' in client.get(f"/studies/{study.pk}/build/").content.decode()
    client.post(f"/studies/{study.pk}/build/cancel/")
    ended = client.get(f"/studies/{study.pk}/build/")
    assert "hx-trigger" not in ended.content.decode()
    assert "build-ended" in ended["HX-Trigger-After-Settle"]
    build.refresh_from_db()
    assert build.status == Build.Status.CANCELLED


def test_the_life_of_a_study(make_study: MakeStudy, alice: User) -> None:
    study, client = make_study("draft"), signed_in(alice)
    assert "Build the stimuli" in client.post(f"/studies/{study.pk}/publish/", follow=True).content.decode()
    study = make_study("built", title="Ready")
    states = []
    for button in ("publish", "pause", "resume", "close", "resume"):
        client.post(f"/studies/{study.pk}/{button}/")
        study.refresh_from_db()
        states.append(study.status)
    assert states == ["published", "paused", "published", "closed", "closed"]


def test_who_runs_the_study_is_asked_for_before_it_is_published(make_study: MakeStudy, alice: User) -> None:
    study, client = make_study("built", organiser="", contact=""), signed_in(alice)
    hint = "say who runs the study and whom volunteers can write to"
    assert hint in client.get(f"/studies/{study.pk}/").content.decode()
    said = client.post(f"/studies/{study.pk}/publish/", follow=True).content.decode()
    assert "Before publishing, say who runs the study" in said
    named = make_study("built", title="Named")
    assert hint not in client.get(f"/studies/{named.pk}/").content.decode()


def test_a_new_version_is_a_draft_of_its_own(study: Study, alice: User) -> None:
    response = signed_in(alice).post(f"/studies/{study.pk}/version/")
    copy = Study.objects.get(version=2)
    assert response["Location"] == f"/studies/{copy.pk}/"
    assert (copy.status, copy.previous) == ("draft", study)


def test_only_a_post_deletes_and_never_an_open_study(make_study: MakeStudy, alice: User) -> None:
    draft, published, client = make_study("draft"), make_study(), signed_in(alice)
    client.get(f"/studies/{draft.pk}/delete/")
    assert Study.objects.count() == 2
    client.post(f"/studies/{draft.pk}/delete/")
    said = client.post(f"/studies/{published.pk}/delete/", follow=True).content.decode()
    assert "Close the study before deleting it" in said
    assert list(Study.objects.all()) == [published]


def test_people_come_and_go(study: Study, alice: User, charlie: User) -> None:
    client = signed_in(alice)
    client.post(f"/studies/{study.pk}/people/", {"name": "Charlie@example.org"})
    assert signed_in(charlie).get(f"/studies/{study.pk}/").status_code == 200
    client.post(f"/studies/{study.pk}/people/{charlie.pk}/remove/")
    assert signed_in(charlie).get(f"/studies/{study.pk}/").status_code == 404
    said = client.post(f"/studies/{study.pk}/people/", {"name": "nobody"}, follow=True).content.decode()
    assert "Nobody with this name or address has an account here." in said


def test_looking_at_the_preview_counts_nothing(study: Study, alice: User) -> None:
    client = signed_in(alice)
    page = client.get(f"/studies/{study.pk}/preview/").content.decode()
    media = set(re.findall(r'src="(/media/[^"]+)"', page))
    assert len(media) == 2 * 6 + 3 * 6 + 6
    assert {client.get(address).status_code for address in media} == {200}
    assert {Client().get(address).status_code for address in media} == {404}
    assert Session.objects.count() == 0


def test_the_music_of_each_condition_is_heard_in_the_preview(make_study: MakeStudy, alice: User) -> None:
    draft = make_study("draft")
    own = conditions.add(draft, by=alice, configuration={"name": "Music"})
    control = conditions.add(draft, by=alice, configuration={"name": "Control", "music": "exchanged"})
    client = signed_in(alice)
    address = f"/studies/{draft.pk}/preview/"
    give_stimuli(draft, alice)
    heard = {pk: _clips(client, f"{address}?condition={pk}") for pk in ("", own.pk, control.pk)}
    assert heard[""] == heard[own.pk]
    assert sorted(heard[control.pk]) == sorted(heard[own.pk])
    assert all(one != other for one, other in zip(heard[control.pk], heard[own.pk], strict=True))
    assert (
        "each clip was made from another picture"
        in client.get(f"{address}?condition={control.pk}").content.decode()
    )
    assert client.get(f"{address}?condition=999").status_code == 404


def test_a_condition_whose_music_is_not_built_has_no_preview(make_study: MakeStudy, alice: User) -> None:
    draft = make_study("built")
    late = conditions.add(draft, by=alice, configuration={"name": "Late", "music": "exchanged"})
    answer = signed_in(alice).get(f"/studies/{draft.pk}/preview/?condition={late.pk}")
    assert answer.status_code == 409
    assert "“Late” is not built yet" in answer.content.decode()


def _clips(client: Client, address: str) -> list[bytes]:
    """Return the clips of a preview in the order of the page."""
    players = re.findall(r'<audio src="([^"]+)"', client.get(address).content.decode())
    assert players
    return [client.get(player).content for player in players]
