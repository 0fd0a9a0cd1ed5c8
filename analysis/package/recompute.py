"""Every number of a package again, from its table of answers and what was declared before it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from analysis.package import manifest as manifests
from analysis.package.consistency import check_study
from analysis.package.counted import counted_lines
from analysis.package.inputs import Inputs, inputs_of, json_of, path_of
from analysis.package.manifest import Manifest
from analysis.package.numbers import Computed, compute, differences
from analysis.package.reading import Package, open_package
from analysis.tables.wide import wide_csv_lines

NAMED = ("accuracy", "accuracy_interval", "sigma", "sigma_ddof1", "kappa", "per_trial", "per_class")
MOST_NAMED = 6


@dataclass(frozen=True)
class Recomputed:
    """The numbers, the package they come from, and where the package's own files tell others.

    files    the content of `summary.json` and the other files of numbers, computed here
    differs  by file the keys, or the lines of a table, that are not what is computed here
    sha256   of the whole package, to be held against what its maker published
    gives_hash  whether the study's content hash follows from the package's configuration of it
    """

    files: dict[str, dict[str, Any]]
    manifest: Manifest
    differs: dict[str, tuple[str, ...]]
    sha256: str
    gives_hash: bool

    @property
    def numbers(self) -> dict[str, Any]:
        """The summary."""
        return self.files[manifests.SUMMARY]

    @property
    def agrees(self) -> bool:
        return not any(self.differs.values())


def recompute(source: Path) -> Recomputed:
    """Check the package in this file and compute its numbers anew.

    Raises PackageRefused as `open_package` and `check_study` do, and as `inputs_of` does.
    """
    with open_package(source) as package:
        inputs = inputs_of(package)
        gives_hash = check_study(package, inputs.rules)
        computed = compute(inputs)
        again = json.loads(json.dumps(computed.files()))
        differs = _numbers(package, again) | _tables(package, inputs, computed)
        manifest = package.manifest
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Recomputed(again, manifest, differs, digest, gives_hash)


def _numbers(package: Package, again: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Every file of numbers, those that should not be there or are missing too."""
    files = (manifests.SUMMARY, manifests.REVIEW, manifests.COMPARISON, manifests.MACHINES)
    return {
        name: tuple(differences(json_of(package, name) if name in package else None, again.get(name)))
        for name in files
        if name in package or name in again
    }


def _tables(package: Package, inputs: Inputs, computed: Computed) -> dict[str, tuple[str, ...]]:
    """The tables that follow from the answers."""
    wide, counted = path_of(package, "wide"), path_of(package, "counted")
    return {
        wide: _other_lines(package, wide, wide_csv_lines(inputs.answers)),
        counted: _other_lines(package, counted, counted_lines(inputs, computed)),
    }


def _other_lines(package: Package, path: str, again: Iterable[str]) -> tuple[str, ...]:
    stored = package.read(path).splitlines(keepends=True)
    computed = "".join(again).encode().splitlines(keepends=True)
    pairs = enumerate(zip_longest(stored, computed), start=1)
    return tuple(f"line {number}" for number, (one, other) in pairs if one != other)


def recomputed_object(found: Recomputed, name: str) -> dict[str, Any]:
    """The numbers as one JSON object: the summary, `review` and, where there are, both comparisons.

    `package` tells what they were computed from. Where no single number stands for the study, the named keys
    are null, and `undefined` says why.
    """
    manifest = found.manifest
    told = {
        "file": name,
        "sha256": found.sha256,
        "study": manifest.title,
        "version": manifest.version,
        "content_hash": manifest.content_hash,
        "content_hash_derived": found.gives_hash,
        "mode": manifest.mode,
        "cut_at": manifest.cut_at,
        "answers": manifest.answers,
        "agrees": found.agrees,
        "differs": {file: list(keys) for file, keys in found.differs.items()},
    }
    others = {file.removesuffix(".json"): content for file, content in found.files.items()}
    del others["summary"]
    return {**_named(found.numbers), **others, "package": told}


def _named(numbers: dict[str, Any]) -> dict[str, Any]:
    if "conditions" not in numbers:
        return numbers
    reason = numbers["undefined"].get("") or "Conditions are counted apart: see `conditions`."
    undefined = numbers["undefined"] | dict.fromkeys(NAMED, reason)
    return {**dict.fromkeys(NAMED), **numbers, "undefined": undefined}


def some(keys: tuple[str, ...]) -> str:
    """The first of many keys, and how many more there are."""
    more = f" and {len(keys) - MOST_NAMED} more" if len(keys) > MOST_NAMED else ""
    return f"{', '.join(keys[:MOST_NAMED])}{more}"


def report(found: Recomputed, name: str) -> str:
    """What was checked and whether the package's own numbers agree, in sentences."""
    manifest = found.manifest
    lines = [
        f"{name}: “{manifest.title}”, version {manifest.version}, {manifest.mode} sessions.",
        f"SHA-256 of the package: {found.sha256}",
        f"The database was read on {manifest.cut_at}.",
        f"All {len(manifest.files)} files are as the manifest says.",
    ]
    frozen = "gives" if found.gives_hash else "can't give (a draft, or withheld codes)"
    lines += [f"{manifests.STUDY} {frozen} the content hash.", *_headline(found.numbers)]
    for file, keys in found.differs.items():
        lines.append(f"{file} {f'differs in {some(keys)}' if keys else 'agrees to the last digit'}.")
    return "\n".join(lines) + "\n"


def _headline(numbers: dict[str, Any], of: str = "") -> list[str]:
    if "conditions" in numbers:
        told = [
            line for name, each in numbers["conditions"].items() for line in _headline(each, f" of {name}")
        ]
        return told or [*numbers.get("undefined", {}).values()]
    values = [(key, numbers.get(key)) for key in ("accuracy", "sigma", "sigma_ddof1", "kappa")]
    return [f"{key}{of}: {'undefined' if value is None else value}" for key, value in values]
