"""Why a package is not read."""

from analysis.errors import AnalysisError


class PackageRefused(AnalysisError):
    """This is not a whole, unchanged package; the message names the file and what is wrong with it."""
