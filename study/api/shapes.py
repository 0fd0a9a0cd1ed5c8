"""The shapes of what travels through the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from study.domain import answering, events, sessions


class ErrorShape(serializers.Serializer[Any]):
    """What went wrong, by name and as a sentence."""

    error = serializers.CharField()
    detail = serializers.CharField()


class EventShape(serializers.Serializer[Any]):
    """Something that happened on a volunteer's page."""

    client_id = serializers.RegexField(rf"^{events.CLIENT_ID.pattern}$")
    kind = serializers.ChoiceField(choices=events.REPORTED_KINDS)
    presentation = serializers.CharField(max_length=64, required=False, allow_blank=True)
    client_ms = serializers.IntegerField(min_value=0, max_value=2**53, required=False, allow_null=True)
    seconds = serializers.FloatField(min_value=0, max_value=86_400, required=False, allow_null=True)


class AnswerShape(serializers.Serializer[Any]):
    """A volunteer's answer to one presentation."""

    client_id = serializers.RegexField(
        rf"^{events.CLIENT_ID.pattern}$",
        help_text="Made by the browser; names this answer in every retry.",
    )
    presentation = serializers.CharField(max_length=64)
    choice = serializers.IntegerField(min_value=0, max_value=31, help_text="0-based place on the screen.")
    milliseconds = serializers.IntegerField(
        min_value=0, max_value=answering.LONGEST_MS, required=False, allow_null=True
    )
    waited_ms = serializers.IntegerField(
        min_value=0,
        max_value=2**53,
        required=False,
        default=0,
        help_text="How long the answer lay on a device that had no connection.",
    )
    events: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=EventShape(),
        max_length=events.MOST_AT_ONCE,
        required=False,
        help_text="What happened in this trial and may not have arrived yet; counts for its listens.",
    )


class ReceiptShape(serializers.Serializer[Any]):
    """The server's word that an answer is stored; `choice` is the one that counts, the first."""

    client_id = serializers.CharField()
    presentation = serializers.CharField()
    choice = serializers.IntegerField()
    created = serializers.BooleanField()
    answered = serializers.IntegerField()
    total = serializers.IntegerField()


class EventsShape(serializers.Serializer[Any]):
    """Up to 200 events; those that are stored already are left alone."""

    events: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=EventShape(), max_length=events.MOST_AT_ONCE
    )


class EventsStoredShape(serializers.Serializer[Any]):
    """How many events the session has now."""

    stored = serializers.IntegerField()


class TrialShape(serializers.Serializer[Any]):
    """A trial as this session sees it: addresses that say nothing about the truth."""

    presentation = serializers.CharField()
    number = serializers.IntegerField()
    clip = serializers.CharField()
    pictures = serializers.ListField(child=serializers.CharField())
    descriptions = serializers.ListField(
        child=serializers.CharField(allow_blank=True),
        help_text="In words, where the session chooses by them.",
    )


class SessionShape(serializers.Serializer[Any]):
    """Where a session stands; `next` may be fetched ahead."""

    step = serializers.ChoiceField(choices=sessions.STEPS)
    answered = serializers.IntegerField()
    total = serializers.IntegerField()
    trial = TrialShape(allow_null=True)
    next = TrialShape(allow_null=True)


class DeadlineShape(serializers.Serializer[Any]):
    """How long a session can still go on, and whether it can be given more time once more."""

    seconds = serializers.IntegerField(allow_null=True)
    extendable = serializers.BooleanField()


class StudyAnswerShape(serializers.Serializer[Any]):
    """One answer as the analysis reads it."""

    session = serializers.CharField()
    trial = serializers.IntegerField()
    options = serializers.ListField(child=serializers.CharField())
    truth = serializers.CharField()
    choice = serializers.CharField()
    order = serializers.IntegerField(allow_null=True)
    position = serializers.IntegerField(allow_null=True)
    response_ms = serializers.IntegerField(allow_null=True)
    plays = serializers.IntegerField(allow_null=True)
    option_ids = serializers.ListField(child=serializers.CharField())
    session_complete = serializers.BooleanField()
    described = serializers.BooleanField(help_text="Chosen among written descriptions, not pictures.")
    condition = serializers.CharField(help_text="Name of the session's condition; empty where there is none.")
    listens = serializers.IntegerField(allow_null=True, help_text="How often the clip came to its end.")
    headphones = serializers.BooleanField(
        allow_null=True, help_text="Whether the check was passed; null where there was none."
    )
    again = serializers.BooleanField(
        allow_null=True, help_text="Whether the browser knew a finished visit when this one began."
    )
