"""Every number of a package again, from its table of answers alone."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.answers import Answer
from analysis.errors import UnreadableTable
from analysis.exclusions import Rules, rules_from
from analysis.package import manifest as manifests
from analysis.package.errors import PackageRefused
from analysis.package.manifest import Manifest
from analysis.package.numbers import compute, differences
from analysis.package.reading import Package, open_package
from analysis.tables.long_reader import answers_in


@dataclass(frozen=True)
class Recomputed:
    """The numbers, the package they come from, and where the package's own files tell others.

    differs  by file (`summary.json`, ...) the keys whose value is not the one computed here
    """

    numbers: dict[str, Any]
    manifest: Manifest
    differs: dict[str, tuple[str, ...]]

    @property
    def agrees(self) -> bool:
        return not any(self.differs.values())


def recompute(source: Path) -> Recomputed:
    """Check the package in this file and compute its numbers anew.

    Raises PackageRefused as `open_package` does, UnreadableTable and InvalidAnswer for a table of answers
    that can't be.
    """
    with open_package(source) as package:
        answers, rules = answers_of(package), rules_of(package)
        stored = {name: _json(package, name) for name in _COMPARED if name in package}
        manifest = package.manifest
    again = json.loads(json.dumps(compute(answers, rules).files()))
    differs = {name: tuple(differences(content, again[name])) for name, content in stored.items()}
    return Recomputed(again[manifests.SUMMARY], manifest, differs)


def answers_of(package: Package) -> list[Answer]:
    """The answers of a package. Raises UnreadableTable."""
    path = package.manifest.answers
    try:
        text = package.read(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableTable(f"The table {path} is not UTF-8 text.") from error
    return list(answers_in(text))


def rules_of(package: Package) -> Rules | None:
    """The rules of exclusion that the study declared. Raises InvalidRules."""
    if manifests.EXCLUSIONS not in package:
        return None
    try:
        return rules_from(package.read(manifests.EXCLUSIONS).decode())
    except UnicodeDecodeError as error:
        raise PackageRefused(f"{manifests.EXCLUSIONS} is not UTF-8 text.") from error


def recomputed_object(found: Recomputed, name: str) -> dict[str, Any]:
    """The numbers as one JSON object, with `package` telling what they were computed from."""
    manifest = found.manifest
    told = {
        "file": name,
        "study": manifest.title,
        "version": manifest.version,
        "content_hash": manifest.content_hash,
        "mode": manifest.mode,
        "cut_at": manifest.cut_at,
        "answers": manifest.answers,
        "agrees": found.agrees,
        "differs": {file: list(keys) for file, keys in found.differs.items()},
    }
    return {**found.numbers, "package": told}


def report(found: Recomputed, name: str) -> str:
    """What was checked and whether the package's own numbers agree, in sentences."""
    manifest = found.manifest
    files = len(manifest.files)
    lines = [
        f"{name}: “{manifest.title}”, version {manifest.version}, {manifest.mode} sessions.",
        f"The database was read on {manifest.cut_at}.",
        f"All {files} files are as the manifest says.",
    ]
    lines += _headline(found.numbers)
    for file, keys in found.differs.items():
        told = "agrees to the last digit" if not keys else f"differs in {', '.join(keys[:6])}"
        lines.append(f"{file} {told}.")
    return "\n".join(lines) + "\n"


def _headline(numbers: dict[str, Any], of: str = "") -> list[str]:
    if "conditions" in numbers:
        told = [
            line for name, each in numbers["conditions"].items() for line in _headline(each, f" of {name}")
        ]
        return told or [*numbers.get("undefined", {}).values()]
    values = [(key, numbers.get(key)) for key in ("accuracy", "sigma", "sigma_ddof1", "kappa")]
    return [f"{key}{of}: {'undefined' if value is None else value}" for key, value in values]


def _json(package: Package, name: str) -> Any:
    try:
        return json.loads(package.read(name))
    except (ValueError, RecursionError) as error:
        raise PackageRefused(f"{name} in {package.name} is not JSON: {error}.") from error


_COMPARED = (manifests.SUMMARY, manifests.REVIEW)
