"""The start page, signing in, and the pages that say what went wrong."""

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.views import defaults

from study.domain import demonstration, studies
from study.models import Study
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db


def test_the_start_page_says_what_it_is_and_asks_to_sign_in(client: Client) -> None:
    page = client.get("/").content.decode()
    assert "Can you hear a picture?" in page
    assert "Sign in as a researcher" in page
    assert "Take the listening test" not in page


def test_the_start_page_links_the_demonstration_while_it_is_open(client: Client, study: Study) -> None:
    study.owner.username = demonstration.NAME
    study.owner.save()
    Study.objects.update(title=demonstration.TITLE)
    link = f'href="/s/{study.code}/"'
    assert link in client.get("/").content.decode()
    studies.close(study, by=study.owner)
    assert link not in client.get("/").content.decode()


def test_signing_in_and_out(client: Client, alice: User) -> None:
    page = client.post("/accounts/login/", {"login": "alice@example.org", "password": PASSWORD}, follow=True)
    assert page.request["PATH_INFO"] == "/studies/"
    assert client.get("/accounts/logout/").status_code == 200  # asks first
    assert client.get("/account/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/account/").status_code == 302


def test_signing_up_is_closed_unless_opened(client: Client) -> None:
    form = {"username": "eve", "email": "eve@example.org", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/accounts/signup/", form)
    assert not User.objects.exists()


def test_a_missing_page_says_what_to_do(client: Client) -> None:
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()


def test_every_error_page_renders_without_a_request() -> None:
    """A broken database or template context must not break the page that says so."""
    headings = {
        "400.html": "could not be read",
        "403.html": "may not open this",
        "403_csrf.html": "open too long",
        "404.html": "nothing at this address",
        "429.html": "a little too fast",
        "500.html": "broke on our side",
    }
    assert {name: text in render_to_string(name) for name, text in headings.items()} == dict.fromkeys(
        headings, True
    )


@pytest.mark.parametrize(
    ("name", "says"), [("500.html", "may not have arrived"), ("403_csrf.html", "was not taken")]
)
def test_no_error_page_calls_saved_what_may_not_be(name: str, says: str) -> None:
    page = render_to_string(name)
    assert "What was saved before stays saved; what you have just sent" in page
    assert says in page


def test_a_form_from_an_old_page_is_explained(study: Study) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(f"/s/{study.code}/consent/", {"agree": "yes"})
    assert response.status_code == 403
    assert "The page was open too long" in response.content.decode()


def test_a_server_error_is_a_page() -> None:
    response = defaults.server_error(RequestFactory().get("/"))
    assert "Something broke on our side" in response.content.decode()


def test_no_page_holds_script_or_style_of_its_own(client: Client, study: Study, alice: User) -> None:
    client.force_login(alice)
    paths = ["/", f"/s/{study.code}/", "/studies/", f"/studies/{study.pk}/", "/studies/new/", "/nowhere/"]
    pages = {path: client.get(path).content.decode() for path in paths}
    assert [
        path for path, page in pages.items() if "<style" in page or " style=" in page or "onclick" in page
    ] == []
    assert [path for path, page in pages.items() if "<script>" in page] == []
