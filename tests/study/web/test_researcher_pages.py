"""The researcher's pages as plain requests: who sees what, what buttons do, what downloads are called."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from study.models import Build, Session, Study
from tests.world import MakeStudy, answer_all, at_first_trial

pytestmark = pytest.mark.django_db

PAGES = [
    "",
    "edit/",
    "preview/",
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


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def valid(**changes: object) -> dict[str, object]:
    """A filled-in study form."""
    return {
        "title": "Seven days",
        "model": "mnist",
        "data": "mnist",
        "class_choice": "automatic",
        "class_count": 3,
        "class_rule": "perimeter",
        "examples_per_class": 4,
        "trial_count": 20,
        "seed": 7,
    } | changes


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


def test_a_form_makes_a_draft(alice: User) -> None:
    response = signed_in(alice).post("/studies/new/", valid())
    study = Study.objects.get()
    assert response["Location"] == f"/studies/{study.pk}/"
    assert (study.title, study.owner, study.status, study.chosen_classes) == (
        "Seven days",
        alice,
        "draft",
        [],
    )


def test_named_classes_set_their_number(alice: User) -> None:
    signed_in(alice).post(
        "/studies/new/", valid(class_choice="chosen", class_names="0\n 4 \n\n8\n9", class_count=3)
    )
    study = Study.objects.get()
    assert (study.chosen_classes, study.class_count) == (["0", "4", "8", "9"], 4)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": ""}, "Title: This field is required."),
        ({"trial_count": 0}, "Number of trials: Ensure this value is greater than or equal to 1."),
        ({"class_count": 9}, "Number of classes: Ensure this value is less than or equal to 6."),
        (
            {"class_choice": "chosen", "class_names": "0"},
            "Names of the classes: Name 2 to 6 classes, one a line.",
        ),
        ({"class_choice": "chosen", "class_names": "0\n0"}, "Names of the classes: A class is named twice"),
        ({"data": "folder:../../etc"}, "Pictures: Select a valid choice."),
    ],
)
def test_a_wrong_value_is_named_in_the_summary(alice: User, change: dict[str, object], sentence: str) -> None:
    response = signed_in(alice).post("/studies/new/", valid(**change))
    assert response.status_code == 422
    summary = re.sub(r"<[^>]+>", "", response.content.decode())
    assert sentence in summary
    assert Study.objects.count() == 0


def test_a_draft_changes_and_a_published_study_does_not(make_study: MakeStudy, alice: User) -> None:
    draft, published = make_study("draft"), make_study()
    client = signed_in(alice)
    client.post(f"/studies/{draft.pk}/edit/", valid(title="New name"))
    assert client.post(f"/studies/{published.pk}/edit/", valid(title="New name")).status_code == 409
    assert [study.title for study in Study.objects.order_by("pk")] == ["New name", "Digits"]


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


def test_each_mode_has_results_of_its_own(study: Study, alice: User) -> None:
    answer_all(at_first_trial(study))
    answer_all(at_first_trial(study, mode=Session.Mode.SIMULATED), right=lambda position: position % 2 == 0)
    client = signed_in(alice)
    shares = []
    for mode in ("live", "simulated"):
        page = client.get(f"/studies/{study.pk}/results/?mode={mode}").content.decode()
        shares += re.findall(r'headline"><dt>Accuracy</dt><dd class="big">([^<]+)<', page)
    assert shares == ["100.0 %", "50.0 %"]
    assert (
        "Nobody has finished yet" in client.get(f"/studies/{study.pk}/results/?mode=pilot").content.decode()
    )
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


def test_results_say_how_many_sessions_are_left_out(study: Study, alice: User) -> None:
    """One was left before its first answer: no table holds it, yet it was begun."""
    answer_all(at_first_trial(study))
    address = f"/studies/{study.pk}/results/"
    assert "All sessions were finished." in signed_in(alice).get(address).content.decode()
    at_first_trial(study)
    assert "1 unfinished session is left out." in signed_in(alice).get(address).content.decode()
