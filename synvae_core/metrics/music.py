"""Metrics of melodies, given as tokens (N, T): 0 hold, 1 note-off, 2 and above the onset of a pitch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synvae_core.errors import SynvaeError
from synvae_core.melody.vocabulary import FIRST_ONSET, STEPS_PER_BAR

Tokens = NDArray[np.integer]


class NoNotes(SynvaeError):
    """A share of notes was asked for where there are none."""


def onset_accuracy(true: Tokens, decoded: Tokens) -> float:
    """Share of the true melodies' onsets that are decoded with the right pitch at the right step.

    Both (N, T). Raises NoNotes when the true melodies are silent.
    """
    onsets = np.asarray(true) >= FIRST_ONSET
    if not onsets.any():
        raise NoNotes("The melodies to compare with have no notes; give others.")
    return float((true == decoded)[onsets].mean())


def notes_per_bar(tokens: Tokens) -> float:
    """Mean number of onsets in a bar of 16 steps; tokens (N, T)."""
    return float((np.asarray(tokens) >= FIRST_ONSET).mean() * STEPS_PER_BAR)


def density_ratio(tokens: Tokens, reference: Tokens) -> float:
    """Notes a bar over those of the reference: 1 when equally busy. Raises NoNotes for a silent reference."""
    expected = notes_per_bar(reference)
    if expected == 0:
        raise NoNotes("The melodies to compare with have no notes; give others.")
    return notes_per_bar(tokens) / expected
