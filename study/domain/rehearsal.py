"""A dress rehearsal: simulated volunteers take a study through the real pages and API of a running server.

Their sessions are marked `simulated` by a key that only this server can sign, so they are never counted among
the volunteers. Afterwards every answer that the server acknowledged is looked up in the database.
"""

from __future__ import annotations

import json
import random
import secrets
import threading
import time
import urllib.parse
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Max
from django.urls import reverse

from study.domain import descriptions, listening, modes, sessions
from study.domain.browser import Browser, BrowserError, Form, Page
from study.domain.headphone_rules import RULES
from study.domain.rehearsal_report import Acknowledged, Report, report_on
from study.errors import EarsightError
from study.models import HeadphoneSound, Presentation, Session, Study, TrialOption
from study.models.stimuli import Music

READING = threading.BoundedSemaphore(8)  # hundreds may come at once; a database lends few connections
MOST_STEPS = 400  # more pages than any study has: a volunteer who goes round in circles is stopped


class RehearsalImpossible(EarsightError):
    """This rehearsal cannot be held."""


@dataclass(frozen=True)
class Cast:
    """Who comes: how many, how good, how many at once, and how many click twice.

    `api` is the share of answers sent as the page's script does; the rest are plain forms. `described` is the
    share of volunteers who choose among written descriptions.
    """

    sessions: int = 21
    accuracy: float = 0.71
    at_once: int = 4
    double_clicks: float = 0.1
    api: float = 0.5
    described: float = 0.0
    seed: int = 1

    def __post_init__(self) -> None:
        shares = (self.accuracy, self.double_clicks, self.api, self.described)
        if self.sessions < 1 or self.at_once < 1:
            raise RehearsalImpossible("A rehearsal needs at least one session, and one at a time.")
        if not all(0 <= share <= 1 for share in shares):
            raise RehearsalImpossible("Accuracy and shares lie between 0 and 1.")


@dataclass
class Notes:
    """What all volunteers saw, gathered from their threads."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    acknowledged: list[Acknowledged] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    finished: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def timed(self, kind: str, status: int, seconds: float) -> None:
        """Note one request."""
        with self._lock:
            self.seconds[kind].append(seconds)
            if status >= 500 or status == 0:
                self.errors.append(f"{kind}: HTTP {status}" if status else f"{kind}: no answer")

    def failed(self, sentence: str) -> None:
        """Note a volunteer who could not go on."""
        with self._lock:
            self.errors.append(sentence)

    def saved(self, answer: Acknowledged) -> None:
        """Note an answer that the server has acknowledged."""
        with self._lock:
            self.acknowledged.append(answer)

    def done(self) -> None:
        """Note a volunteer who came to the end."""
        with self._lock:
            self.finished += 1


def hold(
    study: Study,
    url: str,
    cast: Cast,
    *,
    watch: Callable[[int], None] | None = None,
    volunteer: Callable[..., Volunteer] | None = None,
) -> Report:
    """Let the cast take the study at this address and report what came of it.

    `watch` hears how many volunteers are through; `volunteer` makes those who come (by default Volunteer).

    Raises:
        RehearsalImpossible: when the study is not open, or offers no descriptions to those who want them.
    """
    if not study.is_open:
        raise RehearsalImpossible(
            "Publish the study first; a rehearsal takes the pages that volunteers take."
        )
    if cast.described and not descriptions.offered(study):
        raise RehearsalImpossible("This study cannot be taken by written descriptions.")
    notes = Notes()
    key = modes.mode_key(study, Session.Mode.SIMULATED)
    started = time.perf_counter()

    def one(number: int) -> None:
        try:
            chance = random.Random(f"{cast.seed}/{number}")
            (volunteer or Volunteer)(study, url, key, cast, chance, notes).visit()
            notes.done()
        except BrowserError as error:
            notes.failed(str(error))
        finally:
            connection.close()
        if watch:
            watch(notes.finished)

    with ThreadPoolExecutor(cast.at_once) as pool:
        list(pool.map(one, range(cast.sessions)))
    return report_on(study, cast.sessions, notes.finished, notes.seconds, notes.acknowledged, notes.errors,
                     time.perf_counter() - started)  # fmt: skip


@dataclass
class Volunteer:
    """One simulated volunteer: does what the page in front of it asks for, until it is thanked."""

    study: Study
    url: str
    key: str
    cast: Cast
    chance: random.Random
    notes: Notes

    def visit(self) -> None:
        """Go from the welcome page to the thanks.

        Raises:
            BrowserError: when the way does not lead there.
        """
        self.browser = self.open_browser()
        welcome = reverse("volunteer_welcome", args=[self.study.code])
        page = self.browser.get(f"{welcome}?{urllib.parse.urlencode(self._brought())}")
        form = page.form(reverse("volunteer_consent", args=[self.study.code]))
        page = self.browser.submit(form, page.path, form.boxes | self._way(form))
        self.token = self.browser.cookie(f"earsight-{self.study.code}")
        with READING:
            self.truths = _truths(self.token)
            session = sessions.find(self.token)
            self.longest = session.stimuli.items.aggregate(seconds=Max("seconds"))["seconds"]
            connection.close()
        self.minimum = listening.minimum_of(session)
        self.hears = not (session.condition and session.condition.music == Music.EXCHANGED)
        for _ in range(MOST_STEPS):
            if page.path == reverse("volunteer_thanks", args=[self.study.code]):
                return
            page = self._next(page)
        raise BrowserError(f"A volunteer never came to the end; the last page was {page.path}.")

    def _brought(self) -> dict[str, str]:
        """Return what the address carries: the key, and ids as a panel would send them."""
        names = self.study.participant_parameters
        return {name: f"rehearsal-{secrets.token_hex(8)}" for name in names} | {"key": self.key}

    def _way(self, form: Form) -> dict[str, str]:
        """Return how this volunteer wants to choose, where the welcome page asks."""
        if "options" not in form.radios:
            return {}
        wants = "descriptions" if self.chance.random() < self.cast.described else "pictures"
        return {"options": wants}

    def open_browser(self) -> Browser:
        """Return the browser that this volunteer uses."""
        return Browser(self.url, self.notes.timed)

    def _next(self, page: Page) -> Page:
        if page.status >= 400:
            raise BrowserError(f"{page.path} answered {page.status}.")
        form = page.form()
        if "sound" in form.values:
            heard = _heard_over_headphones(form.values["sound"])
            return self.browser.submit(form, page.path, {"choice": heard})
        if "presentation" not in form.values:
            return self.browser.submit(form, page.path, self._filled(form))
        presentation = form.values["presentation"]
        choice = self._choice(presentation, len(form.choices))
        if self.chance.random() < self.cast.api:
            return self._answer_by_api(presentation, choice)
        self._play(page)
        answered = self.browser.submit(form, page.path, {"choice": str(choice)}, "answer")
        if answered.status == 200 and answered.path != page.path:
            self.notes.saved(Acknowledged(presentation, choice))
        return answered

    def _filled(self, form: Form) -> dict[str, str]:
        """Return what is ticked, chosen at random and written into a form that is no trial."""
        chosen = {name: self.chance.choice(values) for name, values in form.radios.items()}
        return form.boxes | chosen | dict.fromkeys(form.areas, "Rehearsed.")

    def _answer_by_api(self, presentation: str, choice: int) -> Page:
        answer: dict[str, object] = {
            "client_id": self._client_id(),
            "presentation": presentation,
            "choice": choice,
            "milliseconds": self.chance.randrange(2000, 20_000),
            "events": self._listens(),
        }
        path = reverse("api_answer", args=[self.token])
        for _ in range(2 if self.chance.random() < self.cast.double_clicks else 1):
            self.send(path, answer)
        return self.browser.get(reverse("volunteer_finish", args=[self.study.code]))

    def send(self, path: str, answer: dict[str, object]) -> None:
        """Send an answer as the page's script does, and note the choice that the server says it keeps."""
        stored = self.browser.post_json(path, answer, "answer")
        if stored.status in {200, 201}:
            receipt = json.loads(stored.text)
            self.notes.saved(Acknowledged(receipt["presentation"], receipt["choice"]))

    def _play(self, page: Page) -> None:
        """Play the clip of a page without script as often as the study asks: the server sees that."""
        for address in page.sounds[: self.minimum]:
            self.browser.get(address, "clip")

    def _listens(self) -> list[dict[str, object]]:
        """Return what a page with script reports of a clip that was heard as often as the study asks."""
        return [
            {"client_id": self._client_id(), "kind": "ended", "seconds": self.longest}
            for _ in range(self.minimum)
        ]

    def _choice(self, presentation: str, places: int) -> int:
        truth = self.truths[presentation]
        if not self.hears:  # exchanged music: nobody can do better than guess
            return self.chance.randrange(places)
        if self.chance.random() < self.cast.accuracy:
            return truth
        return self.chance.choice([place for place in range(places) if place != truth])

    @staticmethod
    def _client_id() -> str:
        return secrets.token_hex(8)


def _heard_over_headphones(sound_token: str) -> str:
    """Return what somebody with headphones answers in the check: all simulated volunteers wear some."""
    sound = HeadphoneSound.objects.select_related("headphone_check").get(token=sound_token)
    return str(sound.layout.index(RULES[sound.headphone_check.kind].target))


def _truths(token: str) -> dict[str, int]:
    """Return for each presentation of a session the place of the right picture, which no page tells."""
    shown = Presentation.objects.filter(session__token=token)
    if not shown:
        raise BrowserError("The welcome page did not begin a visit.")
    slots = dict(
        TrialOption.objects.filter(is_truth=True, trial__presentations__in=shown).values_list("trial", "slot")
    )
    return {row.token: row.option_order.index(slots[row.trial_id]) for row in shown}
