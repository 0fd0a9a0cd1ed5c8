"""The researcher's pages as plain requests: who sees what, what buttons do, what downloads are called."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

import sampling.__main__ as sampling
from study.models import Build, Session, StimulusSet, Study
from tests.world import MakeStudy, answer_all, at_first_trial

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
        ({"title": ""}, "Title: Give the study a title; volunteers see it."),
        ({"title": 121 * "a"}, "Title: A title has at most 120 characters; this one has 121."),
        ({"contact": 201 * "a"}, "Contact: A contact has at most 200 characters; this one has 201."),
        ({"trial_count": 0}, "Number of trials: Give a whole number from 1 to 60."),
        ({"trial_count": 61}, "Number of trials: Give a whole number from 1 to 60."),
        ({"trial_count": "many"}, "Number of trials: Give a whole number from 1 to 60."),
        ({"trial_count": ""}, "Number of trials: Give a whole number from 1 to 60."),
        ({"class_count": 9}, "Number of classes: Give a whole number from 2 to 6."),
        ({"examples_per_class": -3}, "Examples of each class: Give a whole number from 1 to 12."),
        ({"seed": -1}, "Seed: Give a whole number from 0 to 9007199254740992."),
        ({"class_choice": ""}, "Which classes do volunteers tell apart?: Say how the classes are found."),
        ({"class_rule": "dearest"}, "How classes are chosen: Choose one of the two rules."),
        (
            {"class_choice": "chosen"},
            "Names of the classes: Name 2 to 6 classes, one a line; you named none.",
        ),
        (
            {"class_choice": "chosen", "class_names": "0", "class_count": "hidden"},
            "Names of the classes: Name 2 to 6 classes, one a line; you named 1.",
        ),
        (
            {"class_choice": "chosen", "class_names": "a\nb\nc\nd\ne\nf\ng"},
            "Names of the classes: Name 2 to 6 classes, one a line; you named 7.",
        ),
        (
            {"class_choice": "chosen", "class_names": "0\n0"},
            "Names of the classes: “0” is named twice; name each class once.",
        ),
        (
            {"data": "folder:../../etc"},
            "Pictures: “folder:../../etc” is not on this server; choose one of the list.",
        ),
        ({"model": "nothing"}, "Translator: “nothing” is not on this server; choose one of the list."),
    ],
)
def test_a_wrong_value_is_the_one_sentence_in_the_summary(
    alice: User, change: dict[str, object], sentence: str
) -> None:
    response = signed_in(alice).post("/studies/new/", valid(**change))
    assert response.status_code == 422
    summary = re.search(r'role="alert">.*?<ul>(.*?)</ul>', response.content.decode(), re.DOTALL)
    assert summary is not None
    assert re.sub(r"<[^>]+>", "", summary[1]).strip() == sentence
    assert Study.objects.count() == 0


def test_errors_are_listed_in_the_order_of_the_page_and_lead_to_their_fields(alice: User) -> None:
    wrong = valid(title="", seed="", class_choice="", class_count=1, trial_count=0, data="nothing")
    page = signed_in(alice).post("/studies/new/", wrong).content.decode()
    targets = re.findall(r'<li><a href="#([^"]+)">', page)
    assert targets == [
        f"id_{name}" for name in ("title", "data", "class_choice", "class_count", "trial_count", "seed")
    ]
    places = [page.index(f'id="{target}"') for target in targets]
    assert places == sorted(places)


def test_named_classes_are_counted_whatever_the_hidden_number_says(alice: User) -> None:
    signed_in(alice).post("/studies/new/", valid(class_choice="chosen", class_names="0\n4", class_count=""))
    assert Study.objects.get().class_count == 2


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


def test_the_plan_is_derived_again_from_what_the_page_offers(
    study: Study,
    bob: User,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = signed_in(bob)
    page = client.get(f"/studies/{study.pk}/").content.decode()
    command = re.search(r"<code>(python -m sampling [^<]+)</code>", page)
    assert command is not None
    for address in re.findall(r'href="([^"]+(?:plan\.json|latents\.npz))"', page):
        response = client.get(address)
        name = re.fullmatch(r'attachment; filename="([^"]+)"', response["Content-Disposition"])
        assert name is not None
        content = b"".join(response) if response.streaming else response.content
        (tmp_path / name[1]).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    assert sampling.main(command[1].split()[3:]) == 0
    assert "agrees with its seed and latents" in capsys.readouterr().out


def test_a_study_without_plan_or_latents_says_so(make_study: MakeStudy, alice: User) -> None:
    draft, old, client = make_study("draft"), make_study(), signed_in(alice)
    for file in ("plan.json", "latents.npz"):
        answer = client.get(f"/studies/{draft.pk}/{file}")
        assert (answer.status_code, "build the pictures and music first" in answer.content.decode()) == (
            409,
            True,
        )
    address = f"/studies/{old.pk}/latents.npz"
    old.stimuli.latents.delete(save=False)  # type: ignore[union-attr]
    assert "missing on the server" in client.get(address).content.decode()
    StimulusSet.objects.update(latents="")
    answer = client.get(address)
    assert (answer.status_code, "before latents were kept" in answer.content.decode()) == (404, True)
    assert "before latents were kept" in client.get(f"/studies/{old.pk}/").content.decode()


def test_results_say_how_many_sessions_are_left_out(study: Study, alice: User) -> None:
    """One was left before its first answer: no table holds it, yet it was begun."""
    answer_all(at_first_trial(study))
    address = f"/studies/{study.pk}/results/"
    assert "All sessions were finished." in signed_in(alice).get(address).content.decode()
    at_first_trial(study)
    assert "1 unfinished session is left out." in signed_in(alice).get(address).content.decode()
