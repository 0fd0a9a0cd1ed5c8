"""The results page in a real browser: tables sort by keyboard, numbers follow, the reader stays in place."""

from playwright.sync_api import expect

from study.models import Study
from tests.e2e.conftest import Open
from tests.e2e.visitors import sign_in
from tests.world import answer_all, at_first_trial


def test_a_table_sorts_by_its_headings_and_says_so(open_at: Open, quiet_study: Study) -> None:
    for wrong in (2, 0, 1):
        answer_all(at_first_trial(quiet_study), right=lambda position, wrong=wrong: position > wrong)  # type: ignore[misc]
    page = sign_in(open_at("/"))
    page.goto(f"/studies/{quiet_study.pk}/results/")
    table = page.locator("#table-volunteers")
    column = table.locator("tbody tr td:nth-child(2)")
    assert column.all_text_contents() == ["4", "6", "5"]
    heading = table.get_by_role("button", name="Right")
    heading.focus()
    page.keyboard.press("Enter")
    assert column.all_text_contents() == ["4", "5", "6"]
    expect(table.get_by_role("columnheader", name="Right")).to_have_attribute("aria-sort", "ascending")
    page.keyboard.press("Enter")
    assert column.all_text_contents() == ["6", "5", "4"]
    expect(table.get_by_role("columnheader", name="Right")).to_have_attribute("aria-sort", "descending")
    expect(heading).to_be_focused()


def test_numbers_follow_the_study_and_the_reader_stays_where_they_were(
    open_at: Open, quiet_study: Study
) -> None:
    answer_all(at_first_trial(quiet_study))
    page = sign_in(open_at("/"))
    page.clock.install()
    page.goto(f"/studies/{quiet_study.pk}/results/")
    headline = page.locator(".numbers .headline")
    expect(headline).to_contain_text("100.0 %")
    headline.locator("summary").click()
    sort = page.locator("#table-volunteers").get_by_role("button", name="Session")
    sort.focus()
    answer_all(at_first_trial(quiet_study), right=lambda position: False)
    page.clock.run_for(10_500)
    expect(headline).to_contain_text("50.0 %")
    expect(page.locator("[data-live-status]")).to_contain_text("Updated: 2 counted, accuracy 50.0 %")
    expect(headline.get_by_text("Owen 2007")).to_be_visible()
    expect(sort).to_be_focused()
    expect(page.locator("#table-volunteers tbody tr")).to_have_count(2)


def test_updates_can_be_paused(open_at: Open, quiet_study: Study) -> None:
    answer_all(at_first_trial(quiet_study))
    page = sign_in(open_at("/"))
    page.clock.install()
    page.goto(f"/studies/{quiet_study.pk}/results/")
    pause = page.get_by_role("button", name="Pause updates")
    pause.click()
    expect(pause).to_have_attribute("aria-pressed", "true")
    answer_all(at_first_trial(quiet_study), right=lambda position: False)
    page.clock.run_for(30_500)
    expect(page.locator(".numbers .headline")).to_contain_text("100.0 %")
    pause.click()
    expect(page.locator(".numbers .headline")).to_contain_text("50.0 %")
    expect(pause).to_have_attribute("aria-pressed", "false")
