"""Writing a package: everything is read in one moment of the database, and every table is counted.

A package holds the sessions of one mode. A table with fewer or more rows than the database counts in the
same moment ends the work: no row is left out in silence.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from study.domain import declared, machine, order_files
from study.domain.media import MediaMissing
from study.domain.packing import (
    answers,
    cards,
    configuration,
    figures,
    inputs,
    naming,
    pages,
    report,
    scripts,
    stimuli,
    tables,
)
from study.domain.packing.bundle import Bundle, Written
from study.domain.packing.codebook import Described, codebook_lines, datapackage, dataset_description
from study.domain.packing.snapshot import Snapshot, snapshot
from study.domain.packing.tables import Table
from study.errors import EarsightError
from study.models import Study

if TYPE_CHECKING:
    from analysis.matrix import AnswerMatrix

FORMAT = "earsight.package/1"
Report = Callable[[str, int, int], None]
EACH = 500  # rows between two looks whether the work is still wanted


class PackageIncomplete(EarsightError):
    """A table of the package has not the rows that the database counts; nothing was packed."""

    status = 500


@dataclass
class Packing:
    """One package on its way."""

    study: Study
    mode: str
    with_media: bool
    bundle: Bundle
    moment: Snapshot
    report: Report
    described: list[Described] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def table(self, path: str, table: Table) -> Written:
        """Add a table and compare its rows with the database's count.

        Raises:
            PackageIncomplete: where they differ.
        """
        expected = table.expected()
        written = self.bundle.table(path, self._watched(table, expected))
        if written.rows != expected:
            raise PackageIncomplete(
                f"The table {path} has {written.rows} rows, but the database counts {expected}; nothing was "
                "packed. Try again, and tell the server’s operator if it stays so."
            )
        self._describe(written, table)
        return written

    def say(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Report where the work stands, in the present.

        Raises:
            whatever the report raises when the work is no longer wanted.
        """
        with self.moment.aside():
            self.report(stage, done, total)

    def _watched(self, table: Table, expected: int) -> Iterator[str]:
        stage = f"Reading {table.name or 'answers'}"
        for number, line in enumerate(table.lines()):
            if number % EACH == 0:
                self.say(stage, min(number, expected), expected)
            yield line

    def _describe(self, written: Written, table: Table) -> None:
        header = tuple(table.header) if table.header else tuple(table.columns)
        self.described.append(Described(written, table.title, header, table.columns, table.key))


def write(study: Study, mode: str, file: IO[bytes], *, with_media: bool, report: Report) -> dict[str, Any]:
    """Write the package of a study's sessions of one mode into an empty file; return its manifest.

    Raises:
        PackageIncomplete: where a table and the database disagree. Whatever `report` raises.
    """
    with snapshot() as moment:
        now = Study.objects.select_related("stimuli", "owner").get(pk=study.pk)
        packing = Packing(now, mode, with_media, Bundle.into(file), moment, report)
        try:
            return _pack(packing)
        finally:
            packing.bundle.close()


def _pack(packing: Packing) -> dict[str, Any]:
    study, mode, names = packing.study, packing.mode, naming.of(packing.study, packing.mode)
    counts = answers.left_out(study, mode)
    with tempfile.TemporaryDirectory() as folder:
        given = _answers(packing, names, Path(folder) / "answers.csv")
    packing.table(names.table("wide", of_trials=True), answers.wide(study, mode, given))
    for table in (*tables.all_of(study, mode), *stimuli.tables(study, with_media=packing.with_media)):
        packing.table(names.table(table.name), table)
    _configuration(packing)
    if packing.with_media:
        _media(packing)
    _numbers(packing, names, given)
    _descriptions(packing, names, counts)
    manifest = _manifest(packing, names.table(""), counts)
    packing.bundle.add("manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
    return manifest


def _answers(packing: Packing, names: naming.Names, draft: Path) -> AnswerMatrix:
    """Add the table of answers and lay out what was written: all numbers come from the table itself."""
    from analysis.matrix import to_matrix
    from analysis.tables.long_reader import answers_from

    table = answers.long(packing.study, packing.mode)
    packing.table(names.table(""), answers.kept(table, draft))
    with draft.open(encoding="utf-8", newline="") as file:
        return to_matrix(answers_from(file))


def _configuration(packing: Packing) -> None:
    study, add = packing.study, packing.bundle.add
    packing.say("Writing down the study")
    add("configuration/study.json", configuration.study_json(study))
    add("configuration/consents.json", configuration.consents_json(study))
    if plan := configuration.plan_json(study):
        add("configuration/plan.json", plan)
    chunks = order_files.orders_chunks(study, packing.mode)
    packing.bundle.stream("configuration/orders.json", (chunk.encode() for chunk in chunks))
    for path, text in cards.of(configuration.models_used(study)):
        add(path, text)
    _machine(packing)


def _machine(packing: Packing) -> None:
    """Add how machine listeners took each set of stimuli, where they did."""
    for number, made in enumerate(stimuli.sets(packing.study), start=1):
        path = "machine.json" if number == 1 else f"machine-set-{number}.json"
        try:
            packing.bundle.add(path, machine.content(made))
        except machine.NotHeard:
            continue
        except MediaMissing:
            packing.missing.append(path)


def _media(packing: Packing) -> None:
    files = list(stimuli.media_files(packing.study))
    for done, file in enumerate(files):
        packing.say("Packing pictures and music", done, len(files))
        try:
            packing.bundle.stream(file.path, file.chunks())
        except MediaMissing:
            packing.missing.append(file.path)


def _numbers(packing: Packing, names: naming.Names, given: AnswerMatrix) -> None:
    """Add everything that is computed from the table of answers, as whoever has the package computes it."""
    from analysis.package.numbers import as_text, compute

    study, add = packing.study, packing.bundle.add
    packing.say("Computing the numbers")
    read = inputs.inputs(study, packing.mode, given)
    computed = compute(read)
    for name, content in computed.files().items():
        add(name, as_text(content))
    add("configuration/exclusions.json", declared.rules(study).to_json())
    packing.table(names.table("counted"), answers.counted(study, packing.mode, read, computed))
    drawn = []
    for figure in figures.drawn(study, read, computed):
        packing.say("Drawing the figures")
        drawn.append(figure)
        for kind, content_ in figure.files.items():
            add(f"{figure.stem}.{kind}", content_)
    add("figures/figures.json", figures.listing(drawn))
    add("report.html", report.html(study, packing.mode, packing.moment.cut_at, computed, drawn))
    add("analysis.R", scripts.r_script())
    add("analysis.ipynb", scripts.notebook())


def _descriptions(packing: Packing, names: naming.Names, left_out: dict[str, int]) -> None:
    study, described, cut_at = packing.study, packing.described, naming.moment(packing.moment.cut_at)
    about = pages.about(study, packing.mode, cut_at)
    lines = codebook_lines(described)
    packing.bundle.add("codebook.csv", "".join(lines))
    facts = pages.facts(study, cut_at)
    packing.bundle.add("dataset_description.json", dataset_description(study.title, about, described, facts))
    packing.bundle.add(
        "datapackage.json",
        datapackage(
            names.stem.lower(),
            study.title,
            about,
            described,
            {"created": cut_at, "mode": packing.mode, "left_out": left_out},
        ),
    )
    packing.bundle.add("README.md", pages.readme(study, about, packing.missing))


def _manifest(packing: Packing, table: str, left_out: dict[str, int]) -> dict[str, Any]:
    study = packing.study
    return {
        "format": FORMAT,
        "study": {
            "title": study.title,
            "code": study.code,
            "version": study.version,
            "status": study.status,
            "content_hash": study.content_hash,
        },
        "mode": packing.mode,
        "cut_at": naming.moment(packing.moment.cut_at),
        "answers": table,
        "media": packing.with_media,
        "left_out": left_out,
        "missing_files": packing.missing,
        "files": [_entry(file) for file in packing.bundle.files],
    }


def _entry(file: Written) -> dict[str, Any]:
    entry: dict[str, Any] = {"path": file.path, "bytes": file.size, "sha256": file.sha256}
    return entry | ({"rows": file.rows} if file.rows is not None else {})
