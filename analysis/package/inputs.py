"""What the numbers of a package are computed from, and how it is read from the package's own files."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO, TextIOWrapper
from typing import Any

from analysis.arrivals import Arrivals
from analysis.errors import UnreadableTable
from analysis.exclusions import Rules, rules_from
from analysis.machine.document import Machine
from analysis.machine.files import read_machine
from analysis.matrix import AnswerMatrix, to_matrix
from analysis.package import manifest as manifests
from analysis.package.errors import PackageRefused
from analysis.package.reading import Package
from analysis.sequential import NO_RULE, OF_A_PART, OF_CONDITIONS, Declared, Looks
from analysis.tables.cells import unguarded
from analysis.tables.long_reader import answers_from
from analysis.values import Undefined

_SENT_AWAY = {"screened_out", "failed_check"}
Row = dict[str, str]


@dataclass(frozen=True)
class Inputs:
    """What numbers follow from.

    order       the conditions as the study lists them; none where it has none
    arrivals    by condition who came before the first answer, where that is known
    sequential  the rule declared before the data by which the study may end early, or why there is none
    machines    by condition how machine listeners took the music that it plays, where they did
    """

    answers: AnswerMatrix
    rules: Rules | None = None
    order: tuple[str, ...] = ()
    arrivals: Mapping[str, Arrivals] = field(default_factory=dict)
    sequential: Declared | Undefined = NO_RULE
    machines: Mapping[str, Machine] = field(default_factory=dict)


def inputs_of(package: Package) -> Inputs:
    """What a package's numbers are computed from.

    Raises UnreadableTable and InvalidAnswer for a table of answers that can't be, InvalidRules,
    UnreadableMachine, and PackageRefused for any other file that can't be used.
    """
    study, sessions = study_of(package), list(rows_of(package, "sessions"))
    order = tuple(str(arm["name"]) for arm in study.get("parts", {}).get("conditions", []))
    taken = [row for row in sessions if row["in_answers"] == "1"]
    return Inputs(
        answers=answers_of(package),
        rules=rules_from(_text(package, manifests.EXCLUSIONS), manifests.EXCLUSIONS),
        order=order,
        arrivals={name: _arrivals(taken, name) for name in order or ("",)},
        sequential=_sequential(package, study, taken, order),
        machines=dict(_machines(package, order)),
    )


def answers_of(package: Package) -> AnswerMatrix:
    """The answers of a package, read row by row. Raises UnreadableTable."""
    path = package.manifest.answers
    try:
        with package.open(path) as file:
            return to_matrix(answers_from(TextIOWrapper(file, "utf-8-sig", newline="")))
    except UnicodeDecodeError as error:
        raise UnreadableTable(f"The table {path} is not UTF-8 text.") from error


def study_of(package: Package) -> dict[str, Any]:
    """The study's configuration as it was frozen. Raises PackageRefused."""
    found = json_of(package, manifests.STUDY)
    if not isinstance(found, dict) or not isinstance(found.get("configuration"), dict):
        raise PackageRefused(f"{manifests.STUDY} in {package.name} does not hold a study's configuration.")
    return found


def rows_of(package: Package, name: str) -> Iterator[Row]:
    """The rows of the table with this description, as text. Raises PackageRefused where there is none."""
    text = _text(package, path_of(package, name))
    for row in csv.DictReader(StringIO(text, newline="")):
        yield {column: unguarded(cell or "") for column, cell in row.items() if column}


def path_of(package: Package, name: str) -> str:
    """The path of the table with this description. Raises PackageRefused where there is none."""
    for path in package.manifest.entry_of:
        if path.endswith(f"_description-{name}_data.csv"):
            return path
    raise PackageRefused(f"{package.name} is not whole: it lacks the table of {name}.")


def json_of(package: Package, path: str) -> Any:
    """A file of JSON. Raises PackageRefused."""
    try:
        return json.loads(package.read(path))
    except RecursionError as error:
        raise PackageRefused(f"{path} in {package.name} is nested too deeply to be read.") from error
    except ValueError as error:
        raise PackageRefused(f"{path} in {package.name} is not JSON: {error}.") from error


def _text(package: Package, path: str) -> str:
    try:
        return package.read(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PackageRefused(f"{path} in {package.name} is not UTF-8 text.") from error


def _arrivals(taken: list[Row], condition: str) -> Arrivals:
    came = [row for row in taken if row["described"] == "0" and row["condition"] == condition]
    gave = [int(row["n_answered"]) > 0 for row in came]
    sent = [bool(_SENT_AWAY & set(row["endings"].split())) for row in came]
    seen = [row["examples_seen_at"] != "" for row in came]
    return Arrivals(
        consented=len(came),
        screened_out=sum(away and not any_ for away, any_ in zip(sent, gave, strict=True)),
        began=sum(any_ or (on and not away) for any_, away, on in zip(gave, sent, seen, strict=True)),
    )


def _sequential(
    package: Package, study: dict[str, Any], taken: list[Row], order: tuple[str, ...]
) -> Declared | Undefined:
    said = study["configuration"]
    if not said.get("stopping_rule") or said.get("planned_volunteers") is None:
        return NO_RULE
    if len(order) > 1:
        return OF_CONDITIONS
    if package.manifest.mode != "live":
        return OF_A_PART
    ended = [row for row in taken if row["finished_at"]]
    ended.sort(key=lambda row: (row["finished_at"], int(row["session_id"].removeprefix("s"))))
    rule = Looks(said["planned_volunteers"], said["looks"], said["stopping_rule"])
    return Declared(rule, tuple(row["session_id"] for row in ended))


def _machines(package: Package, order: tuple[str, ...]) -> Iterator[tuple[str, Machine]]:
    if not order:
        played = {"": "1"}
    else:
        played = {
            name: row["set"] for row in rows_of(package, "sets") for name in row["conditions"].split("\n")
        }
    for condition, number in played.items():
        path = "machine.json" if number == "1" else f"machine-set-{number}.json"
        if path in package and (condition in order or not order):
            yield condition, read_machine(package.read(path))
