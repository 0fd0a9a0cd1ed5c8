"""What a volunteer's page calls; the session's unguessable token in the address is the permission."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from study.api.shapes import (
    AnswerShape,
    DeadlineShape,
    ErrorShape,
    EventsShape,
    EventsStoredShape,
    ReceiptShape,
    SessionShape,
)
from study.api.straight import straight
from study.domain import answering, deadlines, descriptions, events, media, sessions, texts
from study.limits import refuse_flood
from study.models import Presentation, Session

# Shapes that read many requests: what they are made of never changes.
ANSWER, EVENTS = AnswerShape(), EventsShape()
Words = dict[tuple[int, int], str]  # by the trial's row and the option's slot
REFUSALS = dict.fromkeys((400, 404, 405, 409, 410, 415, 429), ErrorShape)


def _session(token: str, what: str, *, to_answer: bool = False) -> Session:
    """Return the session and count its request; tokens that name none leave nothing in the counts."""
    session = sessions.find(token, to_answer=to_answer)
    refuse_flood(what, token, settings.ANSWER_RATE)
    return session


def _store_answer(content: Any, token: str) -> tuple[int, dict[str, Any]]:
    sent = ANSWER.run_validation(content)
    session = _session(token, "answer", to_answer=True)
    receipt = answering.answer(
        session,
        sent["presentation"],
        choice=sent["choice"],
        client_id=sent["client_id"],
        milliseconds=sent.get("milliseconds"),
        waited_ms=sent["waited_ms"],
        reports=[events.Reported(**event) for event in sent.get("events", ())],
    )
    answered, total = sessions.progress(session)
    return 201 if receipt.created else 200, {
        "client_id": sent["client_id"],
        "presentation": receipt.presentation.token,
        "choice": receipt.kept,
        "created": receipt.created,
        "answered": answered,
        "total": total,
    }


@straight(_store_answer)
@extend_schema(
    operation_id="answer", request=AnswerShape, responses={200: ReceiptShape, 201: ReceiptShape, **REFUSALS}
)
@api_view(["POST"])
@authentication_classes([])
@permission_classes([AllowAny])
def answer(request: Request, token: str) -> Response:
    """Store one answer: 201 when new, 200 when it or an earlier one to this trial is stored already."""
    status, receipt = _store_answer(request.data, token)
    return Response(receipt, status=status)


def _store_events(content: Any, token: str) -> tuple[int, dict[str, Any]]:
    sent = EVENTS.run_validation(content)
    reports = [events.Reported(**event) for event in sent["events"]]
    return 200, {"stored": events.record(_session(token, "events", to_answer=True), reports)}


@straight(_store_events)
@extend_schema(
    operation_id="report_events", request=EventsShape, responses={200: EventsStoredShape, **REFUSALS}
)
@api_view(["POST"])
@authentication_classes([])
@permission_classes([AllowAny])
def report_events(request: Request, token: str) -> Response:
    """Store what happened on the page; sending an event again changes nothing."""
    status, stored = _store_events(request.data, token)
    return Response(stored, status=status)


@extend_schema(operation_id="extend", request=None, responses={200: DeadlineShape, **REFUSALS})
@api_view(["POST"])
@authentication_classes([])
@permission_classes([AllowAny])
def extend(request: Request, token: str) -> Response:
    """Give the session its whole time again; before its warning this changes nothing."""
    session = deadlines.extend(_session(token, "extend"))
    left = deadlines.time_left(session)
    told = {
        "seconds": None if left is None else int(left.total_seconds()),
        "extendable": session.extensions < deadlines.MOST_EXTENSIONS,
    }
    return Response(DeadlineShape(told).data)


@extend_schema(operation_id="session_state", responses={200: SessionShape, 404: ErrorShape})
@api_view(["GET"])
@authentication_classes([])
@permission_classes([AllowAny])
def session_state(request: Request, token: str) -> Response:
    """Say where the session stands, and where the present and the next trial's media are; changes nothing."""
    session = sessions.find(token)
    step = sessions.current_step(session)
    following = sessions.upcoming(session, step)
    written = descriptions.of_options(session) if session.described and step.presentation else {}
    words = texts.translated(session, written)
    state = {
        "step": step.name,
        "answered": step.answered,
        "total": step.total,
        "trial": _trial(step.presentation, words),
        "next": _trial(following, words),
    }
    return Response(SessionShape(state).data, headers={"Cache-Control": "no-store"})


def _trial(presentation: Presentation | None, words: Words) -> dict[str, Any] | None:
    if presentation is None:
        return None
    return {
        "presentation": presentation.token,
        "number": presentation.position,
        "clip": media.clip_address(presentation),
        "pictures": media.picture_addresses(presentation),
        "descriptions": [words[presentation.trial_id, slot] for slot in presentation.option_order if words],
    }
