"""The table that says which sessions the numbers count, and why not the others."""

from collections.abc import Iterator

from analysis.exclusions import Rules, judge
from analysis.package.inputs import Inputs
from analysis.package.numbers import Computed
from analysis.tables.cells import line

COLUMNS = ("session_id", "condition", "counted", "reason")


def counted_lines(inputs: Inputs, computed: Computed) -> Iterator[str]:
    """The table line by line, header first, in the order of the table of answers."""
    yield line(COLUMNS)
    sessions = inputs.answers.sessions
    reasons = judge(inputs.answers, inputs.rules or Rules()).reasons(sessions)
    known = {score.session for review in computed.reviews.values() for score in review.summary.volunteers}
    for session, condition in zip(sessions, inputs.answers.condition, strict=True):
        counted = session in known
        why = None if counted else reasons.get(session, "described")
        yield line([session, condition or None, int(counted), why])
