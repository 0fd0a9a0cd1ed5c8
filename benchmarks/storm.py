"""Volunteers on lines that drop and repeat what they send, who never give up. See `benchmarks.kill`."""

from __future__ import annotations

import http.client
import random
import secrets
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from benchmarks.kill import CUT, PATIENCE, RIVAL, TWICE, UNREAD, Storm, hang_up
from study.domain.browser import Browser, BrowserError, Page
from study.domain.rehearsal import Volunteer


class StormyBrowser(Browser):
    """Sends a request again until it is answered."""

    def __init__(
        self, base: str, timed: Callable[[str, int, float], None], storm: Storm, chance: random.Random
    ) -> None:
        super().__init__(base, timed)
        self.storm, self.chance = storm, chance

    def _send(self, kind: str, request: urllib.request.Request) -> Page:
        give_up = time.monotonic() + PATIENCE
        while True:
            if not self._mishap(request):
                try:
                    return super()._send(kind, again(request))
                except (BrowserError, OSError, http.client.HTTPException) as error:
                    self.storm.note("no answer")
                    if time.monotonic() > give_up:
                        raise BrowserError(str(error)) from error
            time.sleep(0.2 + self.chance.random())

    def _mishap(self, request: urllib.request.Request) -> bool:
        """Drop the request on its way, perhaps; return whether it was dropped."""
        fate = self.chance.random()
        if fate >= CUT + UNREAD:
            return False
        told = again(request)
        self.cookies.add_cookie_header(told)
        self.storm.note("cut" if fate < CUT else "unread")
        hang_up(told, self.chance.random() if fate < CUT else 1.0)
        return True


@dataclass
class StormyVolunteer(Volunteer):
    """Sends some answers twice at once; sometimes a second tab answers otherwise at the same moment."""

    storm: Storm = field(kw_only=True)

    def open_browser(self) -> Browser:
        """Return a browser on a bad line; that the site was away is no error here."""
        return StormyBrowser(self.url, self._timed, self.storm, self.chance)

    def send(self, path: str, answer: dict[str, object]) -> None:
        """Send an answer, and what else happens to be sent in the same moment."""
        fate = self.chance.random()
        others = []
        if fate < TWICE:
            others = [answer]
        elif fate < TWICE + RIVAL:
            others = [answer | {"client_id": secrets.token_hex(8), "choice": self.chance.randrange(3)}]
        once = super().send
        threads = [threading.Thread(target=once, args=(path, other)) for other in others]
        for thread in threads:
            self.storm.note("twice" if fate < TWICE else "rival")
            thread.start()
        once(path, answer)
        for thread in threads:
            thread.join()
        self.storm.note_saved()

    def _timed(self, kind: str, status: int, seconds: float) -> None:
        if status:
            self.notes.timed(kind, status, seconds)


def in_storm(storm: Storm) -> Callable[..., Volunteer]:
    """Return what makes volunteers in this storm."""
    return partial(StormyVolunteer, storm=storm)


def again(request: urllib.request.Request) -> urllib.request.Request:
    """Return a request like this one that was not sent yet."""
    return urllib.request.Request(request.full_url, request.data, dict(request.headers))
