"""The sentences that scripts say, in the language of the page: each page with a player carries them as JSON.

A script asks for one by its name (`say("offline", {count: 2})`, study/static/study/js/words.js) and puts its
own values in place of the `%(name)s`. A sentence with a number has the two forms that all our languages have.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from django.http import HttpRequest
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

Words = dict[str, str | dict[str, str]]


def both_forms(singular: str, plural: str) -> dict[str, str]:
    """Return both forms under the names of the plural rules that browsers know."""
    return {"one": ngettext(singular, plural, 1), "other": ngettext(singular, plural, 2)}


def script_words() -> Words:
    """Return every sentence by its name, in the language that is active now."""
    return player_words() | trial_words()


def player_words() -> Words:
    """Return what a player says."""
    return {
        "play": _("Play"),
        "pause": _("Pause"),
        "play_clip": _("Play %(clip)s"),
        "pause_clip": _("Pause %(clip)s"),
        "playing": _("Playing"),
        "paused": _("Paused"),
        "ended": both_forms("Finished, played once", "Finished, played %(count)s times"),
        "fresh": _("Not played yet"),
        "loading": _("Loading…"),
        "held_back": _("Your browser held the sound back. Press “Try again”."),
        "stop": _("Stop"),
    }


def trial_words() -> Words:
    """Return what the trials say while answers are on their way."""
    return {
        "trial": _("Trial %(number)s of %(total)s"),
        "error": _("Error:"),
        "saved": _("All answers saved"),
        "saving": _("Saving…"),
        "offline": both_forms(
            "Offline: %(count)s answer kept on this device, sent as soon as you are back",
            "Offline: %(count)s answers kept on this device, sent as soon as you are back",
        ),
        "ends_at": _("The time for this visit ends at %(time)s."),
        "more_time": _("You have more time now."),
        "no_time_yet": _("No connection just now, so you have no more time yet. Try again in a moment."),
        "over": _("The time for this visit is over. Answers that you gave in time are still saved."),
        "unkept": _("Not saved yet. Your browser cannot keep answers: leave this page open"),
        "refused": _("Not saved"),
        "rest": _("Half way: take a rest"),
        "saving_all": _("Saving your answers"),
        "not_saved": _("This answer could not be saved"),
    }


def for_scripts(request: HttpRequest) -> dict[str, Callable[[], SafeString]]:
    """Give every template `words`, which costs nothing where it is not used (a context processor)."""
    return {"words": lambda: _as_json(get_language())}


@lru_cache
def _as_json(language: str | None) -> SafeString:
    """Return the element that carries the sentences; `language` is the one that is active."""
    return json_script(script_words(), "words")
