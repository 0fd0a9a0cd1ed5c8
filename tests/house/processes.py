"""Questions about processes that several tests ask."""

from pathlib import Path


def is_alive(pid: int) -> bool:
    """False for a process that has ended, also when nobody has collected its exit status yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
