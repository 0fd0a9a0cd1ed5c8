"""The researcher's page of descriptions: all pictures at once, and nothing typed is lost."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from study.domain import descriptions, studies
from study.models import Study
from tests.world import MakeStudy, describe_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(make_study: MakeStudy, client: Client, alice: User) -> Study:
    client.force_login(alice)
    return make_study("built")


def address(study: Study) -> str:
    return f"/studies/{study.pk}/descriptions/"


def sent(study: Study, *texts: str, offered: bool = False) -> dict[str, str]:
    """What the page sends: the first pictures described so, the others empty."""
    rows = descriptions.pictures(study)
    typed = dict.fromkeys((f"text-{row.pk}" for row in rows), "")
    typed |= {f"text-{row.pk}": text for row, text in zip(rows, texts, strict=False)}
    return typed | ({"offered": "on"} if offered else {})


def test_every_picture_has_a_field_named_by_its_trial(built: Study, client: Client) -> None:
    text = client.get(address(built)).content.decode()
    assert text.count("<textarea") == 24
    assert "0 of 24 pictures are described" in text
    assert built.stimuli is not None
    for name in built.stimuli.class_names:
        assert f"Trial 1, {name}" in text
        assert f"Examples, {name}" in text


def test_saving_keeps_all_texts_and_the_switch(built: Study, client: Client) -> None:
    answer = client.post(address(built), sent(built, "a ring", "lines", offered=True), follow=True)
    assert "2 of 24 pictures are described" in answer.content.decode()
    built.refresh_from_db()
    assert built.described_options
    assert sorted(descriptions.texts_of(built).values()) == ["a ring", "lines"]
    assert "Offered, 2 of 24 pictures described" in client.get(f"/studies/{built.pk}/").content.decode()


def test_a_refused_word_is_said_at_its_field_and_every_text_stays(built: Study, client: Client) -> None:
    assert built.stimuli is not None
    name = built.stimuli.class_names[0]
    answer = client.post(address(built), sent(built, "a ring", f"an old {name}", offered=True))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Error: " in text
    assert f"“{name}” tells the class" in text
    assert ">\na ring</textarea>" in text
    assert f">\nan old {name}</textarea>" in text
    built.refresh_from_db()
    assert (descriptions.texts_of(built), built.described_options) == ({}, False)


def test_a_page_from_before_a_build_takes_nothing_away(built: Study, client: Client, alice: User) -> None:
    describe_all(built, alice)
    client.post(address(built), {"text-999999": "a ring"})
    assert len(descriptions.texts_of(built)) == 24


def test_before_a_build_the_page_says_what_to_do(make_study: MakeStudy, client: Client, alice: User) -> None:
    client.force_login(alice)
    draft = make_study("draft")
    answer = client.get(address(draft))
    assert answer.status_code == 409
    assert "build them first" in answer.content.decode()
    assert "After the build" in client.get(f"/studies/{draft.pk}/").content.decode()


def test_a_published_study_shows_its_descriptions_and_keeps_them(
    built: Study, client: Client, alice: User
) -> None:
    describe_all(built, alice)
    studies.publish(built, by=alice)
    text = client.get(address(built)).content.decode()
    assert "published and frozen" in text
    assert "Save descriptions" not in text
    answer = client.post(address(built), sent(built, "a ring"))
    assert answer.status_code == 422
    assert len(descriptions.texts_of(built)) == 24


def test_publishing_without_all_descriptions_is_refused_on_the_page(built: Study, client: Client) -> None:
    client.post(address(built), sent(built, "a ring", offered=True))
    answer = client.post(f"/studies/{built.pk}/publish/", follow=True)
    assert "23 of 24 pictures have no description yet" in answer.content.decode()
