"""Set-up on machines that lack something: installed where we may, named in one line where we may not."""

import os
import subprocess
from pathlib import Path

import pytest

from scripts import install

SYSTEM_TOOLS = ("bash", "env", "cat")


@pytest.fixture
def bare_machine(tmp_path: Path) -> Path:
    """A folder that holds the only programs of a machine: a few tools, `id` of a plain user, no sudo."""
    for tool in SYSTEM_TOOLS:
        (tmp_path / tool).symlink_to(f"/bin/{tool}" if Path(f"/bin/{tool}").exists() else f"/usr/bin/{tool}")
    program(tmp_path / "id", "echo 1000")
    program(tmp_path / "apt-get", f'echo "$@" >> {tmp_path}/asked')
    return tmp_path


def program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/bash\n{body}\n")
    path.chmod(0o755)


def system_packages(machine: Path, repository: Path, *packages: str) -> subprocess.CompletedProcess[str]:
    script = repository / "scripts" / "system_packages.sh"
    return subprocess.run(
        ["/bin/bash", str(script), *packages], env={"PATH": str(machine)}, capture_output=True, text=True
    )


def test_nothing_happens_where_all_is_there(bare_machine: Path, repository: Path) -> None:
    program(bare_machine / "google-chrome", "")
    result = system_packages(bare_machine, repository, "chromium:chromium,google-chrome", "cat")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_plain_user_is_told_the_one_command(bare_machine: Path, repository: Path) -> None:
    result = system_packages(bare_machine, repository, "fluidsynth", "chromium:chromium,google-chrome")
    assert result.returncode == 1
    assert result.stderr == (
        "Earsight needs fluidsynth chromium: "
        "run 'sudo apt-get install -y fluidsynth chromium' and then repeat.\n"
    )


def test_root_installs_only_what_is_missing(bare_machine: Path, repository: Path) -> None:
    program(bare_machine / "id", "echo 0")
    result = system_packages(bare_machine, repository, "fluidsynth", "cat")
    assert result.returncode == 0, result.stderr
    asked = (bare_machine / "asked").read_text().splitlines()
    assert asked == ["update -qq", "install -y -qq --no-install-recommends fluidsynth"]


def test_a_changed_requirement_asks_for_a_new_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "VENV", tmp_path)
    (tmp_path / "requirements.txt").write_text("Django==5.2.19\n")
    (tmp_path / "requirements-dev.txt").write_text("-r requirements.txt\npytest==9.2.0\n")
    install.stamp_of("dev").write_text(install.fingerprint("dev"))
    assert [install.is_installed(kind) for kind in ("run", "dev")] == [True, True]
    os.truncate(tmp_path / "requirements.txt", 0)
    assert [install.is_installed(kind) for kind in ("run", "dev")] == [False, False]


def test_an_unknown_kind_is_refused_with_the_choices() -> None:
    with pytest.raises(install.SetupError, match="run or dev"):
        install.main("everything")
