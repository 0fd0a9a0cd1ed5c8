"""Freed memory is used again without the system's help."""

from __future__ import annotations

import subprocess
import sys

import pytest

FAULTS = """
import resource
from synvae_core.memory import keep_freed_memory
{keep}
def touch():
    block = bytearray(b"x") * (64 * 2**20)
touch()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
touch()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(keep: str) -> int:
    """The pages that a process must ask for when it takes 64 MiB a second time."""
    program = [sys.executable, "-c", FAULTS.format(keep=keep)]
    return int(subprocess.run(program, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc's memory can be kept")
def test_memory_taken_again_costs_no_page_faults() -> None:
    kept = faults("keep_freed_memory()")
    assert kept < 10
    assert kept < faults("")
