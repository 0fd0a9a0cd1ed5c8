"""The practice trial: made from the examples, the same whenever a session asks for it, never scored."""

from __future__ import annotations

from dataclasses import dataclass

from study.domain import orders
from study.errors import NotYours
from study.models import Example, Session, Stimulus
from study.models.tokens import is_token


@dataclass(frozen=True)
class PracticeTrial:
    """One clip and a picture of each class, left to right; all of them were among the examples."""

    options: tuple[Stimulus, ...]
    truth: int  # 0-based place on the screen

    @property
    def source(self) -> Stimulus:
        """The stimulus whose clip is played."""
        return self.options[self.truth]


def of_session(session: Session) -> PracticeTrial:
    """Return the session's practice trial, as its seed gives it.

    Raises:
        NotYours: where its examples have been deleted meanwhile, with their study.
    """
    slots = range(len(session.stimuli.class_names))
    places: dict[int, list[Example]] = {slot: [] for slot in slots}
    for example in session.stimuli.examples.select_related("stimulus"):
        places[example.class_index].append(example)
    if not all(places.values()):
        raise NotYours
    order = orders.practice_order(session.seed, len(slots))
    options = tuple(_shown(session.seed, slot, places[slot]) for slot in order)
    return PracticeTrial(options, order.index(orders.practice_truth(session.seed, len(slots))))


def behind(token: str) -> PracticeTrial:
    """Return the practice trial of the session with this token, for whoever fetches its media.

    Raises:
        NotYours: where there is no such session, or its study has no practice trial.
    """
    session = Session.objects.select_related("stimuli", "study").filter(token=token).first()
    if not is_token(token) or session is None or not session.study.practice:
        raise NotYours
    return of_session(session)


def _shown(seed: int, slot: int, examples: list[Example]) -> Stimulus:
    by_position = {example.position: example for example in examples}
    return by_position[orders.practice_example(seed, slot, sorted(by_position))].stimulus
