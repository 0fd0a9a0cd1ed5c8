"""The list "Options" of a study and its pages of columns."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from study.models import Study
from study.web import options
from tests.world import MakeStudy

pytestmark = pytest.mark.django_db


def test_the_study_page_lists_every_option(study: Study, alice: User, client: Client) -> None:
    client.force_login(alice)
    page = client.get(reverse("study", args=[study.pk])).content.decode()
    for line in options.listed(study):
        assert f'<a href="{line.address}">{line.title}</a><span class="quiet">{line.says}</span>' in page


def test_a_saved_page_changes_its_own_columns_alone(make_study: MakeStudy, bob: User, client: Client) -> None:
    draft = make_study(status="built", retention_days=30)
    client.force_login(bob)
    answer = client.post(reverse("study_steps", args=[draft.pk]), {"practice": "on"})
    assert answer["Location"] == reverse("study", args=[draft.pk])
    changed = Study.objects.get(pk=draft.pk)
    assert changed.configuration() == draft.configuration() | {"practice": True, "rest_half_way": False}
    assert changed.stimuli == draft.stimuli


def test_a_bad_value_is_said_on_the_page(make_study: MakeStudy, alice: User, client: Client) -> None:
    draft = make_study(status="draft")
    client.force_login(alice)
    answer = client.post(reverse("study_privacy", args=[draft.pk]), {"retention_days": "0"})
    assert answer.status_code == 422
    assert "greater than or equal to 1" in answer.content.decode()
    assert Study.objects.get(pk=draft.pk).retention_days is None


def test_a_published_study_shows_its_options_and_refuses_a_change(
    study: Study, alice: User, client: Client
) -> None:
    client.force_login(alice)
    address = reverse("study_steps", args=[study.pk])
    page = client.get(address).content.decode()
    assert "published and frozen" in page
    assert '<fieldset class="bare" disabled>' in page
    assert client.post(address, {"practice": "on"}).status_code == 422
    assert Study.objects.get(pk=study.pk).configuration() == study.configuration()


@pytest.mark.parametrize("hours", ["0", "721", "1.5", ""])
def test_hours_to_come_back_are_whole_and_within_bounds(
    make_study: MakeStudy, alice: User, client: Client, hours: str
) -> None:
    draft = make_study(status="draft")
    client.force_login(alice)
    address = reverse("study_returning", args=[draft.pk])
    wrong = client.post(address, {"resume_hours": hours})
    assert wrong.status_code == 422
    assert "Give a whole number of hours from 1 to 720." in wrong.content.decode()
    assert client.post(address, {"resume_hours": "720"}).status_code == 302
    assert Study.objects.get(pk=draft.pk).resume_hours == 720
