"""How often somebody may do something. Networks are counted under a keyed hash that changes every day."""

from __future__ import annotations

import re
import time
from functools import lru_cache

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from study.errors import TooMany

SECONDS = {"sec": 1, "min": 60, "hour": 3600, "day": 86_400}


@lru_cache
def parse_rate(rate: str) -> tuple[int, int]:
    """Return (times, seconds) of a rate such as 240/min.

    Raises:
        ValueError: for anything else than NUMBER/sec, /min, /hour or /day.
    """
    match = re.fullmatch(r"([1-9]\d*)/(sec|min|hour|day)", rate)
    if match is None:
        raise ValueError(f"{rate!r} is not a rate such as 240/min.")
    return int(match[1]), SECONDS[match[2]]


def refuse_flood(what: str, who: str, rate: str) -> None:
    """Count one more request and raise TooMany beyond the rate."""
    times, seconds = parse_rate(rate)
    window = int(time.time() // seconds)
    key = f"limit:{what}:{salted_hmac(what, f'{who}/{int(time.time() // 86_400)}').hexdigest()[:32]}:{window}"
    if _counted(key, seconds + 1) > times:
        raise TooMany


def _counted(key: str, seconds: int) -> int:
    try:
        return cache.incr(key)
    except ValueError:  # the first of its window
        cache.add(key, 0, timeout=seconds)
    try:
        return cache.incr(key)
    except ValueError:  # the window ended between the two calls, or the cache keeps nothing
        return 1


def refuse_many_starts(request: HttpRequest) -> None:
    """Raise TooMany when one network starts more sessions than EARSIGHT_START_RATE."""
    refuse_flood("start", network_of(request), settings.START_RATE)


def refuse_many_ids(request: HttpRequest) -> None:
    """Raise TooMany when one network looks up more ids of a panel than EARSIGHT_START_RATE."""
    refuse_flood("panel-id", network_of(request), settings.START_RATE)


def refuse_many_pictures(request: HttpRequest) -> None:
    """Raise TooMany when one network sends more pictures than EARSIGHT_HEAR_RATE."""
    refuse_flood("picture", network_of(request), settings.HEAR_RATE)


def network_of(request: HttpRequest) -> str:
    """Return the address a request came from; never stored, only counted under a hash."""
    if settings.BEHIND_PROXY:
        return str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
