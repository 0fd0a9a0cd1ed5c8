"""A report's folder is refused early and changed in one move."""

from __future__ import annotations

from pathlib import Path

import pytest

from synvae_core.report.folder import ReportError, check_folder, publish


def fill(text: str = "one") -> object:
    def filled(folder: Path) -> None:
        (folder / "sounds").mkdir()
        (folder / "sounds" / "a.mp3").write_text(text)

    return filled


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def written(folder: Path, text: str = "one") -> str:
    """The name of the folder that the page points to."""
    publish(folder, fill(text), lambda name: f"page of {name}")  # type: ignore[arg-type]
    return (folder / "index.html").read_text().removeprefix("page of ")


def test_a_page_points_to_its_files(tmp_path: Path) -> None:
    name = written(tmp_path / "new" / "out")
    assert everything(tmp_path / "new" / "out") == ["index.html", f"{name}/sounds/a.mp3"]


def test_writing_again_gives_the_same_or_replaces_the_old(tmp_path: Path) -> None:
    first = written(tmp_path)
    assert written(tmp_path) == first
    second = written(tmp_path, "two")
    assert second != first
    assert everything(tmp_path) == ["index.html", f"{second}/sounds/a.mp3"]


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    (tmp_path / "report-2026").mkdir()
    (tmp_path / "report-2026" / "thesis.tex").write_text("mine")
    (tmp_path / ".report-99.part").mkdir()  # a killed run's
    name = written(tmp_path)
    ours = ["index.html", f"{name}/sounds/a.mp3"]
    assert everything(tmp_path) == sorted([*ours, "report-2026/thesis.tex"])
    assert not (tmp_path / ".report-99.part").exists()


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_run_that_fails_leaves_the_old_report(tmp_path: Path, failure: BaseException) -> None:
    name = written(tmp_path)

    def fails(folder: Path) -> None:
        (folder / "half").write_text("half")
        raise failure

    wanted = ReportError if isinstance(failure, OSError) else KeyboardInterrupt
    with pytest.raises(wanted) as told:
        publish(tmp_path, fails, lambda name: "new")
    assert wanted is KeyboardInterrupt or "No space left on device" in str(told.value)
    assert everything(tmp_path) == ["index.html", f"{name}/sounds/a.mp3"]


def test_places_that_cannot_be_are_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a")
    (tmp_path / "taken" / "index.html").mkdir(parents=True)
    for place, sentence in (
        ("file", "is a file, and a report needs a folder"),
        ("file/below", "is a file, and a report needs a folder"),
        ("taken", "index.html is a folder; remove it"),
    ):
        with pytest.raises(ReportError, match=sentence):
            check_folder(tmp_path / place)
    with pytest.raises(ReportError, match="cannot be written to"):
        check_folder(Path("/proc/report"))
