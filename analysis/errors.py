"""What can go wrong with answers, tables and figures, each as a sentence that says what to do."""


class AnalysisError(Exception):
    """Base of every error of this package; its message is for the analyst."""


class InvalidAnswer(AnalysisError):
    """An answer contradicts itself, its trial or its session; the message names the row."""


class NoAnswers(AnalysisError):
    """Nothing is left to summarise."""


class UnreadableTable(AnalysisError):
    """A file is not a long table of answers; the message names the line and the column."""


class FigureError(AnalysisError):
    """A figure can't be drawn or saved as asked."""
