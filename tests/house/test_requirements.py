"""The requirement files: exact versions, and nothing under a licence that our users could not accept."""

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PINNED = re.compile(r"[A-Za-z0-9._-]+(\[[a-z0-9,-]+\])?==[A-Za-z0-9.+!]+")
STRONG_COPYLEFT = re.compile(r"(?<!L)(A?GPL)|(?<!Lesser )General Public License", re.IGNORECASE)


def lines(path: Path) -> list[str]:
    """The requirement lines of a file, without comments."""
    return [line for raw in path.read_text().splitlines() if (line := raw.split("#")[0].strip())]


def closure(requirement: str, seen: set[tuple[str, frozenset[str]]]) -> Iterator[Distribution]:
    """The installed distribution of `requirement` and of everything it depends on."""
    wanted = Requirement(requirement)
    key = (wanted.name.lower(), frozenset(wanted.extras))
    if key in seen:
        return
    seen.add(key)
    found = distribution(wanted.name)
    yield found
    for line in found.requires or []:
        needed = Requirement(line)
        extras = wanted.extras or {""}
        if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
            yield from closure(line, seen)


def licence(package: Distribution) -> str:
    """What the package's metadata says of its licence, in one line."""

    def field(name: str) -> list[str]:
        return [str(value) for value in package.metadata.get_all(name) or []]

    classifiers = [name for name in field("Classifier") if name.startswith("License ::")]
    return "; ".join(field("License-Expression") or classifiers or field("License"))


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-mixed.txt"])
def test_every_requirement_is_pinned_exactly(repository: Path, name: str) -> None:
    loose = [line for line in lines(repository / name) if not PINNED.fullmatch(line) and line[:2] != "-r"]
    assert loose == []


def test_development_requirements_start_from_the_product(repository: Path) -> None:
    assert lines(repository / "requirements-dev.txt")[0] == "-r requirements.txt"


def test_the_installed_versions_are_the_pinned_ones(repository: Path) -> None:
    both = lines(repository / "requirements.txt") + lines(repository / "requirements-dev.txt")[1:]
    wrong = [line for line in both if not installed_as_pinned(Requirement(line))]
    assert wrong == []


def installed_as_pinned(requirement: Requirement) -> bool:
    return requirement.specifier.contains(distribution(requirement.name).version)


def test_nothing_at_run_time_is_under_gpl_or_agpl(repository: Path) -> None:
    seen: set[tuple[str, frozenset[str]]] = set()
    packages = [found for line in lines(repository / "requirements.txt") for found in closure(line, seen)]
    copyleft = {p.name: licence(p) for p in packages if STRONG_COPYLEFT.search(licence(p))}
    assert len(packages) > 50
    assert copyleft == {}
