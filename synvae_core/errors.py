"""The base of every error that synvae_core raises on purpose, and what pydantic finds wrong, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


class SynvaeError(Exception):
    """Something the user can put right; the message is one sentence that says what to do."""


def faults_of(error: ValidationError, whole: str, *, inside: int = 0) -> str:
    """Each fault behind its key, "model.latent: Field required"; `whole` is the key of the value itself.

    `inside` is how many keys of a place are left out: the one that tells the kinds of a union apart.
    """
    faults = ((fault["loc"][inside:], fault["msg"]) for fault in error.errors())
    return "; ".join(f"{'.'.join(map(str, place)) or whole}: {message}" for place, message in faults)
