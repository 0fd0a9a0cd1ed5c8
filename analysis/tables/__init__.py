"""Answers and numbers as files: tidy CSV for R and pandas, one JSON object for machines."""

from analysis.tables.long import long_csv, long_csv_lines, read_long_csv
from analysis.tables.review_json import review_json
from analysis.tables.summary_json import summary_json, summary_object
from analysis.tables.trials import trials_csv
from analysis.tables.wide import wide_csv

__all__ = [
    "long_csv",
    "long_csv_lines",
    "read_long_csv",
    "review_json",
    "summary_json",
    "summary_object",
    "trials_csv",
    "wide_csv",
]
