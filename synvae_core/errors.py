"""The base of every error that synvae_core raises on purpose."""


class SynvaeError(Exception):
    """Something the user can put right; the message is one sentence that says what to do."""
