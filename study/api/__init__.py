"""The HTTP API: a volunteer's answers, a researcher's results, and the media."""
