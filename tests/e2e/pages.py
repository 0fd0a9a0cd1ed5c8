"""Every page of the product, in one place, with the way there: whoever adds a page adds a line here.

`tests/e2e/test_every_page.py` takes each of them through axe-core in both themes and through our own checks.
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.e2e.visitors import (
    Visitor,
    Way,
    at,
    choose_first,
    confirm_password,
    ending,
    fill,
    heard,
    of,
    press,
    says,
    sign_in,
    then,
    to,
    welcome,
    withdraw,
    withdraw_elsewhere,
)

VOLUNTEER: dict[str, Way] = {
    "welcome": welcome,
    "welcome, not agreed": then(welcome, press("Begin"), says("There is a problem")),
    "sound": at("sound"),
    "headphones": at("headphones"),
    "headphones, no reason": then(
        at("headphones"),
        lambda visitor: visitor.page.get_by_text("I can’t do this check").click(),
        press("Go on without the check"),
        says("There is a problem"),
    ),
    "headphones, a sound": then(at("headphones"), press("Begin the check"), says("Sound 1 of 6")),
    "headphones, not heard": then(
        at("headphones"),
        press("Begin the check"),
        says("Sound 1 of 6"),
        press("Save and go on"),
        says("Listen to the whole"),
    ),
    "instructions": at("instructions"),
    "examples": at("examples"),
    "practice": at("practice"),
    "practice, nothing chosen": then(
        at("practice"), press("See whether it is right"), says("There is a problem")
    ),
    "practice, answered": then(
        at("practice"), choose_first, press("See whether it is right"), says("Hear it again")
    ),
    "trial": at("trial"),
    "trial, nothing chosen": then(at("trial"), press("Save and go on"), says("Choose the picture")),
    "rest": at("rest"),
    "questions": at("questions"),
    "questions, one missing": then(at("questions"), press("Save and go on"), says("There is a problem")),
    "withdraw": then(at("trial"), withdraw),
    "withdraw, no visit here": withdraw_elsewhere,
    "withdrawn": then(at("thanks"), withdraw, press("Delete my answers"), says("are deleted")),
    "resume": lambda visitor: visitor.go(f"/s/{visitor.world.open.code}/resume/"),
    "resume, no code": then(
        lambda visitor: visitor.go(f"/s/{visitor.world.open.code}/resume/"),
        press("Go on"),
        says("There is a problem"),
    ),
    "time nearly over": then(at("trial"), ending(minutes=1), says("time")),
    "time over": then(at("trial"), ending(minutes=-60)),
    "broken": then(at("trial"), lambda visitor: visitor.go(f"/s/{visitor.world.open.code}/broken/")),
    "broken, said": then(
        at("trial"),
        lambda visitor: visitor.go(f"/s/{visitor.world.open.code}/broken/"),
        press("It does not work"),
        says("Thank you for telling us"),
    ),
    "all places taken": lambda visitor: visitor.go(f"/s/{visitor.world.full.code}/?id=new"),
    "not from the panel": then(
        lambda visitor: visitor.page.context.clear_cookies(),
        lambda visitor: visitor.go(f"/s/{visitor.world.arms.code}/"),
    ),
    "welcome, begun by a panel's id": lambda visitor: visitor.go(
        f"/s/{visitor.world.arms.code}/?id=person-6"
    ),
    "thanks, back to the panel": then(
        lambda visitor: visitor.go(f"/s/{visitor.world.arms.code}/?id=person-1"),
        lambda visitor: visitor.go(f"/s/{visitor.world.arms.code}/thanks/"),
    ),
    "finish": at("finish"),
    "thanks": at("thanks"),
    "welcome, finished": then(at("thanks"), welcome, says("See the score again")),
    "welcome, begun": then(at("sound"), welcome),
    "no connection": lambda visitor: visitor.go(f"/s/{visitor.world.open.code}/offline/"),
    "in words: examples": at("examples", described=True),
    "in words: practice": at("practice", described=True),
    "in words: trial": at("trial", described=True),
    "in words: thanks": at("thanks", described=True),
}

# What a browser without JavaScript shows in another way.
PLAIN = ("sound", "examples", "trial", "trial, nothing chosen", "thanks", "in words: trial")

RESEARCHER: dict[str, Way] = {
    "studies": to("/studies/"),
    "new study": to("/studies/new/"),
    "new study, empty": then(
        to("/studies/new/"), press("Save as a draft"), says("The study is not saved yet")
    ),
    "study, draft": of("draft"),
    "study, built": of("built"),
    "study, building": of("building"),
    "study, failed": of("failed"),
    "study, open": of("open"),
    "edit": of("draft", "edit/"),
    "delete": of("draft", "delete/"),
    "preview": of("open", "preview/"),
    "preview, another condition": then(
        of("arms", "preview/"),
        lambda visitor: (
            visitor.page.get_by_role("navigation", name="Conditions")
            .get_by_role("link", name="Control")
            .click()
        ),
        says("each clip was made from another picture"),
    ),
    "steps": of("draft", "steps/"),
    "steps, frozen": of("open", "steps/"),
    "returning": of("draft", "returning/"),
    "sound": of("draft", "sound/"),
    "declared": of("draft", "declared/"),
    "planning": of("draft", "planning/"),
    "preregistration": of("draft", "preregistration/"),
    "privacy": of("draft", "privacy/"),
    "questions": of("draft", "questions/"),
    "questions, frozen": of("open", "questions/"),
    "new question": of("draft", "questions/new/"),
    "new question, empty": then(of("draft", "questions/new/"), press("Save"), says("Write the question.")),
    "question": of("built", "questions/1/"),
    "privacy, frozen": of("open", "privacy/"),
    "conditions": of("draft", "conditions/"),
    "conditions, two": of("arms", "conditions/"),
    "new condition": of("draft", "conditions/new/"),
    "new condition, empty": then(
        of("draft", "conditions/new/"), press("Save"), says("Give the condition a name.")
    ),
    "languages": of("draft", "languages/"),
    "texts in German": of("draft", "languages/de/"),
    "panel": of("draft", "panel/"),
    "panel, refused": then(
        of("draft", "panel/"),
        fill("Who has finished", "http://panel.example"),
        press("Save changes"),
        says("begins with https"),
    ),
    "participants": of("open", "participants/"),
    "participants, compared": then(
        of("arms", "participants/"),
        fill("Ids or table", "person-0\nperson-6\nnobody"),
        press("Compare"),
        says("What became of them"),
    ),
    "gallery texts": of("open", "gallery/"),
    "exhibit texts": lambda visitor: visitor.go(f"/gallery/{visitor.world.exhibit.code}/texts/"),
    "descriptions": of("built", "descriptions/"),
    "descriptions, refused": then(
        of("built", "descriptions/"),
        lambda visitor: visitor.page.get_by_role("textbox").first.fill("birch, cedar or hazel"),
        press("Save descriptions"),
        says("This is not saved yet"),
    ),
    "descriptions, frozen": of("open", "descriptions/"),
    "results": of("open", "results/"),
    "results, by descriptions": of("open", "results/?described=only"),
    "results, both": of("open", "results/?described=include"),
    "results, compared": of("arms", "results/"),
    "results, one condition": then(
        of("arms", "results/"),
        lambda visitor: (
            visitor.page.get_by_role("navigation", name="Conditions")
            .get_by_role("link", name="Control")
            .click()
        ),
    ),
    "results, nobody": of("open", "results/?mode=pilot"),
    "figures": of("open", "results/figures/"),
    "machine listeners": of("open", "results/machine/"),
    "package": of("open", "results/package/"),
    "package, waiting": then(of("open", "results/package/"), press("Make the package"), says("Cancel")),
}

PUBLIC: dict[str, Way] = {
    "home": to("/"),
    "hear your own picture": to("/hear/"),
    "own picture": heard(status="done"),
    "own picture, waiting": heard(status="queued"),
    "own picture, refused": heard(status="failed", refusal="in_a_test"),
    "galleries": to("/gallery/"),
    "exhibit": lambda visitor: visitor.go(f"/gallery/{visitor.world.exhibit.code}/"),
    "gallery": lambda visitor: visitor.go(f"/s/{visitor.world.open.code}/gallery/"),
    "sign in": to("/accounts/login/"),
    "sign in, refused": then(to("/accounts/login/"), press("Sign in")),
    "sign up": to("/accounts/signup/"),
    "forgotten password": to("/accounts/password/reset/"),
    "forgotten password, sent": to("/accounts/password/reset/done/"),
    "forgotten password, changed": to("/accounts/password/reset/key/done/"),
    "e-mail to be confirmed": to("/accounts/confirm-email/"),
    "account switched off": to("/accounts/inactive/"),
    "nothing here": to("/nowhere/"),
    "no such study": to("/s/nowhere/"),
    "paused study": lambda visitor: visitor.go(f"/s/{visitor.world.paused.code}/"),
    "visit without a study": lambda visitor: visitor.go(f"/s/{visitor.world.open.code}/thanks/"),
}

ACCOUNT: dict[str, Way] = {
    "account": to("/account/"),
    "e-mail": to("/accounts/email/"),
    "password": to("/accounts/password/change/"),
    "two factors": to("/accounts/2fa/"),
    "who are you": to("/accounts/reauthenticate/"),
    "authenticator": then(confirm_password, to("/accounts/2fa/totp/activate/")),
    "passkeys": to("/accounts/2fa/webauthn/"),
    "new passkey": to("/accounts/2fa/webauthn/add/"),
    "sign out": to("/accounts/logout/"),
}

GROUPS: dict[str, dict[str, Way]] = {
    "volunteer": VOLUNTEER,
    "without script": {name: VOLUNTEER[name] for name in PLAIN},
    "researcher": RESEARCHER,
    "public": PUBLIC,
    "account": ACCOUNT,
}
SIGNED_IN = {"researcher", "account"}


def walk(visitor: Visitor, group: str, only: Iterable[str] = ()) -> Iterable[str]:
    """Open the pages of a group one after another and yield their names."""
    if group in SIGNED_IN:
        sign_in(visitor.page)
    for name, way in GROUPS[group].items():
        if not only or name in set(only):
            way(visitor)
            yield name
