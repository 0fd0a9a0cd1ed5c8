"""The orders that sessions saw, as a file, and its check: by SHA-256 alone, without a database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from study.domain import assignment, headphone_rules, orders, verification
from study.errors import EarsightError
from study.models import Session, Study

if TYPE_CHECKING:
    from analysis import Answer

FORMAT = "earsight-orders-1"
AT_ONCE = 200  # sessions held in memory
Row = Mapping[str, Any]  # what the file says of one session


class OrdersUnreadable(EarsightError):
    """This is not a file of orders as the results page offers it."""


def orders_json(study: Study, mode: str) -> str:
    """Return the seed and the orders of every consenting session of this mode, as JSON.

    Of each session: its seed (as text: it has 63 bits), how many pictures a trial shows, its trials in their
    order with the slots of their pictures from left to right, the layouts of its headphone check, and how its
    condition was drawn (its place, and the places that were held in those that had room).
    """
    return "".join(orders_chunks(study, mode))


def orders_chunks(study: Study, mode: str) -> Iterator[str]:
    """Yield that file piece by piece, a session a line, with few of them in memory."""
    known = Session.objects.countable(mode).filter(study=study).select_related("stimuli", "condition")
    known = known.select_related("headphone_check").defer("stimuli__plan")
    known = known.prefetch_related("headphone_check__sounds")
    rows = known.prefetch_related("presentations__trial").order_by("pk").iterator(AT_ONCE)
    head = {"format": FORMAT, "mode": str(mode), "classes": _classes(study)}
    yield json.dumps(head, ensure_ascii=False).removesuffix("}") + ', "sessions": ['
    for place, session in enumerate(rows):
        yield (",\n" if place else "\n") + json.dumps(_row(session), ensure_ascii=False)
    yield "\n]}\n"


def read(path: Path) -> dict[str, Any]:
    """Return the content of a file of orders.

    Raises:
        OrdersUnreadable: when it is none.
    """
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8-sig"))
        known = content["format"] == FORMAT and isinstance(content["sessions"], list)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OrdersUnreadable from error
    if not known:
        raise OrdersUnreadable
    return content


def sessions_out_of_order(content: Mapping[str, Any]) -> list[str]:
    """Return the ids of the sessions of a file whose orders are not what their seed gives.

    Raises:
        OrdersUnreadable: where something is missing in the file.
    """
    try:
        return [str(row["session_id"]) for row in content["sessions"] if _differs(row)]
    except (KeyError, TypeError, ValueError) as error:
        raise OrdersUnreadable from error


def answers_out_of_order(content: Mapping[str, Any], answers: Iterable[Answer]) -> list[str]:
    """Return the ids of the sessions with an answer that the file's orders contradict.

    An answer agrees when its session showed that trial at that place, and the chosen class at that place of
    the screen; sessions that the file does not know contradict it.
    """
    shown = {str(row["session_id"]): row["trials"] for row in content["sessions"]}
    wrong = {answer.session for answer in answers if not _agrees(answer, shown.get(answer.session, ()))}
    return sorted(wrong)


def _row(session: Session) -> dict[str, Any]:
    check = getattr(session, "headphone_check", None)
    return {
        "session_id": f"s{session.pk}",
        "seed": str(session.seed),
        "slots": len(session.stimuli.class_names),
        "trials": [
            {"trial": number, "order": slots} for number, slots in verification.stored_orders(session)
        ],
        "headphones": check and {"kind": check.kind, "layouts": verification.stored_layouts(check)},
        "condition": session.condition and session.condition.place,
        "places_held": session.places_held,
    }


def _classes(study: Study) -> list[str]:
    return list(study.stimuli.class_names) if study.stimuli else []


def _differs(row: Row) -> bool:
    seed, slots = int(row["seed"]), int(row["slots"])
    numbers = sorted(trial["trial"] for trial in row["trials"])
    derived = [
        {"trial": number, "order": orders.option_order(seed, number, slots)}
        for number in orders.trial_order(seed, numbers)
    ]
    return row["trials"] != derived or _check_differs(seed, row) or _condition_differs(seed, row)


def _check_differs(seed: int, row: Row) -> bool:
    check = row["headphones"]
    if not check:
        return False
    played: list[str] = check["layouts"]
    attempts = -(-len(played) // len(headphone_rules.RULES[check["kind"]].layouts))
    derived = [
        layout
        for attempt in range(1, attempts + 1)
        for layout in headphone_rules.layouts(seed, check["kind"], attempt)
    ]
    return played != derived


def _condition_differs(seed: int, row: Row) -> bool:
    held = row["places_held"]
    return bool(held) and assignment.derived(seed, held) != row["condition"]


def _agrees(answer: Answer, trials: list[Row] | tuple[()]) -> bool:
    if answer.order is None or answer.position is None or not 1 <= answer.order <= len(trials):
        return False
    shown = trials[answer.order - 1]
    if shown["trial"] != answer.trial or not 0 <= answer.position < len(shown["order"]):
        return False
    return bool(answer.options[shown["order"][answer.position]] == answer.choice)
