"""How this process asks the system for memory."""

from __future__ import annotations

import ctypes
import os
import sys

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4  # names of glibc's mallopt(3)
_NEVER = 2**31 - 1


def keep_freed_memory() -> None:
    """From now on reuse freed memory instead of giving it back, and ask for it in huge pages.

    A training step takes and frees the same gigabyte each time; having the system clear its pages anew costs
    a fifth to a third of the step. Call it before torch's first tensor. Does nothing without glibc.
    """
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # read by torch
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):
        return
    library.mallopt(_MMAP_MAX, 0)
    library.mallopt(_TRIM_THRESHOLD, _NEVER)
    library.mallopt(_TOP_PAD, 64 * 2**20)
