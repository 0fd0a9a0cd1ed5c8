"""axe-core finds nothing on any page, in both themes: WCAG 2.0 to 2.2, levels A and AA."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page

from study.models import Build, Session, Study
from tests.e2e.conftest import Open, at_trial, choose, to_first_trial
from tests.world import PASSWORD, MakeStudy, answer_all, at_first_trial

if TYPE_CHECKING:
    from django.contrib.auth.models import User

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
THEMES = ["light", "dark"]


def violations(page: Page) -> list[tuple[str, str, list[str]]]:
    """What axe-core finds: (page, rule, elements)."""
    page.add_script_tag(path=AXE)
    found: list[dict[str, Any]] = page.evaluate(
        "tags => axe.run({ runOnly: { type: 'tag', values: tags } }).then(report => report.violations)", TAGS
    )
    return [(page.url, rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found]


def sign_in(page: Page, name: str = "alice") -> Page:
    page.goto("/accounts/login/")
    page.get_by_label("Login").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/studies/")
    return page


@pytest.fixture(params=THEMES)
def theme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _open(open_at: Open, path: str, theme: str) -> Page:
    # The pages' own policy forbids foreign scripts; the checker is one.
    return open_at(path, color_scheme=theme, bypass_csp=True)


def test_every_page_of_the_volunteer(open_at: Open, study: Study, theme: str) -> None:
    page = _open(open_at, f"/s/{study.code}/", theme)
    found = violations(page)
    page.get_by_label("I have read this").check()
    for button in ("Begin", "I hear it", "Start the test"):
        page.get_by_role("button", name=button).click()
        page.get_by_role("heading", level=1).wait_for()
        found += violations(page)
    page.get_by_role("button", name="Save and go on").click()
    found += violations(page)  # with the error
    for number in range(1, 7):
        at_trial(page, number)
        choose(page)
    page.wait_for_url("**/thanks/")
    found += violations(page)
    page.goto(f"/s/{study.code}/")
    found += violations(page)  # coming back
    assert found == []


def test_the_volunteers_pages_without_script(open_at: Open, study: Study, theme: str) -> None:
    page = to_first_trial(_open(open_at, f"/s/{study.code}/", theme))
    content = page.content()
    page.route("**/*.js", lambda route: route.abort())
    page.reload()
    found = violations(page)
    page.goto(f"/s/{study.code}/")
    assert found + violations(page) == []
    assert "trial-form" in content


def test_every_page_of_the_researcher(
    open_at: Open, make_study: MakeStudy, alice: "User", theme: str
) -> None:
    published, draft = make_study(), make_study("draft", title="A draft")
    building = make_study("draft", title="Being built")
    Build.objects.create(study=building, status=Build.Status.RUNNING, stage="Playing", progress=3, total=9)
    failed = make_study("draft", title="Failed")
    Build.objects.create(study=failed, status=Build.Status.FAILED, error="The pictures are gone.")
    for wrong in range(3):
        answer_all(at_first_trial(published), right=lambda position, wrong=wrong: position > wrong)  # type: ignore[misc]
    page = sign_in(_open(open_at, "/", theme))
    found = violations(page)
    for path in (
        *(f"/studies/{study.pk}/" for study in (published, draft, building, failed)),
        "/studies/new/",
        f"/studies/{draft.pk}/edit/",
        f"/studies/{draft.pk}/delete/",
        f"/studies/{published.pk}/preview/",
        f"/studies/{published.pk}/results/",
        f"/studies/{published.pk}/results/?mode=pilot",
        f"/studies/{published.pk}/results/?mode=simulated",
    ):
        page.goto(path)
        found += violations(page)
    page.goto("/studies/new/")
    page.get_by_role("button", name="Save as a draft").click()
    page.get_by_text("The study is not saved yet").wait_for()
    assert found + violations(page) == []


def test_every_page_of_an_account(open_at: Open, alice: "User", theme: str) -> None:
    page = _open(open_at, "/", theme)
    found = violations(page)
    for path in (
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/nowhere/",
        "/s/nowhere/",
    ):
        page.goto(path)
        found += violations(page)
    sign_in(page)
    for path in (
        "/account/",
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/logout/",
    ):
        page.goto(path)
        found += violations(page)
    assert found == []


def test_a_paused_study_says_so_accessibly(open_at: Open, study: Study, alice: "User", theme: str) -> None:
    from study.domain import studies

    studies.pause(study, by=alice)
    page = _open(open_at, f"/s/{study.code}/", theme)
    page.get_by_role("heading", level=1).wait_for()
    assert violations(page) == []
    assert Session.objects.count() == 0
