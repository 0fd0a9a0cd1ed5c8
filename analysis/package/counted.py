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
    judged = judge(inputs.answers, inputs.rules or Rules())
    known = {score.session for review in computed.reviews.values() for score in review.summary.volunteers}
    rows = zip(inputs.answers.sessions, inputs.answers.condition, judged.reason.tolist(), strict=True)
    for session, condition, reason in rows:
        counted = session in known
        why = judged.rules[reason] if reason >= 0 else "described"
        yield line([session, condition or None, int(counted), None if counted else why])
