"""The trials of a finished session with their truth, to be heard once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from study.domain import descriptions, media, texts
from study.models import Presentation, Session, visits
from study.web import trial_page


@dataclass(frozen=True)
class AnsweredOption:
    """A picture of a finished trial."""

    letter: str
    image: str
    text: str  # its description, or nothing
    alt: str
    truth: bool
    chosen: bool


@dataclass(frozen=True)
class AnsweredTrial:
    """A finished trial: its clip, its pictures and whether the choice was right."""

    number: int
    clip: str
    options: tuple[AnsweredOption, ...]

    @property
    def correct(self) -> bool:
        """Whether the chosen picture is the source of the music."""
        return any(option.truth and option.chosen for option in self.options)


def trials(session: Session) -> list[AnsweredTrial]:
    """Return the trials of a finished session in the order they were taken."""
    # The truth is out: descriptions are the pictures' alternative texts.
    words = texts.translated(session, descriptions.of_options(session))
    options = len(session.stimuli.class_names)
    alts = [gettext("Image %(letter)s") % {"letter": letter} for letter in trial_page.LETTERS[:options]]
    return [_answered(row, row.truth, words, alts) for row in visits.REPLAYED.all(session.pk)]


def _answered(row: Presentation, truth: int, words: trial_page.Words, alts: Sequence[str]) -> AnsweredTrial:
    chosen = row.response.screen_position
    answered = tuple(
        AnsweredOption(
            **vars(option),
            alt=option.text or alts[place],
            truth=row.option_order[place] == truth,
            chosen=place == chosen,
        )
        for place, option in enumerate(trial_page.options(row, words))
    )
    return AnsweredTrial(row.position, media.clip_address(row), answered)


def player_problem() -> SafeString:
    """Return what the player of each trial says when its clip does not load."""
    return render_to_string(
        "volunteer/player_problem.html", {"problem_text": gettext("This clip did not load.")}
    )


def luck(correct: int, total: int, options: int) -> float:
    """Return the chance that guessing among `options` pictures gets `correct` of `total` right or more."""
    share = 1 / options
    return sum(comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(correct, total + 1))


def sentence(correct: int, total: int, options: int) -> str:
    """Return a kind and true word about a score: what guessing does as well is not called hearing."""
    chance = luck(correct, total, options)
    if chance < 0.001:
        return gettext("You heard a good deal of the pictures.")
    if chance < 0.05:
        return gettext("You heard something of the pictures: guessing seldom gets that far.")
    return gettext(
        "Guessing could have got there too: the music kept its secret, and that is a result as well."
    )
