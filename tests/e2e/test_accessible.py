"""axe-core finds nothing on any page, in both themes: WCAG 2.0 to 2.2, levels A and AA."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from playwright.sync_api import Page

from study.models import Build, Session, Study
from tests.e2e.conftest import Open, at_trial, choose, to_first_trial
from tests.world import PASSWORD, MakeStudy, answer_all, at_first_trial

if TYPE_CHECKING:
    from django.contrib.auth.models import User

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
RUN = "tags => axe.run({ runOnly: { type: 'tag', values: tags } }).then(report => report.violations)"

Violation = tuple[str, str, str, list[str]]


def violations(page: Page) -> list[Violation]:
    """What axe-core finds on the page as it is, in both themes: (address, theme, rule, elements)."""
    page.add_script_tag(path=AXE)
    return _violations(page, "light") + _violations(page, "dark")


def _violations(page: Page, theme: Literal["light", "dark"]) -> list[Violation]:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # no colour is half way to another
    page.wait_for_timeout(100)
    found: list[dict[str, Any]] = page.evaluate(RUN, TAGS)
    return [(page.url, theme, rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found]


def sign_in(page: Page, name: str = "alice") -> Page:
    page.goto("/accounts/login/")
    page.get_by_label("Login").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/studies/")
    return page


def _open(open_at: Open, path: str) -> Page:
    # The pages' own policy forbids foreign scripts; the checker is one.
    return open_at(path, bypass_csp=True)


def test_every_page_of_the_volunteer(open_at: Open, study: Study) -> None:
    page = _open(open_at, f"/s/{study.code}/")
    found = violations(page)
    page.get_by_label("I have read this").check()
    for button in ("Begin", "I hear it", "To the examples", "Start the test"):
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


def test_the_volunteers_pages_without_script(open_at: Open, study: Study) -> None:
    page = to_first_trial(_open(open_at, f"/s/{study.code}/"))
    content = page.content()
    page.route("**/*.js", lambda route: route.abort())
    page.reload()
    found = violations(page)
    page.goto(f"/s/{study.code}/")
    assert found + violations(page) == []
    assert "trial-form" in content


def test_every_page_of_the_researcher(open_at: Open, make_study: MakeStudy, alice: "User") -> None:
    published, draft = make_study(), make_study("draft", title="A draft")
    building = make_study("draft", title="Being built")
    Build.objects.create(study=building, status=Build.Status.RUNNING, stage="Playing", progress=3, total=9)
    failed = make_study("draft", title="Failed")
    Build.objects.create(study=failed, status=Build.Status.FAILED, error="The pictures are gone.")
    for wrong in range(3):
        answer_all(at_first_trial(published), right=lambda position, wrong=wrong: position > wrong)  # type: ignore[misc]
    page = sign_in(_open(open_at, "/"))
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


def test_every_page_of_an_account(open_at: Open, alice: "User") -> None:
    page = _open(open_at, "/")
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


def test_a_paused_study_says_so_accessibly(open_at: Open, study: Study, alice: "User") -> None:
    from study.domain import studies

    studies.pause(study, by=alice)
    page = _open(open_at, f"/s/{study.code}/")
    page.get_by_role("heading", level=1).wait_for()
    assert violations(page) == []
    assert Session.objects.count() == 0
