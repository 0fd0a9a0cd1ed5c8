"""machine.json: what is written is read again, and everything else is refused by its place."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from analysis.machine.errors import UnreadableMachine
from analysis.machine.files import machine_json, read_machine
from tests.analysis.machine.machines import machine

SCHEMA = Path(__file__).parents[3] / "analysis" / "machine" / "machine.schema.json"


def test_a_machine_is_read_as_it_was_written(tmp_path: Path) -> None:
    found = machine()
    (tmp_path / "machine.json").write_text(machine_json(found), "utf-8")
    assert read_machine(tmp_path / "machine.json") == found
    assert read_machine(machine_json(found).encode()) == found


def test_the_file_is_as_its_schema_says() -> None:
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator(schema).validate(json.loads(machine_json(machine())))


def _set(*path: Any, value: Any) -> Callable[[Any], None]:
    def change(values: Any) -> None:
        for step in path[:-1]:
            values = values[step]
        values[path[-1]] = value

    return change


def _drop(*path: Any) -> Callable[[Any], None]:
    def change(values: Any) -> None:
        for step in path[:-1]:
            values = values[step]
        del values[path[-1]]

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_set("extra", value=1), "machine.json has the unknown key 'extra'."),
        (_drop("sharpness"), "machine.json lacks 'sharpness'."),
        (_set("format", value="earsight.machine/9"), "is not the listening of a machine"),
        (_set("sharpness", value="sharp"), "'sharpness' is no number"),
        (_set("sharpness", value=True), "'sharpness' is no number"),
        (_set("music", value="loud"), "'music' is 'loud', not own or exchanged"),
        (_set("features", value=["tempo"]), "'features' must be notes_per_second"),
        (_set("trials", value=[]), "'trials' needs at least one trial"),
        (_set("trials", 2, value=7), "'trials[2]' is no object"),
        (_set("trials", 2, "guess", value=7), "trials[2] has the unknown key 'guess'."),
        (_set("trials", 2, "trial", value=1), "'trials' needs at least one trial, each once"),
        (_set("trials", 2, "heard", value=[1, 2]), "trials[2]: 'heard' has 2 values for 3 options"),
        (_set("trials", 2, "truth", value="9"), "trials[2]: 'truth' must be one of the options"),
        (_set("trials", 0, "probability", "naive", value=[0.5, 0.5, 0.5]), "sum to 1"),
        (_set("trials", 0, "probability", "model", value=[2, -1, 0]), "sum to 1"),
        (_set("trials", 0, "probability", "other", value=[1]), "trials[0].probability has the unknown key"),
        (_set("trials", 0, "features", value=[1.0]), "'features' has 1 values for 6 features"),
        (_set("examples", 0, "features", 0, value="many"), "examples[0]: 'features' is no number"),
        (_set("spots", 3, "role", value="star"), "spots[3]: 'role' is 'star'"),
        (_set("explained", value=[1]), "'explained' needs two numbers"),
    ],
)
def test_whatever_is_wrong_is_named(change: Callable[[Any], None], sentence: str) -> None:
    values = json.loads(machine_json(machine(4)))
    change(values)
    with pytest.raises(UnreadableMachine) as refusal:
        read_machine(json.dumps(values).encode())
    assert sentence in str(refusal.value)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[1, 2]", b"{", b"NaN", b"[" * 100_000])
def test_what_is_no_machine_at_all_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableMachine):
        read_machine(content)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableMachine, match=r"no\.json can't be opened"):
        read_machine(tmp_path / "no.json")
