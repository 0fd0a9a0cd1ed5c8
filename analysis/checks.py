"""Which answers can't be: refused with the row, the session and the trial named."""

from analysis.answers import Answer
from analysis.errors import InvalidAnswer


def check_alone(answer: Answer, row: int) -> None:
    """Refuse an answer that contradicts itself; `row` counts from 1.

    Raises InvalidAnswer.
    """
    for complaint in (_naming(answer), _options(answer), _numbers(answer)):
        if complaint:
            refuse(answer, row, complaint)


def check_against(first: Answer, answer: Answer, row: int) -> None:
    """Refuse an answer whose trial has another truth or other options than in an earlier answer."""
    if answer.truth != first.truth:
        refuse(answer, row, f"the truth is '{answer.truth}' here but '{first.truth}' in an earlier answer.")
    if answer.options == first.options and answer.option_ids == first.option_ids:
        return
    if set(answer.options) != set(first.options):
        refuse(
            answer, row, f"the options are {_listed(answer)} here but {_listed(first)} in an earlier answer."
        )
    if _pictures(answer) != _pictures(first):
        refuse(answer, row, "the options show other images here than in an earlier answer.")


def check_session(first: Answer, answer: Answer, row: int) -> None:
    """Refuse an answer that says of its session what an earlier answer of it denies."""
    if answer.session_complete != first.session_complete:
        refuse(answer, row, "the session is finished in one answer and unfinished in another.")
    if answer.described != first.described:
        refuse(answer, row, "the session has images in one answer and descriptions in another.")
    if answer.condition != first.condition:
        refuse(answer, row, "the session is of one condition in one answer and of another in another.")
    if answer.headphones is not first.headphones:
        refuse(answer, row, "the session passed the headphone check in one answer and not in another.")
    if answer.again is not first.again:
        refuse(answer, row, "the session is a first visit in one answer and not in another.")


def refuse(answer: Answer, row: int, complaint: str) -> None:
    """Raise InvalidAnswer with the place of the answer before the complaint."""
    raise InvalidAnswer(f"Answer {row} (session {answer.session}, trial {answer.trial}): {complaint}")


def _naming(answer: Answer) -> str | None:
    if not answer.session:
        return "the session has no name."
    if not all(answer.options):
        return "an option has no class name."
    return None


def _options(answer: Answer) -> str | None:
    options = answer.options
    if len(options) < 2:
        return "a trial needs at least two options."
    if len(set(options)) < len(options):
        return f"a class is twice among the options {_listed(answer)}."
    if answer.option_ids and len(answer.option_ids) != len(options):
        return f"{len(answer.option_ids)} option ids for {len(options)} options."
    for role, name in (("truth", answer.truth), ("choice", answer.choice)):
        if name not in options:
            return f"the {role} '{name}' is not one of the options {_listed(answer)}."
    return None


def _numbers(answer: Answer) -> str | None:
    if answer.position is not None and not 0 <= answer.position < len(answer.options):
        return f"screen position {answer.position}, but places run from 0 to {len(answer.options) - 1}."
    if answer.order is not None and answer.order < 1:
        return f"place {answer.order} in the session, but places count from 1."
    for name, number in (
        ("response time", answer.response_ms),
        ("number of plays", answer.plays),
        ("number of listens", answer.listens),
    ):
        if number is not None and number < 0:
            return f"the {name} is {number}, below zero."
    return None


def _pictures(answer: Answer) -> dict[str, str]:
    """Class -> image id: the same for every order in which the options may be listed."""
    ids = answer.option_ids or ("",) * len(answer.options)
    return dict(zip(answer.options, ids, strict=True))


def _listed(answer: Answer) -> str:
    return ", ".join(f"'{name}'" for name in answer.options)
