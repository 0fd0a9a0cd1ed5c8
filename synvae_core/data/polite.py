"""Getting files from other people's web sites: slowly, patiently, and never again what is gone for good."""

from __future__ import annotations

import http.client
import random
import threading
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime

from pydantic import BaseModel, ConfigDict, Field

from synvae_core.data.image_set import DataError

CHUNK = 65_536
LONGEST_WAIT_S = 600.0
# What may pass: the time was up, too early, too many requests, and what a server gets wrong.
PASSING = {408, 425, 429, *range(500, 600)}


class Unavailable(DataError):
    """A file could not be had; `for_good` when asking again is no use. The message is the reason."""

    def __init__(self, reason: str, *, for_good: bool) -> None:
        super().__init__(reason)
        self.for_good = for_good


class Stopped(Exception):
    """Whoever waits for the files wants no more of them."""


class _Passing(Exception):
    """This try failed, the next may not; `wait_s` is what the server asks for."""

    def __init__(self, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


class Manners(BaseModel):
    """How often, how long and by what name to ask.

    a_second        requests, at most
    connections     at a time
    tries           of one file, in one run
    first_wait_s    before the second try; doubled for each further one
    timeout_s       without a byte from the other side
    longest_s       for one file in all
    most_megabytes  of one file
    user_agent      who asks; say here how you can be reached
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    a_second: float = Field(default=5, gt=0, allow_inf_nan=False)
    connections: int = Field(default=4, ge=1, le=32)
    tries: int = Field(default=4, ge=1, le=20)
    first_wait_s: float = Field(default=1, ge=0, le=3600)
    timeout_s: float = Field(default=20, gt=0, le=3600)
    longest_s: float = Field(default=120, gt=0, le=3600)
    most_megabytes: float = Field(default=25, gt=0, le=1000)
    user_agent: str = Field(default="Earsight/1.0 (research; one download per image)", pattern=r"^[ -~]+$")


class Getter:
    """Gets files over HTTP from several threads at a common pace."""

    def __init__(self, manners: Manners, stopped: threading.Event) -> None:
        self._manners, self._stopped = manners, stopped
        self._turn = threading.Lock()
        self._next = time.monotonic()

    def get(self, address: str) -> bytes:
        """The whole file. Raises Unavailable, and Stopped soon after the event has been set."""
        if not address.lower().startswith(("http://", "https://")):
            raise Unavailable("its address is none of the web", for_good=True)
        reason = ""
        for number in range(self._manners.tries):
            self._take_turn()
            try:
                return self._ask(address)
            except _Passing as failure:
                reason = str(failure)
                self._back_off(number, failure.wait_s)
        raise Unavailable(f"{reason}, {self._manners.tries} times", for_good=False)

    def _take_turn(self) -> None:
        """Waits for the next place in the common pace."""
        with self._turn:
            turn = max(self._next, time.monotonic())
            self._next = turn + 1 / self._manners.a_second
        self._wait(turn - time.monotonic())

    def _back_off(self, number: int, asked_s: float | None) -> None:
        """Waits as long as the server asks, all threads with it, or else about twice the time before."""
        if asked_s is None:
            # Apart from each other, lest all threads come back at once.
            self._wait(self._manners.first_wait_s * 2**number * random.uniform(0.5, 1.5))
            return
        with self._turn:
            self._next = max(self._next, time.monotonic() + min(asked_s, LONGEST_WAIT_S))

    def _wait(self, seconds: float) -> None:
        if self._stopped.wait(max(0, min(seconds, LONGEST_WAIT_S))):
            raise Stopped

    def _ask(self, address: str) -> bytes:
        headers = {"User-Agent": self._manners.user_agent, "Accept": "image/*"}
        try:
            request = urllib.request.Request(address, headers=headers)  # the scheme was checked above
            with urllib.request.urlopen(request, timeout=self._manners.timeout_s) as reply:
                return self._read(reply)
        except urllib.error.HTTPError as error:
            with error:
                if error.code not in PASSING:
                    raise Unavailable(f"{error.code} {error.reason}", for_good=True) from error
                raise _Passing(f"{error.code} {error.reason}", retry_after(error.headers)) from error
        except (ValueError, http.client.InvalidURL) as error:
            raise Unavailable(f"its address is not understood ({error})", for_good=True) from error
        except (OSError, http.client.HTTPException) as error:
            raise _Passing(_told(error)) from error

    def _read(self, reply: http.client.HTTPResponse) -> bytes:
        """The body, whole: http.client tells when it ends too early only where all is read at once."""
        deadline = time.monotonic() + self._manners.longest_s
        body = bytearray()
        while chunk := reply.read1(CHUNK):
            body += chunk
            if self._stopped.is_set():
                raise Stopped
            if len(body) > self._manners.most_megabytes * 1e6:
                raise Unavailable(f"it has more than {self._manners.most_megabytes:g} MB", for_good=True)
            if time.monotonic() > deadline:
                raise _Passing(f"not all of it came in {self._manners.longest_s:g} s")
        if reply.length:
            raise _Passing(f"it was cut short, {reply.length:,} bytes before its end")
        return bytes(body)


def _told(error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    return f"{reason}" or type(error).__name__


def retry_after(headers: Message | None) -> float | None:
    """Seconds that a server asks to be left alone, from `Retry-After` as seconds or as a date (RFC 9110)."""
    told = (headers.get("Retry-After") or "").strip() if headers else ""
    if told.isdecimal():
        return float(told)
    try:
        until = parsedate_to_datetime(told)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
