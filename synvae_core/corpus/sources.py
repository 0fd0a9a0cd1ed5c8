"""Where the tune books come from: the corpus folder of the music21 wheel, unpacked but never installed."""

import subprocess
import sys
import zipfile
from pathlib import Path

from synvae_core.data.fetching import data_folder
from synvae_core.errors import SynvaeError

WHEEL = "music21==10.5.1"
BOOKS = ("oneills1850", "airdsAirs", "ryansMammoth")
# "Legal status unclear", non-commercial: only for a researcher's own experiments, never for shipped weights.
ESSEN = "essenFolksong"


class CorpusError(SynvaeError):
    """The tune books could not be found, fetched or read."""


def book_files(book: str) -> list[Path]:
    """The ABC files of a book, unpacked on first use."""
    folder = data_folder() / "tunebooks" / book
    if not (folder / ".complete").exists():
        _unpack(_wheel(), book, folder)
    return sorted(folder.glob("*.abc"))


def _wheel() -> Path:
    """The downloaded wheel; fetched by pip from whatever index this machine uses."""
    folder = data_folder() / "downloads"
    found = sorted(folder.glob("music21-*.whl"))
    if found:
        return found[0]
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), WHEEL]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = sorted(folder.glob("music21-*.whl"))
    if done.returncode or not found:
        raise CorpusError(
            f"The tune books could not be fetched; run 'pip download --no-deps {WHEEL}' on a machine with "
            f"a network and put the .whl file into {folder}."
        )
    return found[0]


def _unpack(wheel: Path, book: str, folder: Path) -> None:
    """Copies one book's ABC files out of the wheel."""
    prefix = f"music21/corpus/{book}/"
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [n for n in archive.namelist() if n.startswith(prefix) and n.endswith(".abc")]
            folder.mkdir(parents=True, exist_ok=True)
            for name in names:
                (folder / Path(name).name).write_bytes(archive.read(name))
    except (zipfile.BadZipFile, OSError) as error:
        raise CorpusError(f"{wheel} cannot be unpacked; delete it and run this again.") from error
    if not names:
        raise CorpusError(f"{wheel} holds no tune book {book}; delete it and run this again.")
    (folder / ".complete").touch()
