"""ABC to windows of tokens, through the program abc2midi and MusicVAE's converter."""

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from synvae_core.corpus.abc import Tune, first_bar, plain_abc, plain_body
from synvae_core.corpus.sources import CorpusError
from synvae_core.melody import SECONDS_PER_STEP, STEPS_PER_BAR

if TYPE_CHECKING:
    from note_seq.protobuf.music_pb2 import NoteSequence

_UNEVEN = re.compile(r"Bar (\d+) has")


@dataclass(frozen=True)
class Played:
    """A tune as notes, bar lines at multiples of 16 steps, and the bars whose length is not 16 steps."""

    sequence: "NoteSequence"
    uneven_bars: int


def program() -> str:
    """The path of abc2midi; CorpusError if it is not installed."""
    found = shutil.which("abc2midi")
    if not found:
        raise CorpusError(
            "abc2midi is missing; install it with 'apt-get install abcmidi' and run this again."
        )
    return found


def play(tune: Tune) -> Played | None:
    """The tune's notes with repeats played and the pickup moved to the end of a bar; None if unreadable."""
    body = plain_body(tune)
    with tempfile.TemporaryDirectory(prefix="earsight-abc-") as folder:
        whole, warnings = _convert(plain_abc(tune, body), Path(folder))
        pickup, _ = _convert(plain_abc(tune, first_bar(body)), Path(folder))
    if whole is None or not whole.notes:
        return None
    if pickup is not None:
        _delay(whole, -_end_step(pickup) % STEPS_PER_BAR * SECONDS_PER_STEP)
    return Played(whole, len(set(_UNEVEN.findall(warnings))))


def _convert(abc: str, folder: Path) -> "tuple[NoteSequence | None, str]":
    """What abc2midi makes of one tune, and what it said about it."""
    from note_seq import midi_io

    source, target = folder / "tune.abc", folder / "tune.mid"
    source.write_text(abc)
    target.unlink(missing_ok=True)
    command = [program(), str(source), "-o", str(target), "-NGRA", "-NGUI"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    try:
        return midi_io.midi_file_to_note_sequence(str(target)), done.stdout
    except (midi_io.MIDIConversionError, OSError):
        return None, done.stdout


def _end_step(sequence: "NoteSequence") -> int:
    return round(max([note.end_time for note in sequence.notes], default=0.0) / SECONDS_PER_STEP)


def _delay(sequence: "NoteSequence", seconds: float) -> None:
    """Moves every note later, in place."""
    for note in sequence.notes:
        note.start_time += seconds
        note.end_time += seconds
    sequence.total_time += seconds
