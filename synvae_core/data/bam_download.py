"""From the released SQLite file to a folder in the authors' form; may be stopped, is resumed by repeating."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import yaml
from PIL import Image, UnidentifiedImageError

from synvae_core.data.bam import IMAGES, LABELS, MIDS, MODULES
from synvae_core.data.bam_settings import SETTINGS_FILE, BamSettings
from synvae_core.data.bam_sqlite import Module, Selection, select
from synvae_core.data.image_set import DataError
from synvae_core.data.pictures import UnreadablePicture, decode
from synvae_core.data.polite import Getter, Manners, Stopped, Unavailable
from synvae_core.files import whole_file

FAILURES = "failures.csv"
FAILURE_COLUMNS = ("mid", "src", "reason", "for_good")
WAITING = 2  # pictures for each connection that may wait to be unpacked

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Downloaded:
    """How far a download has come: images that are there, that are gone for good, and that may come yet."""

    folder: Path
    there: int
    gone: int
    left: int


def download(
    database: Path, folder: Path, settings: BamSettings | None = None, *, progress: Progress | None = None
) -> Downloaded:
    """Makes or completes a BAM folder: settings, labels, and each image with its short side scaled down.

    What is there already is kept, what is gone for good is not asked for again; both kinds of failure are
    listed in failures.csv. `progress` is told (images settled, all). Ctrl-C leaves a folder that can be used
    and completed. Raises DataError when the database or the folder cannot be used.
    """
    settings = settings or BamSettings()
    selection = select(database, settings)
    _describe(folder, selection, settings)
    gone = _gone(folder / FAILURES)
    wanted = [m for m in selection.modules if m.mid not in gone and not _path(folder, m).is_file()]
    settled = len(selection.modules) - len(wanted)
    known = [m for m in selection.modules if m.mid in gone]
    with (
        _failures(folder / FAILURES, known, gone) as note,
        closing(_outcomes(wanted, settings.download)) as outcomes,
    ):
        for number, (module, outcome) in enumerate(outcomes, start=settled + 1):
            _keep(folder, module, outcome, settings, note)
            if progress:
                progress(number, len(selection.modules))
    return _counted(folder, selection)


def _describe(folder: Path, selection: Selection, settings: BamSettings) -> None:
    """Writes all that is known before the first image comes."""
    told = yaml.safe_dump(settings.model_dump(mode="json"), sort_keys=False)
    _write(folder / SETTINGS_FILE, f"# What each key means is told in docs/data.md.\n{told}".encode())
    for name, values in ((MIDS, selection.mids), (LABELS, selection.labels)):
        with whole_file(folder / name) as file:
            np.save(file, values, allow_pickle=False)
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["mid", "project_id", "src", "license"])
    rows.writerows([m.mid, m.project_id, m.src, m.license] for m in selection.modules)
    _write(folder / MODULES, text.getvalue().encode(errors="surrogateescape"))
    (folder / IMAGES).mkdir(exist_ok=True)


def _write(path: Path, content: bytes) -> None:
    with whole_file(path) as file:
        file.write(content)


def _path(folder: Path, module: Module) -> Path:
    return folder / IMAGES / f"{module.mid}.jpg"


Outcome = bytes | Unavailable


def _outcomes(modules: list[Module], manners: Manners) -> Generator[tuple[Module, Outcome], None, None]:
    """Each module with its picture's file or why there is none, as they come, a few at a time in memory."""
    stopped = threading.Event()
    getter = Getter(manners, stopped)
    left = iter(modules)
    with ThreadPoolExecutor(manners.connections) as pool:
        try:
            asked = {
                pool.submit(_outcome, getter, module): module
                for module in islice(left, manners.connections * WAITING)
            }
            while asked:
                done, _ = wait(asked, return_when=FIRST_COMPLETED)
                for future in done:
                    yield asked.pop(future), _result(future)
                asked |= {pool.submit(_outcome, getter, module): module for module in islice(left, len(done))}
        finally:  # whether all is done or the caller wants no more
            stopped.set()
            pool.shutdown(cancel_futures=True)


def _outcome(getter: Getter, module: Module) -> Outcome:
    try:
        return getter.get(module.src)
    except Unavailable as reason:
        return reason


def _result(future: Future[Outcome]) -> Outcome:
    try:
        return future.result()
    except Stopped:  # cannot be seen by a caller that has stopped asking
        return Unavailable("it was stopped", for_good=False)


Note = Callable[[Module, str, bool], None]


def _keep(folder: Path, module: Module, outcome: Outcome, settings: BamSettings, note: Note) -> None:
    if isinstance(outcome, Unavailable):
        note(module, str(outcome), outcome.for_good)
        return
    side = settings.side
    try:
        picture = Image.fromarray(decode(io.BytesIO(outcome), (side, side, 3), "short_side"))
    except UnreadablePicture as error:
        # What was cut short without anyone noticing may come whole another time.
        note(module, str(error), isinstance(error.__cause__, UnidentifiedImageError))
        return
    with whole_file(_path(folder, module)) as file:
        picture.save(file, "JPEG", quality=settings.quality, subsampling=0)


def _gone(path: Path) -> dict[int, str]:
    """The images that an earlier run found to be gone for good, and why."""
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
            return {int(row["mid"]): row["reason"] for row in rows if row["for_good"] == "yes"}
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, ValueError, TypeError) as error:
        raise DataError(
            f"{path} cannot be read ({error!r}); delete it, and all is asked for again."
        ) from error


@contextmanager
def _failures(path: Path, gone: list[Module], reasons: dict[int, str]) -> Iterator[Note]:
    """A way to note failures, each at once on the disk, after those that are for good."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(FAILURE_COLUMNS)
    rows.writerows([m.mid, m.src, reasons[m.mid], "yes"] for m in gone)
    _write(path, text.getvalue().encode(errors="surrogateescape"))
    with path.open("a", encoding="utf-8", errors="surrogateescape", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")

        def note(module: Module, reason: str, for_good: bool) -> None:
            writer.writerow([module.mid, module.src, " ".join(reason.split()), "yes" if for_good else "no"])
            file.flush()

        yield note


def _counted(folder: Path, selection: Selection) -> Downloaded:
    there = sum(_path(folder, module).is_file() for module in selection.modules)
    gone = len(_gone(folder / FAILURES))
    return Downloaded(folder, there, gone, len(selection.modules) - there - gone)
