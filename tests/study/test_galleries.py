"""What hangs in public galleries, and what never does while a test asks about it."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from study.domain import exhibits, galleries, gallery_texts, media, running_tests, shown, studies
from study.errors import NotYours
from study.models import Exhibit, PictureText, Stimulus, StimulusSet, Study
from tests.world import MakeStudy, at_first_trial, give_stimuli

pytestmark = pytest.mark.django_db


@pytest.fixture
def hung(make_study: MakeStudy) -> Study:
    """A published study with a gallery: six examples, six trials of three pictures."""
    return make_study(gallery=True)


def shown_ids(study: Study) -> set[str]:
    return set(galleries.pictures(study).values_list("source_id", flat=True))


def ids(**of: object) -> set[str]:
    return set(Stimulus.objects.filter(**of).values_list("source_id", flat=True))


def every_address(study: Study) -> Iterator[str]:
    for stimulus in Stimulus.objects.filter(set__study=study):
        yield from shown.stimulus_addresses(stimulus)


def test_a_draft_and_a_study_without_a_gallery_have_none(make_study: MakeStudy, client: Client) -> None:
    for study in (make_study("built", gallery=True), make_study(title="No gallery")):
        assert client.get(f"/s/{study.code}/gallery/").status_code == 404
        assert {client.get(address).status_code for address in every_address(study)} == {404}


def test_while_it_runs_it_shows_its_examples_alone(hung: Study, client: Client) -> None:
    assert shown_ids(hung) == ids(example__isnull=False)
    served = {address: client.get(address).status_code for address in every_address(hung)}
    assert sorted(served.values()) == [200] * 12 + [404] * 36
    page = client.get(f"/s/{hung.code}/gallery/").content.decode()
    assert page.count("<audio") == 6
    assert [name for name in ("alder", "birch", "cedar", "hazel", "rowan") if name in page] == []


def test_a_paused_study_is_still_running(hung: Study) -> None:
    paused = studies.pause(hung, by=hung.owner)
    assert shown_ids(paused) == ids(example__isnull=False)


def test_once_it_is_closed_it_shows_everything(hung: Study, client: Client) -> None:
    closed = studies.close(hung, by=hung.owner)
    assert shown_ids(closed) == ids(set=closed.stimuli)
    assert {client.get(address).status_code for address in every_address(closed)} == {200}
    page = client.get(f"/s/{hung.code}/gallery/").content.decode()
    assert page.count("<audio") == 24
    assert closed.stimuli is not None
    assert all(f"Group {name}" in page for name in closed.stimuli.class_names)


def test_a_closed_gallery_hides_what_a_running_test_asks_about(hung: Study, make_study: MakeStudy) -> None:
    """A new version with the same seed asks about the same pictures, with the same music."""
    closed = studies.close(hung, by=hung.owner)
    again = make_study()
    asked = {row.image_sha256 for row in running_tests.asked_about()}
    left = {row.image_sha256 for row in galleries.pictures(closed)}
    assert len(asked) == 18
    assert left & asked == set()
    assert shown_ids(closed) == ids(set=closed.stimuli, example__isnull=False)
    studies.close(again, by=again.owner)
    assert len(shown_ids(closed)) == 24


def test_an_example_that_another_test_asks_about_is_hidden_too(hung: Study, make_study: MakeStudy) -> None:
    example = Stimulus.objects.filter(set=hung.stimuli, example__isnull=False)[0]
    other = make_study(title="Other", seed=8)
    asked = Stimulus.objects.filter(set=other.stimuli, option__isnull=False)[0]
    Stimulus.objects.filter(pk=asked.pk).update(clip_sha256=example.clip_sha256)
    assert example.source_id not in shown_ids(hung)
    with pytest.raises(NotYours):
        galleries.stimulus_in_gallery("clip_token", example.clip_token)


def test_a_running_study_with_other_music_beside_shows_nothing(hung: Study) -> None:
    """A volunteer of another condition would hear what was not meant for her."""
    assert hung.stimuli is not None
    StimulusSet.objects.create(
        study=hung, build=hung.stimuli.build, class_names=[], plan={}, content_hash="x", translator="other"
    )
    assert shown_ids(hung) == set()
    assert len(shown_ids(studies.close(hung, by=hung.owner))) == 24


def test_only_closed_studies_can_be_found(hung: Study, client: Client) -> None:
    """The link of an open study is its researchers' to give."""
    assert hung.code not in client.get("/gallery/").content.decode()
    studies.close(hung, by=hung.owner)
    assert hung.code in client.get("/gallery/").content.decode()


def test_texts_are_what_screen_readers_hear(hung: Study, alice: User, client: Client) -> None:
    first = galleries.pictures(hung)[0]
    gallery_texts.write(hung, {first.source_id: "A tall  stroke\nwith a hook"}, by=alice)
    page = client.get(f"/s/{hung.code}/gallery/").content.decode()
    assert 'alt="A tall stroke with a hook"' in page
    assert page.count("Nobody has described it yet.") == 5


def test_a_text_that_names_a_class_waits_for_the_end(hung: Study, alice: User, client: Client) -> None:
    first = galleries.pictures(hung)[0]
    told = f"A {first.class_name} in the wind"
    gallery_texts.write(hung, {first.source_id: told}, by=alice)
    assert told not in client.get(f"/s/{hung.code}/gallery/").content.decode()
    studies.close(hung, by=alice)
    assert told in client.get(f"/s/{hung.code}/gallery/").content.decode()


def test_a_description_stands_in_for_a_text(hung: Study) -> None:
    first = galleries.pictures(hung)[0]
    hung.descriptions.create(data=hung.data, source_id=first.source_id, text="A thin line")
    assert galleries.texts(hung) == {first.source_id: "A thin line"}


def test_texts_go_with_a_new_version_and_change_no_hash(hung: Study, alice: User) -> None:
    first = galleries.pictures(hung)[0]
    before = studies.content_hash(hung)
    gallery_texts.write(hung, {first.source_id: "A hook"}, by=alice)
    copy = studies.new_version(hung, by=alice)
    assert studies.content_hash(hung) == before == hung.content_hash
    assert list(copy.picture_texts.values_list("source_id", "text")) == [(first.source_id, "A hook")]


def test_an_empty_text_takes_one_away_and_a_long_one_is_refused(hung: Study, alice: User) -> None:
    first = galleries.pictures(hung)[0]
    gallery_texts.write(hung, {first.source_id: "A hook", "not-of-this-study": "x"}, by=alice)
    assert PictureText.objects.count() == 1
    with pytest.raises(gallery_texts.TextTooLong):
        gallery_texts.write(hung, {first.source_id: "x" * 301}, by=alice)
    gallery_texts.write(hung, {first.source_id: " "}, by=alice)
    assert PictureText.objects.count() == 0


@pytest.fixture
def exhibit(draft: Study, alice: User) -> Exhibit:
    """Six pictures of the draft's set, translated by its tiny model."""
    return exhibits.make(title="Shapes", model=draft.model, data=draft.data, count=6, seed=3, by=alice)


def test_an_exhibit_hangs_one_of_each_class_in_turn(exhibit: Exhibit, client: Client) -> None:
    labels = list(exhibit.pictures.values_list("label", flat=True))
    assert labels == ["dots", "lines", "rings"] * 2
    page = client.get(f"/gallery/{exhibit.code}/").content.decode()
    assert page.count("<audio") == 6
    assert page.count('alt="A picture labelled “dots”"') == 2
    picture = exhibit.pictures.all()[0]
    assert [client.get(address).status_code for address in shown.exhibit_addresses(picture)] == [200, 200]
    assert exhibit.code in client.get("/gallery/").content.decode()


def test_an_exhibit_hides_what_a_running_test_asks_about(
    exhibit: Exhibit, study: Study, client: Client
) -> None:
    asked = running_tests.asked_about()[0]
    picture = exhibit.pictures.all()[0]
    exhibit.pictures.filter(pk=picture.pk).update(image_sha256=asked.image_sha256)
    assert galleries.exhibited(exhibit).count() == 5
    assert {client.get(address).status_code for address in shown.exhibit_addresses(picture)} == {404}


def test_equal_seeds_choose_equal_pictures(exhibit: Exhibit, alice: User) -> None:
    again = exhibits.make(title="Again", model=exhibit.model, data=exhibit.data, count=6, seed=3, by=alice)
    chosen = [list(one.pictures.values_list("source_id", flat=True)) for one in (exhibit, again)]
    assert chosen[0] == chosen[1]


def test_the_texts_of_an_exhibit_are_its_owners(
    exhibit: Exhibit, alice: User, bob: User, client: Client
) -> None:
    path = f"/gallery/{exhibit.code}/texts/"
    first = exhibit.pictures.all()[0]
    assert client.get(path).status_code == 302
    client.force_login(bob)
    assert (client.get(path).status_code, client.post(path).status_code) == (404, 404)
    client.force_login(alice)
    assert client.get(path).status_code == 200
    assert client.post(path, {f"text-{first.pk}": "Three dots"}).status_code == 302
    assert client.post(path, {f"text-{first.pk}": "x" * 301}).status_code == 422
    assert 'alt="Three dots"' in client.get(f"/gallery/{exhibit.code}/").content.decode()


def test_what_researchers_write_keeps_its_language_on_pages_in_another(
    exhibit: Exhibit, client: Client
) -> None:
    first = exhibit.pictures.all()[0]
    exhibit.pictures.filter(pk=first.pk).update(text="Three dots")
    Exhibit.objects.update(about="Shapes that sing.")
    page = client.get(f"/gallery/{exhibit.code}/?language=nl").content.decode()
    assert '<html lang="nl"' in page
    for said in (
        '<h1 tabindex="-1" lang="en">Shapes<',
        'lang="en"><p>Shapes that sing.<',
        'alt="Three dots" lang="en"',
    ):
        assert said in page
    assert page.count(' lang="en" width=') == 1  # where nothing is written, the page's own words stand
    listed = client.get("/gallery/?language=nl").content.decode()
    assert 'lang="en">Shapes</a><p class="quiet" lang="en">Shapes that sing.' in listed


def test_the_command_hangs_and_takes_down(
    draft: Study, alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    out = StringIO()
    options = {"data": draft.data, "pictures": 2, "title": "Two", "owner": "alice"}
    call_command("exhibit", draft.model, stdout=out, **options)
    made = Exhibit.objects.get()
    assert f"/gallery/{made.code}/texts/" in out.getvalue()
    assert len(default_storage.listdir(made.folder)[1]) == 8
    with django_capture_on_commit_callbacks(execute=True):
        call_command("exhibit", remove=made.code, stdout=out)
    assert not Exhibit.objects.exists()
    assert default_storage.listdir("")[0] in ([], ["stimuli"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"pictures": 13}, "Only 12 pictures"),
        ({"pictures": 0}, "1 to 60"),
        ({"title": " "}, "title"),
        ({"owner": "nobody"}, "Nobody is called 'nobody'"),
        ({"owner": None}, "--owner"),
        ({"remove": "nothing"}, "nothing at this address"),
    ],
)
def test_the_command_says_what_is_wrong(
    options: dict[str, object], said: str, draft: Study, product: Settings, alice: User
) -> None:
    good = {"data": draft.data, "pictures": 2, "title": "Two", "owner": "alice"}
    with pytest.raises(CommandError, match=said):
        call_command("exhibit", draft.model, **(good | options))
    assert not Exhibit.objects.exists()
    assert not (Path(product.MEDIA_ROOT) / exhibits.FOLDER).exists()


def test_a_missing_file_is_a_page_not_an_error(hung: Study, client: Client) -> None:
    stimulus = galleries.pictures(hung)[0]
    media.delete_files([str(stimulus.clip.name)])
    assert client.get(shown.stimulus_addresses(stimulus)[1]).status_code == 404


@pytest.mark.parametrize(
    "address", ["g.s", "gabc.m", "xabc.1", "h.0", "pabc.0", "habc.9", "g" + "a" * 99 + ".s"]
)
def test_other_addresses_lead_nowhere(address: str, client: Client) -> None:
    assert client.get(f"/shown/{address}").status_code == 404


def test_what_a_pilot_saw_before_the_last_build_asks_about_nothing(
    make_study: MakeStudy, alice: User
) -> None:
    """A draft was built, piloted, changed and built again: only what volunteers meet now is kept back."""
    study = make_study("built", gallery=True)
    at_first_trial(study, mode="pilot")
    give_stimuli(study, alice)
    study = studies.publish(study, by=alice)
    assert study.stimulus_sets.count() == 2
    assert running_tests.asked_about().count() == 18
    assert len(shown_ids(study)) == 6
