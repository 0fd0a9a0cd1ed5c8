"""What can go wrong with a machine's listening, each as a sentence that says what to do."""

from analysis.errors import AnalysisError


class UnreadableMachine(AnalysisError):
    """A file is no machine.json, or a damaged one; the message names the place."""


class OtherStudy(AnalysisError):
    """The machine listened to another study than these answers come from."""
