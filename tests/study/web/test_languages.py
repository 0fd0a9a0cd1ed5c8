"""The languages of the pages: found from the browser, chosen by a form, kept on the visit, no cookie."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from study.domain import sessions, studies, texts
from study.models import Session, Study
from study.web import speech
from study.web.words import script_words
from tests.world import MakeStudy, signed_in

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db

GERMAN = {
    "title": "Ziffern",
    "welcome_text": "Hören Sie zu.",
    "consent_text": "Ich bin einverstanden.",
    "thanks_text": "Danke!",
}


@pytest.fixture
def bilingual(make_study: MakeStudy, alice: User) -> Study:
    """A published study in English and German."""
    built = make_study(
        status="built", welcome_text="Listen.", thanks_text="Thanks!", contact="lab@example.org"
    )
    texts.translate(built, "de", GERMAN, by=alice)
    return studies.publish(built, by=alice)


def shown(response: Answer) -> tuple[str, str]:
    """The language of a page and its heading."""
    page = response.content.decode()
    language, heading = re.search(r'<html lang="(\w+)"', page), re.search(r"<h1[^>]*>(.*?)</h1>", page, re.S)
    assert language
    assert heading
    return language[1], heading[1].strip()


def in_german(client: Client, path: str) -> Answer:
    return client.get(path, headers={"accept-language": "de-AT,de;q=0.9,en;q=0.5"})


def begin(client: Client, study: Study, language: str) -> Session:
    client.post(f"/s/{study.code}/consent/", {"agree": "yes", "language": language})
    return Session.objects.get()


def test_the_browsers_language_is_spoken_and_told(client: Client) -> None:
    response = in_german(client, "/")
    assert shown(response) == ("de", "Kann man ein Bild hören?")
    assert (response["Content-Language"], "Accept-Language" in response["Vary"]) == ("de", True)


def test_the_address_is_stronger_than_the_browser(client: Client) -> None:
    assert shown(client.get("/?language=fr", headers={"accept-language": "de"}))[0] == "fr"
    assert shown(client.get("/?language=xx", headers={"accept-language": "de"}))[0] == "de"
    assert shown(client.get("/"))[0] == "en"


def test_public_pages_carry_on_what_the_address_chose(client: Client) -> None:
    page = client.get("/gallery/?language=fr").content.decode()
    assert '<a class="brand" href="/?language=fr">' in page
    assert '<a class="brand" href="/">' in in_german(client, "/gallery/").content.decode()
    assert '<a class="brand" href="/">' in client.get('/gallery/?language="><b>').content.decode()


def test_one_request_leaves_no_language_behind(client: Client) -> None:
    in_german(client, "/")
    assert shown(client.get("/"))[0] == "en"


def test_choosing_a_language_sets_no_cookie(client: Client, bilingual: Study) -> None:
    client.get("/?language=de")
    assert list(client.cookies) == []
    client.get(f"/s/{bilingual.code}/?language=de")
    assert list(client.cookies) == ["csrftoken"]


def test_a_study_speaks_the_languages_it_has_texts_in(client: Client, bilingual: Study) -> None:
    page = in_german(client, f"/s/{bilingual.code}/")
    assert shown(page)[0] == "de"
    for own in ("Ziffern", "Hören Sie zu.", "Ich bin einverstanden.", "Fragen? Schreiben Sie an"):
        assert own in page.content.decode()
    french = client.get(f"/s/{bilingual.code}/", headers={"accept-language": "fr,es"})
    assert shown(french)[0] == "en"


def test_a_study_in_one_language_offers_no_choice(client: Client, study: Study) -> None:
    assert 'class="languages"' not in in_german(client, f"/s/{study.code}/").content.decode()


def test_the_choice_before_the_visit_keeps_what_the_address_says(client: Client, bilingual: Study) -> None:
    page = client.get(f"/s/{bilingual.code}/?PROLIFIC_PID=k%26y&language=de").content.decode()
    form = page[page.index('<details class="languages">') : page.index("</details>")]
    assert '<form method="get"' in form
    assert '<input type="hidden" name="PROLIFIC_PID" value="k&amp;y">' in form
    assert 'name="language" value="en" lang="en"' in form
    assert form.count('name="language"') == 2


def test_a_visit_keeps_its_language_whatever_the_browser_says(client: Client, bilingual: Study) -> None:
    session = begin(client, bilingual, "de")
    assert (session.language, session.consent_hash) == ("de", sessions.text_hash(GERMAN["consent_text"]))
    assert shown(client.get(f"/s/{bilingual.code}/sound/", headers={"accept-language": "en"}))[0] == "de"


def test_every_step_can_be_read_in_another_language(client: Client, bilingual: Study) -> None:
    begin(client, bilingual, "de")
    page = f"/s/{bilingual.code}/sound/"
    assert f'<input type="hidden" name="next" value="{page}">' in client.get(page).content.decode()
    answer = client.post(f"/s/{bilingual.code}/language/", {"language": "en", "next": page})
    assert answer["Location"] == page
    assert shown(client.get(page)) == ("en", "First, the sound")


def test_parts_of_pages_that_are_kept_are_kept_for_each_language(client: Client, bilingual: Study) -> None:
    begin(client, bilingual, "de")
    page = f"/s/{bilingual.code}/sound/"
    german, english = ("Teile dieses Tests", "Nichts zu hören?"), ("Parts of this test", "Nothing to hear?")
    for language, kept in (("de", german), ("en", english), ("de", german)):
        client.post(f"/s/{bilingual.code}/language/", {"language": language, "next": page})
        said = client.get(page).content.decode()
        assert all(words in said for words in kept)


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/studies/", ""])
def test_the_way_back_leads_into_the_same_study_alone(
    client: Client, bilingual: Study, elsewhere: str
) -> None:
    begin(client, bilingual, "de")
    answer = client.post(f"/s/{bilingual.code}/language/", {"language": "en", "next": elsewhere})
    assert answer["Location"] == f"/s/{bilingual.code}/sound/"


def test_a_language_that_is_not_offered_is_refused(client: Client, bilingual: Study) -> None:
    session = begin(client, bilingual, "de")
    answer = client.post(f"/s/{bilingual.code}/language/", {"language": "nl"})
    assert answer.status_code == 400
    assert "Diesen Test gibt es nicht in dieser Sprache." in answer.content.decode()
    session.refresh_from_db()
    assert session.language == "de"


def test_without_the_tick_the_page_answers_in_its_language(client: Client, bilingual: Study) -> None:
    answer = client.post(f"/s/{bilingual.code}/consent/", {"language": "de"})
    page = answer.content.decode()
    assert (answer.status_code, "<title>Fehler: Willkommen – Ziffern</title>" in page) == (422, True)
    assert f'<form method="get" action="/s/{bilingual.code}/">' in page  # not to where only a form may go


def test_errors_are_said_in_the_readers_language(client: Client, study: Study) -> None:
    assert shown(in_german(client, "/nothing/here/")) == ("de", "Unter dieser Adresse gibt es nichts")
    Study.objects.update(status="closed")
    page = in_german(client, f"/s/{study.code}/").content.decode()
    assert "Diese Studie ist geschlossen." not in page  # the study is in English, and so is its word
    answer = client.post(
        f"/api/v1/sessions/{'x' * 22}/answers",
        {"client_id": "12345678", "presentation": "p", "choice": 0},
        content_type="application/json",
        headers={"accept-language": "de"},
    )
    assert answer.json()["detail"].startswith("Diese Teilnahme ist hier nicht bekannt.")


def test_researchers_pages_are_in_english(alice: User, study: Study) -> None:
    browser = signed_in(alice)
    for path in ("/studies/", f"/studies/{study.pk}/", "/account/", "/accounts/email/"):
        assert shown(in_german(browser, path))[0] == "en"


def test_scripts_find_their_sentences_in_the_page(client: Client, bilingual: Study) -> None:
    begin(client, bilingual, "de")
    page = client.get(f"/s/{bilingual.code}/sound/").content.decode()
    found = re.search(r'<script id="words" type="application/json">(.*?)</script>', page, re.S)
    assert found
    words = json.loads(found[1])
    assert words["trial"] == "Aufgabe %(number)s von %(total)s"
    assert words["ended"] == {"one": "Zu Ende, einmal gespielt", "other": "Zu Ende, %(count)s Mal gespielt"}


def test_every_sentence_that_a_script_asks_for_is_there(repository: Path) -> None:
    scripts = (repository / "study/static/study/js").glob("*.js")
    asked = {name for file in scripts for name in re.findall(r'(?<!#)say\("(\w+)"', file.read_text())}
    assert len(asked) > 8
    assert asked - set(script_words()) == set()


def test_a_contact_cannot_carry_markup(client: Client, make_study: MakeStudy) -> None:
    study = make_study(contact='<b onclick="x()">lab</b>')
    assert "<b onclick" not in client.get(f"/s/{study.code}/").content.decode()


@given(st.text(alphabet="abcdeqDE-=;,*.0123456789 \x00é", max_size=60))
def test_no_header_breaks_the_page(header: str) -> None:
    assert isinstance(speech._accepted(header), list)


@pytest.mark.parametrize(
    ("header", "order"),
    [
        ("de;q=0.5, fr", ["fr", "de"]),
        ("de;q=0, fr;q=0.1", ["fr"]),
        ("de;q=x,en", ["en"]),
        ("*", ["*"]),
        ("", []),
        ("de;q=nan", []),
    ],
)
def test_languages_are_weighed(header: str, order: list[str]) -> None:
    assert [code for code in speech._accepted(header) if code] == order


def test_researchers_translate_on_a_page_of_each_language(make_study: MakeStudy, alice: User) -> None:
    study = make_study(status="built")
    browser = signed_in(alice)
    path = f"/studies/{study.pk}/languages/"
    assert "Not offered: 2 texts missing" in browser.get(path).content.decode()
    half = browser.post(f"{path}de/", {"title": "Ziffern"}, follow=True).content.decode()
    assert "1 texts are still missing" not in half
    assert "Saved. 1 text is still missing in Deutsch; volunteers do not see it yet." in half
    whole = browser.post(f"{path}de/", GERMAN, follow=True).content.decode()
    assert "Volunteers can take the study in Deutsch." in whole
    assert 'value="Ziffern"' in browser.get(f"{path}de/").content.decode()
    listed = browser.get(f"/studies/{study.pk}/").content.decode()
    assert "English, Deutsch" in listed


@pytest.mark.parametrize("language", ["en", "tlh"])
def test_there_is_no_page_for_the_own_or_an_unknown_language(
    make_study: MakeStudy, alice: User, language: str
) -> None:
    study = make_study(status="draft")
    assert signed_in(alice).get(f"/studies/{study.pk}/languages/{language}/").status_code == 404


def test_the_own_language_is_chosen_there_too(make_study: MakeStudy, alice: User) -> None:
    study = make_study(status="draft")
    path = f"/studies/{study.pk}/languages/"
    assert signed_in(alice).post(path, {"language": "tlh"}).status_code == 422
    assert signed_in(alice).post(path, {"language": "nl"}).status_code == 302
    study.refresh_from_db()
    assert study.language == "nl"


def test_a_published_study_is_shown_and_not_changed(bilingual: Study, alice: User) -> None:
    path = f"/studies/{bilingual.pk}/languages/de/"
    browser = signed_in(alice)
    assert "published and frozen" in browser.get(path).content.decode()
    assert browser.post(path, GERMAN | {"title": "Zahlen"}).status_code == 422
    assert texts.book(bilingual).said("de").title == "Ziffern"
