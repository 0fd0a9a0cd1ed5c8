"""The trials of a finished session with their truth, to be heard once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from study.domain import descriptions, media, texts
from study.models import Presentation, Session, visits
from study.models.stimuli import Music
from study.web import trial_page


@dataclass(frozen=True)
class AnsweredOption:
    """A picture of a finished trial."""

    letter: str
    image: str
    text: str  # its description, or nothing
    alt: str
    marks: str  # classes of the page: truth, chosen, both or neither
    caption: str


@dataclass(frozen=True)
class AnsweredTrial:
    """A finished trial: its clip, its pictures and whether the choice was right."""

    named: str
    label: str  # as its player is spoken of within a sentence
    clip: str
    correct: bool  # whether the chosen picture is the source of the music
    options: tuple[AnsweredOption, ...]


@dataclass(frozen=True)
class Sentences:
    """What all trials of a page say, looked up once."""

    named: str
    label: str
    alts: Sequence[str]
    captions: Mapping[tuple[bool, bool], str]  # by (truth, chosen)
    descriptions: trial_page.Words


def trials(session: Session) -> list[AnsweredTrial]:
    """Return the trials of a finished session in the order they were taken."""
    said = _sentences(session)
    return [_answered(row, row.truth, said) for row in visits.REPLAYED.all(session.pk)]


def _sentences(session: Session) -> Sentences:
    chosen = gettext("Your choice")
    exchanged = session.condition is not None and session.condition.music == Music.EXCHANGED
    source = gettext("Counted as right") if exchanged else gettext("The source")
    letters = trial_page.LETTERS[: len(session.stimuli.class_names)]
    return Sentences(
        named=gettext("Trial %(number)s"),
        label=gettext("trial %(number)s"),
        alts=[gettext("Image %(letter)s") % {"letter": letter} for letter in letters],
        captions={
            (True, True): f"{chosen} ✓",
            (True, False): source,
            (False, True): chosen,
            (False, False): "",
        },
        # The truth is out: descriptions are the pictures' alternative texts.
        descriptions=texts.translated(session, descriptions.of_options(session)),
    )


def _answered(row: Presentation, truth: int, said: Sentences) -> AnsweredTrial:
    number, chosen = {"number": row.position}, row.response.screen_position
    options = trial_page.options(row, said.descriptions)
    return AnsweredTrial(
        named=said.named % number,
        label=said.label % number,
        clip=media.clip_address(row),
        correct=row.option_order[chosen] == truth,
        options=tuple(
            AnsweredOption(
                **vars(option),
                alt=option.text or alt,
                marks=" truth" * (slot == truth) + " chosen" * (place == chosen),
                caption=said.captions[slot == truth, place == chosen],
            )
            for place, (option, alt, slot) in enumerate(
                zip(options, said.alts, row.option_order, strict=True)
            )
        ),
    )


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
