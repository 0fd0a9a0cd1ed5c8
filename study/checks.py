"""System checks: a bad setting is named at start, with a hint, before it fails in somebody's hands."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import Error, Warning, register
from django.core.checks.messages import CheckMessage

from study.limits import parse_rate


@register()
def check_broker(**_: Any) -> list[CheckMessage]:
    """The jobs' broker must be one that we know how to run."""
    known = ("filesystem://", "redis://", "rediss://", "memory://", "unix://")
    if settings.CELERY_BROKER_URL.startswith(known):
        return []
    return [
        Error(
            f"EARSIGHT_BROKER_URL does not start with one of {', '.join(known)}.",
            hint="Leave it empty for the embedded broker, or use redis://host:6379/0.",
            id="study.E001",
        )
    ]


@register()
def check_site_url(**_: Any) -> list[CheckMessage]:
    """Links that leave the product need a full address."""
    if settings.SITE_URL.startswith(("http://", "https://")):
        return []
    return [
        Error(
            "EARSIGHT_SITE_URL is not an address.",
            hint="Write it as https://listen.example.org.",
            id="study.E002",
        )
    ]


@register()
def check_soundfont(**_: Any) -> list[CheckMessage]:
    """A SoundFont that is named must be there."""
    if not settings.SOUNDFONT or Path(settings.SOUNDFONT).is_file():
        return []
    return [
        Error(
            f"EARSIGHT_SOUNDFONT names {settings.SOUNDFONT}, which is not a file.",
            hint="Give the path of an .sf2 file, or leave it empty for the one that comes with pretty_midi.",
            id="study.E003",
        )
    ]


@register()
def check_accel(**_: Any) -> list[CheckMessage]:
    """Media handed to the web server must be local files."""
    if not settings.ACCEL_PREFIX or not settings.S3_BUCKET:
        return []
    return [
        Error(
            "EARSIGHT_ACCEL_PREFIX needs local media, but EARSIGHT_S3_BUCKET is set.",
            hint="Unset one of the two.",
            id="study.E004",
        )
    ]


@register()
def check_rates(**_: Any) -> list[CheckMessage]:
    """Rates must be readable before the first request meets them."""
    return [
        Error(
            f"{name} is {rate!r}, which is not a rate.",
            hint="Write it as 240/min or 600/hour.",
            id="study.E005",
        )
        for name, rate in (
            ("EARSIGHT_ANSWER_RATE", settings.ANSWER_RATE),
            ("EARSIGHT_START_RATE", settings.START_RATE),
            ("EARSIGHT_HEAR_RATE", settings.HEAR_RATE),
        )
        if not _is_rate(rate)
    ]


@register()
def check_hearing(**_: Any) -> list[CheckMessage]:
    """What people may send must be something."""
    numbers = {"EARSIGHT_HEAR_MEGABYTES": settings.HEAR_MEGABYTES, "EARSIGHT_HEAR_QUEUE": settings.HEAR_QUEUE}
    return [
        Error(
            f"{name} is {number}; it must be 1 or more.",
            hint="To take no pictures at all, set EARSIGHT_HEAR=false.",
            id="study.E006",
        )
        for name, number in numbers.items()
        if number < 1
    ]


def all_checks() -> list[CheckMessage]:
    """Return what all checks of ours say, those for deployment apart."""
    ours = (check_broker, check_site_url, check_soundfont, check_accel, check_rates, check_hearing)
    return [message for check in ours for message in check()]


def _is_rate(rate: str) -> bool:
    try:
        parse_rate(rate)
    except ValueError:
        return False
    return True


@register(deploy=True)
def check_secret_key(**_: Any) -> list[CheckMessage]:
    """Several machines must share one key, which a generated file does not give them."""
    made = settings.VAR / "secret-key.txt"
    if not settings.HTTPS or not made.exists() or made.read_text() != settings.SECRET_KEY:
        return []
    return [
        Warning(
            "The secret key was generated into the var folder.",
            hint="Set SECRET_KEY when more than one machine serves this site.",
            id="study.W001",
        )
    ]
