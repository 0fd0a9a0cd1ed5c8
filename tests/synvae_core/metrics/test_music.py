"""Onsets found again and notes a bar."""

from __future__ import annotations

import numpy as np
import pytest

from synvae_core.metrics.music import NoNotes, density_ratio, notes_per_bar, onset_accuracy


def test_an_onset_counts_when_its_pitch_and_its_step_are_right() -> None:
    true = np.array([[40, 0, 1, 42], [44, 0, 0, 45]])
    decoded = np.array([[40, 42, 0, 43], [0, 44, 0, 45]])
    assert onset_accuracy(true, decoded) == 2 / 4


def test_holds_and_note_offs_do_not_count() -> None:
    true = np.array([[40, 0, 1, 0]])
    assert onset_accuracy(true, np.array([[40, 1, 0, 1]])) == 1.0
    assert onset_accuracy(true, np.array([[41, 0, 1, 0]])) == 0.0


def test_notes_a_bar_are_onsets_in_sixteen_steps() -> None:
    tokens = np.zeros((2, 32), dtype=np.uint8)
    tokens[0, ::4] = 60
    tokens[:, 1] = 1
    assert notes_per_bar(tokens) == 2.0
    assert density_ratio(tokens[:1], tokens) == 2.0


def test_silence_cannot_be_compared_with() -> None:
    silent, played = np.zeros((1, 16), dtype=np.int64), np.full((1, 16), 50)
    with pytest.raises(NoNotes, match="have no notes"):
        onset_accuracy(silent, played)
    with pytest.raises(NoNotes, match="have no notes"):
        density_ratio(played, silent)
    assert density_ratio(silent, played) == 0.0
