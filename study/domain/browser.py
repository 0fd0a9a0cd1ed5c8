"""A browser without a screen: keeps cookies, follows redirects, reads forms and sends them back filled in."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar

PATIENCE = 60.0  # seconds for one request


class BrowserError(Exception):
    """The server could not be reached, or a page is not what a volunteer would see."""


@dataclass
class Form:
    """A form of a page: where it goes and what it holds; of radio buttons, by name, what can be chosen."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    boxes: dict[str, str] = field(default_factory=dict)
    radios: dict[str, list[str]] = field(default_factory=dict)
    areas: list[str] = field(default_factory=list)  # names of what takes a longer text

    @property
    def choices(self) -> list[str]:
        """What a trial offers."""
        return self.radios.get("choice", [])


@dataclass
class Page:
    """An answer of the server: its address after redirects, status, text, and its forms."""

    url: str
    status: int
    text: str

    @property
    def path(self) -> str:
        """The address without the host."""
        return urllib.parse.urlsplit(self.url).path

    @property
    def sounds(self) -> list[str]:
        """The addresses that the page's players play without script."""
        reader = _FormReader()
        reader.feed(self.text)
        return reader.sounds

    def form(self, path: str = "") -> Form:
        """Return the first form that is posted to this path (the page's own by default).

        Raises:
            BrowserError: where there is none.
        """
        reader = _FormReader()
        reader.feed(self.text)
        for form in reader.forms:
            if form.method == "post" and urllib.parse.urljoin(self.path, form.action) == (path or self.path):
                return form
        raise BrowserError(f"{self.path} ({self.status}) has no form for {path or self.path}.")


class Browser:
    """One volunteer's browser; `timed` hears of each request: its kind, status and seconds."""

    def __init__(self, base: str, timed: Callable[[str, int, float], None]) -> None:
        self.base, self.timed = base.rstrip("/"), timed
        self.cookies = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str, kind: str = "page") -> Page:
        """Fetch an address."""
        return self._send(kind, urllib.request.Request(self._url(path)))

    def submit(self, form: Form, path: str, values: Mapping[str, str], kind: str = "page") -> Page:
        """Send a form with these values on top of what it holds."""
        body = urllib.parse.urlencode({**form.values, **values}).encode()
        url = self._url(urllib.parse.urljoin(path, form.action))
        return self._send(kind, urllib.request.Request(url, body, {"Referer": self._url(path)}))

    def post_json(self, path: str, content: Mapping[str, object], kind: str) -> Page:
        """Send JSON to the API, as the page's script does."""
        headers = {"Content-Type": "application/json"}
        return self._send(
            kind, urllib.request.Request(self._url(path), json.dumps(content).encode(), headers)
        )

    def cookie(self, name: str) -> str:
        """Return the value of a cookie, or nothing."""
        return next((cookie.value or "" for cookie in self.cookies if cookie.name == name), "")

    def _url(self, path: str) -> str:
        return urllib.parse.urljoin(self.base + "/", path)

    def _send(self, kind: str, request: urllib.request.Request) -> Page:
        started = time.perf_counter()
        try:
            with self._opener.open(request, timeout=PATIENCE) as answer:
                page = Page(answer.url, answer.status, answer.read().decode(errors="replace"))
        except urllib.error.HTTPError as error:
            with error:
                page = Page(error.url or "", error.code, error.read().decode(errors="replace"))
        except OSError as error:
            self.timed(kind, 0, time.perf_counter() - started)
            reason = getattr(error, "reason", error)
            raise BrowserError(
                f"{self.base} cannot be reached ({getattr(reason, 'strerror', None) or reason}); is the site "
                "running there? --url names another address."
            ) from error
        self.timed(kind, page.status, time.perf_counter() - started)
        return page


class _FormReader(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.sounds: list[str] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(values.get("action", ""), values.get("method", "get").lower()))
            self._open = True
        elif tag == "audio" and values.get("src"):
            self.sounds.append(values["src"])
        elif tag == "input" and self._open and values.get("name"):
            self._input(values)
        elif tag == "textarea" and self._open:
            self.forms[-1].areas.append(values.get("name", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False

    def _input(self, values: dict[str, str]) -> None:
        form, name, value = self.forms[-1], values["name"], values.get("value", "on")
        kind = values.get("type", "text")
        if kind == "radio":
            form.radios.setdefault(name, []).append(value)
        elif kind == "checkbox":
            form.boxes[name] = value
        elif kind in {"hidden", "text"}:
            form.values[name] = values.get("value", "")
