"""People with a browser in a world of studies, and the ways that lead them to a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.utils import timezone
from playwright.sync_api import Page

from study.domain import asking, headphones, questions, sessions, steps, studies
from study.models import Build, Exhibit, OwnPicture, Session, Study
from tests.e2e.arms import make_arms, make_full
from tests.e2e.hung import make_exhibit, make_heard
from tests.world import PASSWORD, MakeStudy, answer_some, describe_all

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Verbs that bring a session past each stop of the road.
PAST: dict[str, Callable[[Session], object]] = {
    "consent": sessions.consent,
    "sound": sessions.confirm_sound,
    "headphones": lambda session: headphones.decline(session, "other"),
    "instructions": steps.read_instructions,
    "examples": sessions.finish_examples,
    "practice": steps.finish_practice,
    "trial": lambda session: answer_trials(session),
    "rest": steps.take_rest,
    "questions": lambda session: asking.answer(session, {2: "0", 3: "4"}),
    "finish": sessions.finish,
}


@dataclass(frozen=True)
class World:
    """Studies in every state, each with all options that a volunteer can meet."""

    open: Study
    draft: Study
    built: Study
    building: Study
    failed: Study
    paused: Study
    arms: Study
    full: Study
    exhibit: Exhibit
    heard: OwnPicture


def make_world(make_study: MakeStudy, alice: User) -> World:
    """Make a study in each state; the open one has volunteers who chose by pictures and by descriptions."""
    rich = {
        "described_options": True, "practice": True, "gallery": True, "screening": "recorded",
        "contact": "listening@example.org", "completion_code": "HEARD-IT", "broken_code": "BROKE",
        "rest_half_way": True, "retention_days": 90,
    }  # fmt: skip
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    built = make_study("built", title="Built and described", **rich)
    describe_all(built, alice)
    for kind, prompt in (("text", "How was it?"), ("choice", "Do you play music?"), ("scale", "How sure?")):
        configuration = {"kind": kind, "prompt": prompt, "low_label": "not at all", "high_label": "quite"}
        choices = {"choices": ["yes", "no"], "required": True} if kind == "choice" else {}
        questions.add(built, configuration | choices, by=alice)
    open_ = studies.publish(built, by=alice)
    for number in range(4):
        session = sessions.start(open_, described=number == 3)
        bring(session, "thanks")
    paused = studies.pause(make_study(title="Paused"), by=alice)
    draft, building = make_study("draft", title="A draft"), make_study("draft", title="Being built")
    failed = make_study("draft", title="Failed")
    Build.objects.create(study=building, status=Build.Status.RUNNING, stage="Playing", progress=3, total=9)
    Build.objects.create(study=failed, status=Build.Status.FAILED, error="The pictures are gone.")
    unpublished = make_study("built", title="Built", **rich)
    questions.add(unpublished, {"kind": "scale", "prompt": "How sure?", "steps": 7}, by=alice)
    arms, full = make_arms(make_study, alice), make_full(make_study, alice)
    hung = make_exhibit(open_, alice), make_heard(open_)
    return World(open_, draft, unpublished, building, failed, paused, arms, full, *hung)


def answer_trials(session: Session) -> None:
    """Answer half of the trials, up to the rest or the end, a third of them wrongly."""
    answer_some(session, session.presentations.count() // 2, right=lambda position: position % 3 > 0)


def bring(session: Session, step: str) -> Session:
    """Bring a session to a step of the road."""
    for _ in range(len(PAST) + 3):
        session.refresh_from_db()
        now = sessions.current_step(session).name
        if now == step:
            return session
        PAST[now](session)
    raise AssertionError(f"No way leads to {step}; the session stands at {now}.")


@dataclass
class Visitor:
    """Somebody with a browser, and the world they are in."""

    page: Page
    world: World

    def go(self, path: str) -> None:
        """Open an address."""
        self.page.goto(path)
        self.page.get_by_role("heading", level=1).first.wait_for()

    def visit(self, step: str, *, described: bool = False) -> Session:
        """Open the page on which a volunteer of the open study stands at this step."""
        session = bring(sessions.start(self.world.open, described=described), step)
        code = self.world.open.code
        self.page.goto("/nowhere/")
        url = self.page.url.removesuffix("/nowhere/")
        self.page.context.add_cookies([{"name": f"earsight-{code}", "value": session.token, "url": url}])
        self.go(f"/s/{code}/finish/" if step != "consent" else f"/s/{code}/")
        return session

    def press(self, name: str) -> None:
        """Press a button, whatever the browser itself would refuse to send."""
        self.page.evaluate("document.querySelectorAll('form').forEach(form => { form.noValidate = true; })")
        self.page.get_by_role("button", name=name).click()

    def study(self, study: Study, path: str = "") -> None:
        """Open a researcher's page of a study."""
        self.go(f"/studies/{study.pk}/{path}")


Way = Callable[[Visitor], object]


def at(step: str, *, described: bool = False) -> Way:
    """Lead to the volunteer's page of a step."""
    return lambda visitor: visitor.visit(step, described=described)


def to(path: str) -> Way:
    """Lead to an address that is always the same."""
    return lambda visitor: visitor.go(path)


def welcome(visitor: Visitor) -> None:
    """Lead to the first page of the open study."""
    visitor.go(f"/s/{visitor.world.open.code}/")


def of(state: str, path: str = "") -> Way:
    """Lead to a researcher's page of the study in this state."""
    return lambda visitor: visitor.study(getattr(visitor.world, state), path)


def then(way: Way, *acts: Callable[[Visitor], object]) -> Way:
    """Lead there and do these."""

    def go(visitor: Visitor) -> None:
        for act in (way, *acts):
            act(visitor)

    return go


def press(name: str) -> Way:
    """Press a button of the page."""
    return lambda visitor: visitor.press(name)


def says(text: str) -> Way:
    """Wait until the page says this."""
    return lambda visitor: visitor.page.get_by_text(text).first.wait_for()


def fill(name: str, text: str) -> Way:
    """Fill a field of the page."""
    return lambda visitor: visitor.page.get_by_label(name).fill(text)


def choose_first(visitor: Visitor) -> None:
    """Choose the first picture."""
    visitor.page.get_by_role("radio").first.check()


def ending(minutes: int) -> Way:
    """Let the latest visit end in so many minutes and open its page again."""

    def go(visitor: Visitor) -> None:
        last = Session.objects.latest("pk")
        Session.objects.filter(pk=last.pk).update(expires_at=timezone.now() + timedelta(minutes=minutes))
        visitor.go(f"/s/{visitor.world.open.code}/finish/")

    return go


def heard(**changes: object) -> Way:
    """Lead to the picture that somebody has sent, when this has become of it."""

    def go(visitor: Visitor) -> None:
        OwnPicture.objects.filter(pk=visitor.world.heard.pk).update(**changes)
        visitor.go(f"/hear/{visitor.world.heard.token}/")

    return go


def withdraw(visitor: Visitor) -> None:
    """Open the page on which a visit is taken back."""
    visitor.go(f"/s/{visitor.world.open.code}/withdraw/")


def withdraw_elsewhere(visitor: Visitor) -> None:
    """Open it in a browser that knows of no visit."""
    visitor.page.context.clear_cookies()
    withdraw(visitor)


def sign_in(page: Page, name: str = "alice") -> Page:
    """Sign in by the form."""
    page.goto("/accounts/login/")
    page.get_by_label("Login").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/studies/")
    return page


def confirm_password(visitor: Visitor) -> None:
    """Give the password once more, as changes to how one signs in ask for it."""
    visitor.go("/accounts/reauthenticate/")
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.page.get_by_role("button", name="Confirm").click()
    visitor.page.wait_for_url("**/studies/")
