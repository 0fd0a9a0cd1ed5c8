"""What every column of a package's tables means: the one place that codebook and descriptions are made from.

A name with `#` stands for one column for each number, as `option_#_class` for `option_1_class`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["string", "integer", "number", "boolean", "datetime"]
NEVER = ""


@dataclass(frozen=True)
class Column:
    """A column: its kind, its meaning, its levels where there are few, and what an empty cell says.

    several  whether a cell may hold more than one of the levels
    """

    kind: Kind
    meaning: str
    empty: str = NEVER
    levels: tuple[str, ...] = ()
    several: bool = False


_SESSION = Column("string", "The session: one volunteer's visit. Joins all tables of this package.")
_COMPLETE = Column("boolean", "1 where the session was finished, else 0.")
_DESCRIBED = Column(
    "boolean", "1 where the session chose among written descriptions of the images, which is another task."
)
_AGAIN = Column(
    "boolean",
    "1 where a finished visit to the study was known in the browser when this one began, 0 where not; people "
    "of a panel are known by their ids and come once.",
    "the visit began before this was noted",
)
_CONDITION = Column("string", "The condition (arm) of the session.", "the study has no conditions")
_TASK = Column("integer", "Number of the trial, from 1, the same for everybody.")
_INDEX = Column("integer", "Place of the trial in the session, from 1.", "unknown")
_CLASS = "the class of that image"
_UNKNOWN_ID = "the image has no id"

ANSWERS: Mapping[str, Column] = {
    "session_id": _SESSION,
    "session_complete": _COMPLETE,
    "described": _DESCRIBED,
    "condition": _CONDITION,
    "trial_index": _INDEX,
    "task_id": _TASK,
    "option_#_class": Column(
        "string", "Class of an image offered, in the study's order, not the screen's.", "the trial has fewer"
    ),
    "option_#_id": Column("string", "The image offered: a stimulus_id.", "the trial has fewer images"),
    "truth_class": Column("string", "Class of the image that the clip was made from."),
    "truth_option": Column("string", "The image that the clip was made from: a stimulus_id.", _UNKNOWN_ID),
    "chosen_class": Column("string", "Class of the image that was chosen."),
    "chosen_option": Column("string", "The image that was chosen: a stimulus_id.", _UNKNOWN_ID),
    "chosen_position": Column(
        "integer", "Place of the chosen image on the screen, from the left, from 0.", "unknown"
    ),
    "correct": Column("boolean", "1 where the chosen image is the one that the clip was made from, else 0."),
    "rt_ms": Column(
        "integer",
        "Milliseconds from the page shown to the answer, by the browser's clock.",
        "the browser did not say",
    ),
    "n_plays": Column("integer", "How often the clip was started.", "unknown"),
    "n_listens": Column("integer", "How often the clip sounded from its beginning to its end.", "unknown"),
    "headphones_passed": Column(
        "boolean",
        "1 where the session passed the headphone check, 0 where not.",
        "the session was not checked",
    ),
    "again": _AGAIN,
}

WIDE: Mapping[str, Column] = {
    "session_id": _SESSION,
    "session_complete": _COMPLETE,
    "described": _DESCRIBED,
    "condition": _CONDITION,
    "n_answered": Column("integer", "How many trials the session answered."),
    "n_correct": Column("integer", "How many of them rightly."),
    "accuracy": Column("number", "n_correct / n_answered."),
    "task_#_chosen": Column("string", "Class chosen in this trial.", "not answered"),
    "task_#_correct": Column("boolean", "1 where the answer to this trial is right, else 0.", "not answered"),
}

COUNTED: Mapping[str, Column] = {
    "session_id": _SESSION,
    "condition": _CONDITION,
    "counted": Column("boolean", "1 where the session is counted in summary.json, else 0."),
    "reason": Column(
        "string",
        "Why not: the first rule that left the session out (configuration/exclusions.json), or described: it "
        "chose among written descriptions.",
        "it is counted",
    ),
}

_REACHED = "not reached"

SESSIONS: Mapping[str, Column] = {
    "session_id": _SESSION,
    "session_complete": _COMPLETE,
    "in_answers": Column(
        "boolean",
        "1 where the session took the study as it is in this package; 0 where it saw other stimuli, as a "
        "pilot of an earlier build: its answers are then not in the table of answers.",
    ),
    "condition": _CONDITION,
    "described": _DESCRIBED,
    "again": _AGAIN,
    "language": Column("string", "Language in which the pages were read."),
    "seed": Column("string", "The seed that all orders of the session follow from; a number of 63 bits."),
    "study_version": Column("integer", "Version of the study that the session began in."),
    "study_hash": Column("string", "SHA-256 of the study as the session saw it."),
    "stimuli_hash": Column("string", "SHA-256 of the stimuli that the session saw."),
    "consent_hash": Column("string", "SHA-256 of the consent text that was agreed to."),
    "n_trials": Column("integer", "Trials laid out for the session."),
    "n_answered": Column("integer", "Trials that it answered."),
    "extensions": Column("integer", "How often more time was asked for."),
    "endings": Column(
        "string",
        "Other ends than the last trial, separated by spaces.",
        "none",
        ("screened_out", "failed_check", "broken"),
        several=True,
    ),
    "started_at": Column("datetime", "When the link was opened, UTC."),
    "consented_at": Column("datetime", "When the consent was given, UTC."),
    "sound_confirmed_at": Column("datetime", "When the sound test was passed, UTC.", _REACHED),
    "instructions_read_at": Column("datetime", "When the instructions were left, UTC.", _REACHED),
    "examples_seen_at": Column("datetime", "When the examples were left, UTC.", _REACHED),
    "practised_at": Column("datetime", "When the practice trial was done, UTC.", _REACHED),
    "rested_at": Column("datetime", "When the rest was left, UTC.", _REACHED),
    "questions_done_at": Column("datetime", "When the questions were left, UTC.", _REACHED),
    "finished_at": Column("datetime", "When the session was finished, UTC.", _REACHED),
}

PRESENTATIONS: Mapping[str, Column] = {
    "session_id": _SESSION,
    "trial_index": _INDEX,
    "task_id": _TASK,
    "screen_order": Column(
        "string", "From left to right the options shown, each as its number in the study's order from 0."
    ),
    "answered_at": Column("datetime", "When the server stored the answer, UTC.", "not answered"),
}

EVENTS: Mapping[str, Column] = {
    "session_id": _SESSION,
    "task_id": Column("integer", "Number of the trial.", "not during a trial"),
    "kind": Column(
        "string",
        "What happened on the page, as the browser reported it; fetched is the server's own word.",
        levels=(
            "shown", "play", "pause", "ended", "error", "hidden", "visible", "offline", "reconnected",
            "fetched",
        ),
    ),
    "client_ms": Column("integer", "Milliseconds since the page was shown.", "unknown"),
    "clip_s": Column("number", "Place in the clip, in seconds.", "no clip concerned"),
    "received_at": Column("datetime", "When the server stored it, UTC."),
}  # fmt: skip

LISTENING: Mapping[str, Column] = {
    "session_id": _SESSION,
    "trial_index": _INDEX,
    "task_id": _TASK,
    "n_plays": Column("integer", "How often the clip was started."),
    "n_listens": Column("integer", "How often it sounded to its end."),
    "heard_s": Column("number", "Seconds for which it sounded."),
    "n_failures": Column("integer", "How often it could not be played."),
    "fetched": Column("boolean", "1 where a page without script fetched the clip, else 0."),
    "n_hidden": Column("integer", "How often the page was hidden by another."),
    "answered": Column("boolean", "1 where the trial was answered, else 0."),
    "language": Column("string", "Language in which the pages were read."),
}

HEADPHONES: Mapping[str, Column] = {
    "session_id": _SESSION,
    "seed": Column("string", "The session's seed, from which the layouts follow."),
    "kind": Column("string", "Kind of check.", levels=("antiphase", "huggins")),
    "outcome": Column("string", "What came of it.", levels=("passed", "failed", "cannot", "unfinished")),
    "reason": Column(
        "string", "Why it could not be done.", "it was done", ("mono", "no_headphones", "other")
    ),
    "attempts": Column("integer", "Attempts begun."),
    "n_right": Column("integer", "Right in the last finished attempt.", "none was finished"),
    "n_needed": Column("integer", "How many right pass the check."),
    "attempt_#_layouts": Column("string", "What was played in each place of the attempt.", "no such attempt"),
    "attempt_#_choices": Column(
        "string", "Chosen places from 1; a question mark where there is no answer.", "no such attempt"
    ),
    "attempt_#_listens": Column(
        "string", "How often each sound was heard to its end, as the page's script told.", "no such attempt"
    ),
}

QUESTIONS: Mapping[str, Column] = {
    "session_id": _SESSION,
    "session_complete": _COMPLETE,
    "question": Column("integer", "Place of the question, from 1."),
    "kind": Column("string", "Kind of answer.", levels=("text", "choice", "scale")),
    "prompt": Column("string", "The question."),
    "required": Column("boolean", "1 where it had to be answered, else 0."),
    "skipped": Column("boolean", "1 where it was not answered, else 0."),
    "code": Column("integer", "Of a choice its number from 0, of a scale the number.", "text, or skipped"),
    "answer": Column("string", "The answer in words.", "skipped"),
}

VISITS: Mapping[str, Column] = {
    "what": Column(
        "string", "What is counted: visits begun, finished, withdrawn or deleted after their time."
    ),
    "count": Column("integer", "How many."),
}

STIMULI: Mapping[str, Column] = {
    "set": Column(
        "integer", "The set of stimuli, from 1; conditions with other music have sets of their own."
    ),
    "stimulus_id": Column("string", "The image's id in its data set."),
    "class": Column("string", "Its class."),
    "role": Column("string", "What it is shown as.", levels=("example", "option")),
    "rank": Column("integer", "1 is the image nearest to its class's centroid."),
    "distance": Column("number", "Distance to the centroid in the latent space."),
    "seconds": Column("number", "How long its clip sounds."),
    "image_sha256": Column("string", "SHA-256 of the image's file."),
    "clip_sha256": Column("string", "SHA-256 of the clip's file."),
    "image_file": Column("string", "The image in this package.", "packed without media"),
    "clip_file": Column("string", "The clip in this package.", "packed without media"),
    "midi_file": Column("string", "The melody in this package.", "packed without media, or none was kept"),
}

TRIALS: Mapping[str, Column] = {
    "set": STIMULI["set"],
    "task_id": _TASK,
    "slot": Column("integer", "Number of the option in the study's order, from 0."),
    "stimulus_id": Column("string", "The image offered."),
    "class": Column("string", "Its class."),
    "is_truth": Column("boolean", "1 where the clip was made from it (or, exchanged, planned about it)."),
}

SETS: Mapping[str, Column] = {
    "set": STIMULI["set"],
    "translator": Column("string", "The model that made the music."),
    "music": Column("string", "Whose music an image has.", levels=("own", "exchanged")),
    "content_hash": Column("string", "SHA-256 over plan, media and model."),
    "conditions": Column("string", "The conditions that play it, one a line.", "the study has no conditions"),
}


def of(columns: Mapping[str, Column], name: str) -> Column:
    """Return what a column means. Raises KeyError for one that is not described."""
    return columns[name] if name in columns else columns[re.sub(r"(?<=_)\d+(?=_)", "#", name)]
