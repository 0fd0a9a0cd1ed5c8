"""A picture of a model as one page: what it sees, plays and hears, its latent spaces, its training.

`write_report` makes `index.html` and a folder beside it; both work from a disk, without network.
"""

from synvae_core.report.folder import ReportError, check_folder
from synvae_core.report.history import check_run
from synvae_core.report.writing import Subject, work, write_report

__all__ = ["ReportError", "Subject", "check_folder", "check_run", "work", "write_report"]
