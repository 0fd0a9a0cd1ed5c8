"""A researcher's road in a real browser: make, build, preview, publish, look at results."""

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from study.models import Build, Session, Study
from tests.e2e.conftest import Open
from tests.e2e.visitors import sign_in
from tests.world import MakeStudy, answer_all, at_first_trial, give_stimuli

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def test_from_a_form_to_a_published_link(open_at: Open, alice: "User") -> None:
    page = sign_in(open_at("/"))
    page.get_by_role("link", name="Make your first study").click()
    page.get_by_label("Title").fill("Seven days")
    page.get_by_label("Number of trials").fill("6")
    page.get_by_label("Examples of each class").fill("2")
    page.get_by_label("Who runs this study").fill("The Listening Lab")
    page.get_by_label("Contact").fill("lab@example.org")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_text("saved as a draft")).to_be_visible()
    study = Study.objects.get()
    assert (study.title, study.trial_count, study.examples_per_class, study.owner) == (
        "Seven days",
        6,
        2,
        alice,
    )
    give_stimuli(study, alice)
    page.reload()
    page.get_by_role("link", name="Preview").click()
    expect(page.get_by_role("heading", name="Trial 6")).to_be_visible()
    page.get_by_role("button", name="Play trial 1").first.click()
    page.go_back()
    page.get_by_role("button", name="Publish").click()
    link = page.get_by_label("Link for volunteers").input_value()
    assert link.endswith(f"/s/{study.code}/")
    assert Session.objects.count() == 0


def test_a_build_shows_its_progress_without_a_reload(open_at: Open, make_study: MakeStudy) -> None:
    study = make_study("draft")
    build = Build.objects.create(
        study=study, status=Build.Status.RUNNING, stage="Playing", progress=3, total=9
    )
    page = sign_in(open_at("/"))
    page.goto(f"/studies/{study.pk}/")
    expect(page.get_by_text("3 of 9")).to_be_visible()
    Build.objects.filter(pk=build.pk).update(progress=8)
    expect(page.get_by_text("8 of 9")).to_be_visible()
    page.get_by_role("button", name="Cancel the build").click()
    expect(page.get_by_text("The build is cancelled.")).to_be_visible()
    build.refresh_from_db()
    assert build.status == Build.Status.CANCELLED


def test_the_page_turns_over_when_a_build_ends(open_at: Open, make_study: MakeStudy) -> None:
    study = make_study("draft")
    build = Build.objects.create(
        study=study, status=Build.Status.RUNNING, stage="Playing", progress=3, total=9
    )
    page = sign_in(open_at("/"))
    page.goto(f"/studies/{study.pk}/")
    expect(page.get_by_text("3 of 9")).to_be_visible()
    Build.objects.filter(pk=build.pk).update(status=Build.Status.FAILED, error="The pictures are gone.")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    expect(page.get_by_text("The pictures are gone.")).to_be_visible()


def test_a_pilot_by_the_researcher_is_not_counted_with_volunteers(open_at: Open, study: Study) -> None:
    page = sign_in(open_at("/"))
    page.goto(f"/studies/{study.pk}/")
    page.get_by_role("link", name="Take it as a pilot").click()
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/sound/")
    assert [session.mode for session in Session.objects.all()] == [Session.Mode.PILOT]


def test_results_show_the_chart_and_download_every_table(open_at: Open, study: Study) -> None:
    for wrong in range(3):
        answer_all(at_first_trial(study), right=lambda position, wrong=wrong: position > wrong)  # type: ignore[misc]
    page = sign_in(open_at("/"))
    page.goto(f"/studies/{study.pk}/results/")
    chart = page.get_by_role("img", name="Bar chart of what 3 volunteers chose")
    expect(chart).to_be_visible()
    expect(chart).to_have_js_property("complete", True)
    assert chart.evaluate("image => image.naturalWidth") > 0
    names = []
    for label in ("Chart, SVG", "Chart, PDF", "Chart, PNG", "long CSV", "wide CSV", "Numbers, JSON"):
        with page.expect_download() as download:
            page.get_by_role("link", name=label).click()
        names.append(download.value.suggested_filename)
    assert names == [
        "digits-v1-figure2.svg",
        "digits-v1-figure2.pdf",
        "digits-v1-figure2.png",
        "digits-v1-answers-long.csv",
        "digits-v1-answers-wide.csv",
        "digits-v1-summary.json",
    ]
