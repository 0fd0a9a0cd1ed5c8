"""Opaque public names: what the outside sees in place of a row's number."""

import re
import secrets

READABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken for something else


def study_code() -> str:
    """Return a code for a study's public link: 59 random bits that can be read out and typed."""
    return "".join(secrets.choice(READABLE) for _ in range(12))


def capability() -> str:
    """Return an unguessable token: whoever holds it may use the row that it names (144 random bits)."""
    return secrets.token_urlsafe(18)


def resume_code() -> str:
    """Return a volunteer's personal code: 79 random bits that can be typed on another device."""
    return "".join(secrets.choice(READABLE) for _ in range(16))


def in_groups(code: str) -> str:
    """Return a code in groups of four, as people copy it: abcd-efgh-jkmn-pqrs."""
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


def study_seed() -> int:
    """Return a fresh seed for a plan, small enough to be typed from a paper."""
    return secrets.randbelow(2**31)


def session_seed() -> int:
    """Return a fresh seed for one session's orders; 63 bits, so that two sessions never share one."""
    return secrets.randbelow(2**63)


def is_token(text: str) -> bool:
    """Return whether this could be a token of ours; a database need not be asked about anything else."""
    return re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text) is not None
